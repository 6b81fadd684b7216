#include "traffic/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "traffic/node.h"
#include "traffic/read_statement.h"

namespace segue::traffic {
namespace {

const std::vector<std::string> file_keys = {"traffic",  "about",     "load", "session", "role",       "claims",
                                            "settings", "reprepare", "vars", "pools",   "statements", "checks"};

Status read_load(const Node& node, File& file) {
  const auto members = TRY(node.members({"connections", "rate", "protocol"}));
  if (const auto* connections = find(members, "connections")) {
    const double number = TRY(connections->number(1, 1000));
    file.connections = static_cast<int>(number);
    if (file.connections != number) return connections->error("a whole number of connections is expected");
  }
  if (const auto* rate = find(members, "rate")) file.rate = TRY(rate->number(0.01, 1e6));
  if (const auto* protocol = find(members, "protocol")) {
    const auto word = TRY(protocol->text());
    if (word != "simple" && word != "prepared") return protocol->unknown("protocol", word, {"simple", "prepared"});
    file.protocol = word == "simple" ? Protocol::simple : Protocol::prepared;
  }
  return {};
}

Result<std::vector<StartQuery>> read_queries(const Node& node) {
  std::vector<StartQuery> queries;
  for (const auto& [name, query] : TRY(node.members())) {
    if (name.find('.') != std::string::npos) return query.error(fmt::format("`{}`: a name has no dot", name));
    queries.push_back({name, TRY(query.text()), query.where()});
  }
  return queries;
}

Result<TableCheck> read_check(const Node& node) {
  TableCheck check;
  check.where = node.where();
  if (!node.is_map()) {
    check.query = TRY(node.text());
    return check;
  }
  const auto members = TRY(node.members({"query", "kept", "ignore"}));
  if (const auto* query = find(members, "query")) check.query = TRY(query->text());
  if (const auto* kept = find(members, "kept")) check.kept = TRY(kept->text());
  if (check.query.empty() && check.kept.empty()) return node.error("a check needs `query` or `kept`");
  if (const auto* ignore = find(members, "ignore")) {
    for (const auto& column : TRY(ignore->items())) check.ignore.push_back(TRY(column.text()));
  }
  return check;
}

Status read_statements(const Node& node, File& file, const Statement& defaults) {
  double total = 0;
  for (const auto& item : TRY(node.items())) {
    auto statement = TRY(read_statement(item, file, defaults));
    const bool taken = std::any_of(file.statements.begin(), file.statements.end(),
                                   [&](const auto& other) { return other.name == statement.name; });
    if (taken) return item.error(fmt::format("there is a statement `{}` already", statement.name));
    total += statement.weight;
    file.statements.push_back(std::move(statement));
  }
  if (file.statements.empty()) return node.error("there is no statement");
  if (total <= 0) return node.error("every statement has the weight 0");
  return {};
}

// The whole of it but for the statements' own keys; the order is that of what refers to what.
Result<File> read_members(const Node& root) {
  const auto members = TRY(root.members(file_keys));
  File file;
  file.path = root.path();
  const auto *name = find(members, "traffic"), *statements = find(members, "statements");
  if (name == nullptr) return root.error("the file needs `traffic: NAME`");
  if (statements == nullptr) return root.error("the file needs `statements`");
  file.name = TRY(name->name());
  if (const auto* about = find(members, "about")) file.about = TRY(about->text());
  if (const auto* load = find(members, "load")) TRY(read_load(*load, file));
  if (const auto* session = find(members, "session")) {
    for (const auto& [setting, value] : TRY(session->members())) file.session.emplace_back(setting, TRY(value.text()));
  }
  if (const auto* vars = find(members, "vars")) file.vars = TRY(read_queries(*vars));
  if (const auto* pools = find(members, "pools")) file.pools = TRY(read_queries(*pools));

  Statement defaults;
  Scope scope{file, {}, {}, {}};
  TRY(read_identity(members, scope, defaults.identity));
  if (const auto* reprepare = find(members, "reprepare")) defaults.reprepare = TRY(reprepare->truth());
  TRY(read_statements(*statements, file, defaults));
  if (const auto* checks = find(members, "checks")) {
    for (const auto& [table, check] : TRY(checks->members())) file.checks.emplace_back(table, TRY(read_check(check)));
  }
  return file;
}

}  // namespace

Result<File> read_text(const std::string& text, const std::string& path) {
  try {
    return read_members(Node(YAML::Load(text), path));
  } catch (const YAML::Exception& problem) {
    const auto where = fmt::format("{}:{}:{}", path, problem.mark.line + 1, problem.mark.column + 1);
    return usage_error("this is not YAML: " + problem.msg, "", where);
  }
}

Result<File> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in || !text) return usage_error("the traffic file cannot be read", "check the path and its rights", path);
  return read_text(text.str(), path);
}

}  // namespace segue::traffic
