// What the server that is told, by --pg, the settings or the database, is too old for.
#include <fmt/format.h>

#include <unordered_map>

#include "base/text.h"
#include "lint/rules/help.h"

namespace segue::lint {
namespace {

struct Newer {
  std::string what;
  int since = 0;
};

Newer of_table_command(const Action& action) {
  const Node definition = action.command["def"];
  if (action.subtype == "AT_DetachPartition" && definition["concurrent"].truth())
    return {"DETACH PARTITION … CONCURRENTLY", 14};
  if (action.subtype == "AT_DetachPartitionFinalize") return {"DETACH PARTITION … FINALIZE", 14};
  if (action.subtype == "AT_SetCompression") return {"SET COMPRESSION", 14};
  if (action.subtype == "AT_SetAccessMethod") return {"SET ACCESS METHOD", 15};
  return {};
}

// Anywhere in the tree: constraints, columns.
Newer of_part(Node node) {
  if (node["nulls_not_distinct"].truth()) return {"NULLS NOT DISTINCT", 15};
  if (node.is("Constraint") && !node["fk_del_set_cols"].empty())
    return {"ON DELETE SET NULL with a list of columns", 15};
  if (node.is("ColumnDef") && !node["compression"].text().empty()) return {"COMPRESSION", 14};
  return {};
}

// A function of PostgreSQL that came later, unless the name is somebody else's.
Newer of_call(const Visit& visit, Node call) {
  static const std::unordered_map<std::string, int> since = {
      {"gen_random_uuid", 13}, {"date_bin", 14},  {"string_to_table", 14}, {"regexp_count", 15},
      {"regexp_like", 15},     {"any_value", 16}, {"random_normal", 16},   {"uuidv4", 18},
      {"uuidv7", 18},          {"casefold", 18},
  };
  const QualifiedName name = sql::name_of_list(call["funcname"]);
  const auto found = since.find(name.name);
  if (found == since.end() || (!name.schema.empty() && name.schema != "pg_catalog")) return {};
  const bool of_an_extension = name.name == "gen_random_uuid" && visit.schema.extensions.contains("pgcrypto");
  if (of_an_extension || visit.schema.function(name) != nullptr) return {};
  return {name.name + "()", found->second};
}

Newer of_statement(const Visit& visit) {
  const Node tree = visit.tree;
  if (tree.is("MergeStmt")) return {"MERGE", 15};
  if (tree.is("ViewStmt") && sql::option(tree["options"], "security_invoker")) return {"security_invoker", 15};
  if (tree.is("CreateTrigStmt") && tree["replace"].truth()) return {"CREATE OR REPLACE TRIGGER", 14};
  if (tree.is("CreateFunctionStmt") && tree["sql_body"]) return {"a function body without quotes", 14};
  if (tree.is("CopyStmt") && sql::option(tree["options"], "on_error")) return {"COPY … ON_ERROR", 17};
  if (tree.is("VariableSetStmt") && tree["name"].text() == "transaction_timeout") return {"transaction_timeout", 17};
  if (tree.is("CreateStatsStmt")) {
    for (const Node each : tree["exprs"])
      if (each["expr"]) return {"CREATE STATISTICS on an expression", 14};
  }
  return {};
}

void newer_than_server(Visit& visit) {
  // Which server it is has to be known: a guess would be wrong for everybody who runs a newer one.
  if (!visit.run.settings.version_given && !visit.schema.from_database) return;
  const int version = visit.version();
  const auto tell = [&](const Newer& newer) {
    if (newer.since <= version) return false;
    visit.report(fmt::format("{} came with PostgreSQL {}: on {} the statement fails", newer.what, newer.since, version))
        .safe_form = fmt::format("-- without it, or on PostgreSQL {} and later", newer.since);
    return true;
  };
  if (tell(of_statement(visit))) return;
  for (const Action& action : visit.facts.actions) {
    if (tell(of_table_command(action))) return;
  }
  bool told = false;
  sql::walk(visit.tree, [&](Node node) {
    if (!told) told = tell(node.is("FuncCall") ? of_call(visit, node) : of_part(node));
    return !told;
  });
}

}  // namespace

Rules version_rules() {
  return {
      {"newer-than-server",
       Severity::error,
       "a statement that the server is too old for",
       {"C6"},
       "It is a syntax error, or names what is not there, and nothing of it is made. It is looked for where the "
       "version "
       "is known: --pg, postgres: in the settings, --database.",
       "What the version has, or a newer server.",
       {},
       newer_than_server},
  };
}

}  // namespace segue::lint
