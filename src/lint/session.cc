#include "lint/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "lint/replay.h"
#include "sql/embedded.h"

namespace segue::lint {

Session::Session(const Settings& settings, Schema& schema) : settings_(settings), schema_(schema), findings_(settings) {
  for (const Rule& rule : all_rules()) {
    const auto chosen = settings.rules.find(rule.code);
    const Severity severity = chosen == settings.rules.end() ? rule.severity : chosen->second;
    if (rule.check == nullptr || severity == Severity::off) continue;
    if (rule.statements.empty()) for_all_.push_back(&rule);
    for (const std::string_view tag : rule.statements) by_tag_[tag].push_back(&rule);
  }
}

namespace {

// The statements of all DO blocks of a file, at their places: read once, however many blocks there are.
std::optional<sql::Source> code_of(const File& file) {
  const std::string& text = file.source.text();
  std::vector<sql::Range> statements;
  for (const sql::Statement& statement : file.source.statements()) {
    if (!statement.tree.is("DoStmt")) continue;
    const sql::Range body = sql::quoted_body(text, statement.piece.begin, statement.piece.end);
    if (body.end <= body.begin) continue;
    const sql::Code code = sql::read_code(text, body.begin, body.end);
    statements.insert(statements.end(), code.statements.begin(), code.statements.end());
  }
  if (statements.empty()) return std::nullopt;
  return sql::Source(sql::only(text, statements));
}

// What a line of psql hides: other files, statements that a query writes, commands of the shell.
std::string hidden_by(std::string_view line) {
  const std::size_t end = std::min(line.find_first_of(" \t\r\n"), line.size());
  const std::string_view command = line.substr(1, end - 1);
  if (command == "i" || command == "ir" || command == "include" || command == "include_relative")
    return fmt::format("psql runs {} here; it is read only if it is given too, and then in its own place",
                       trim(line.substr(end)));
  if (command == "gexec") return "\\gexec runs what the query returns: its locks and effects are not known here";
  if (command.starts_with("!")) return "psql runs a command of the shell here: what it does is not known";
  return {};
}

}  // namespace

void Session::read_meta_lines(const File& file, std::size_t number) {
  const std::string& text = file.source.text();
  for (const sql::Range& line : file.source.script().meta_lines) {
    const std::string message = hidden_by(std::string_view(text).substr(line.begin, line.end - line.begin));
    if (!message.empty()) findings_.add(*find_rule("opaque-code"), number, line, message);
  }
}

// What rules remember of one file only. The topics of a run are many, those of a file few, and they stand together.
void Session::forget_file() {
  constexpr std::string_view mark = "file:";
  auto topic = memory_.lower_bound(mark);
  while (topic != memory_.end() && topic->first.starts_with(mark)) topic = memory_.erase(topic);
}

void Session::take(const File& file, std::size_t number) {
  const std::optional<sql::Source> code = code_of(file);
  explicit_transaction_ = false;
  forget_file();
  // Tools run each file in a session of its own, or make it as new.
  schema_.search_path = schema_.usual_search_path;
  schema_.search_path_before_local.reset();
  if (!file.is_history) read_meta_lines(file, number);
  const Section* section = nullptr;
  for (const sql::Statement& statement : file.source.statements()) {
    const Section& here = file.layout.section_at(statement.piece.begin);
    if (section != &here) explicit_transaction_ = false;
    section = &here;
    take_statement(file, number, statement, here, false);
    if (code && statement.tree.is("DoStmt")) look_into_code(file, number, statement, *code, here);
  }
}

void Session::take_statement(const File& file, std::size_t number, const sql::Statement& statement,
                             const Section& section, bool in_code) {
  if (!file.is_history) {
    const sql::Facts facts = sql::facts_of(statement, settings_.version, schema_);
    Run run{settings_, schema_, memory_, findings_, conditions_, nullptr};
    Visit visit(run, file, number, statement, facts, section,
                section.in_transaction || explicit_transaction_ || in_code);
    visit.in_code = in_code;
    if (const auto found = by_tag_.find(statement.tree.tag()); found != by_tag_.end()) {
      ask(found->second, run.rule, visit);
    }
    if (!facts.actions.empty()) ask_by_command(facts, run.rule, visit);
    ask(for_all_, run.rule, visit);
  }
  if (!statement.tree) return;
  follow_transaction(statement);
  if (section.direction == Direction::up) {
    replay(schema_, statement, file.is_history ? from_before : static_cast<int>(number));
  }
}

void Session::ask(const std::vector<const Rule*>& rules, const Rule*& asked, Visit& visit) {
  for (const Rule* rule : rules) {
    asked = rule;
    rule->check(visit);
  }
}

// Rules that look at commands of ALTER TABLE, each once however many commands it looks at.
void Session::ask_by_command(const sql::Facts& facts, const Rule*& asked, Visit& visit) {
  std::vector<const Rule*> rules;
  rules.reserve(32);
  for (std::size_t index = 0; index < facts.actions.size(); ++index) {
    const std::string_view subtype = facts.actions[index].subtype;
    const bool met = std::any_of(facts.actions.begin(), facts.actions.begin() + static_cast<std::ptrdiff_t>(index),
                                 [&](const sql::Action& each) { return each.subtype == subtype; });
    const auto found = met ? by_tag_.end() : by_tag_.find(subtype);
    if (found == by_tag_.end()) continue;
    for (const Rule* rule : found->second) {
      if (std::find(rules.begin(), rules.end(), rule) == rules.end()) rules.push_back(rule);
    }
  }
  ask(rules, asked, visit);
}

// The statements of a DO block run where it stands, inside a transaction.
void Session::look_into_code(const File& file, std::size_t number, const sql::Statement& block, const sql::Source& code,
                             const Section& section) {
  const auto& statements = code.statements();
  auto each = std::lower_bound(statements.begin(), statements.end(), block.piece.begin,
                               [](const sql::Statement& one, std::size_t at) { return one.piece.begin < at; });
  for (; each != statements.end() && each->piece.end <= block.piece.end; ++each) {
    // What PL/pgSQL adds to SQL (PERFORM, INTO) is no error of the file.
    if (each->tree) take_statement(file, number, *each, section, true);
  }
}

void Session::follow_transaction(const sql::Statement& statement) {
  if (!statement.tree.is("TransactionStmt")) return;
  const std::string_view kind = statement.tree["kind"].text();
  if (kind == "TRANS_STMT_BEGIN" || kind == "TRANS_STMT_START") explicit_transaction_ = true;
  if (kind == "TRANS_STMT_COMMIT" || kind == "TRANS_STMT_ROLLBACK") explicit_transaction_ = false;
}

void Session::finish() {
  for (const Rule& rule : all_rules()) {
    if (rule.at_end == nullptr) continue;
    Run run{settings_, schema_, memory_, findings_, conditions_, &rule};
    rule.at_end(run);
  }
}

}  // namespace segue::lint
