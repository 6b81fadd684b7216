#include "lint/session.h"

#include <algorithm>

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

void Session::take(const File& file, std::size_t number) {
  explicit_transaction_ = false;
  // What rules remember of one file only.
  std::erase_if(memory_, [](const auto& topic) { return topic.first.starts_with("file:"); });
  const Section* section = nullptr;
  for (const sql::Statement& statement : file.source.statements()) {
    const Section& here = file.layout.section_at(statement.piece.begin);
    if (section != &here) explicit_transaction_ = false;
    section = &here;
    take_statement(file, number, statement, here, false);
    if (statement.tree.is("DoStmt")) look_into_code(file, number, statement, here);
  }
}

void Session::take_statement(const File& file, std::size_t number, const sql::Statement& statement,
                             const Section& section, bool in_code) {
  if (!file.is_history) {
    const sql::Facts facts = sql::facts_of(statement, settings_.version, schema_);
    Run run{settings_, schema_, memory_, findings_, nullptr};
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
void Session::look_into_code(const File& file, std::size_t number, const sql::Statement& statement,
                             const Section& section) {
  const std::string& text = file.source.text();
  const sql::Range body = sql::quoted_body(text, statement.piece.begin, statement.piece.end);
  if (body.end <= body.begin) return;
  const sql::Code code = sql::read_code(text, body.begin, body.end);
  if (code.statements.empty()) return;
  const sql::Source inner(sql::only(text, code.statements));
  for (const sql::Statement& each : inner.statements()) {
    // What PL/pgSQL adds to SQL (PERFORM, INTO) is no error of the file.
    if (each.tree) take_statement(file, number, each, section, true);
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
    Run run{settings_, schema_, memory_, findings_, &rule};
    rule.at_end(run);
  }
}

}  // namespace segue::lint
