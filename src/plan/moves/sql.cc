// sql: the user's own statements, each with the lock that it takes and the undo that follows from what it makes.
//
// What touches only objects that the same text makes is one step with them: its undo is that they go.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "pg/quote.h"
#include "plan/actions.h"
#include "plan/moves/create_table.h"
#include "plan/moves/move.h"
#include "plan/moves/new_column.h"
#include "plan/moves/old_names.h"
#include "plan/moves/sql_undo.h"
#include "plan/tables.h"
#include "sql/facts.h"
#include "sql/types.h"

namespace segue::plan {
namespace {

using migration::SqlMove;

struct Read {
  const sql::Statement* statement = nullptr;
  sql::Facts facts;
};

// The file's placeholders are no SQL: a number stands in for them while it is parsed, byte for byte.
std::string without_placeholders(const migration::Text& text) {
  std::string plain = text.value;
  for (const auto& hole : migration::find_placeholders(text)) {
    if (hole.length == 0) continue;
    std::fill_n(plain.begin() + static_cast<std::ptrdiff_t>(hole.offset), hole.length, ' ');
    plain[hole.offset] = '0';
  }
  return plain;
}

// One entry a statement; what cannot be read stays whole, and the server says what is wrong with it.
std::vector<std::string> statements_of(const migration::Text& text) {
  const sql::Source source(without_placeholders(text));
  std::vector<std::string> statements;
  for (const auto& one : source.statements()) {
    if (one.error) return {text.value};
    statements.push_back(text.value.substr(one.piece.begin, one.piece.end - one.piece.begin));
  }
  return statements;
}

class SqlCompiler {
 public:
  SqlCompiler(Draft& draft, const SqlMove& move) : draft_(draft), move_(move) {}

  Status compile() {
    const sql::Source source(without_placeholders(move_.sql));
    for (const auto& statement : source.statements()) {
      if (statement.error) {
        refuse(statement, "cannot-analyse", fmt::format("this cannot be read: {}", statement.error->message),
               "segue reads SQL as PostgreSQL 15 does");
        continue;
      }
      TRY(take({&statement, sql::facts_of(statement, {draft_.connection.server_version()})}));
    }
    flush();
    return {};
  }

 private:
  void refuse(const sql::Statement& statement, const std::string& code, const std::string& message,
              const std::string& hint) {
    draft_.hazard(code, message, migration::position_in(move_.sql, statement.piece.begin), hint);
  }

  // As the user wrote it, placeholders included.
  std::string own_text(const sql::Statement& statement) const {
    return move_.sql.value.substr(statement.piece.begin, statement.piece.end - statement.piece.begin);
  }

  bool made_here(const sql::QualifiedName& name) const { return made_.contains(name_of(name)); }

  // Objects that were there before and that this statement locks so that somebody waits, or changes.
  std::vector<LockOn> locks(const sql::Facts& facts) const {
    std::vector<LockOn> found;
    for (const auto& object : facts.objects) {
      const bool lockable = object.kind == "table" || object.kind == "view" || object.kind == "materialized view";
      if (!lockable || object.lock < sql::Lock::row_share || object.role == sql::Role::creates) continue;
      if (!made_here(object.name)) found.push_back({name_of(object.name), std::string(sql::name_of(object.lock))});
    }
    return found;
  }

  bool only_own_objects(const sql::Facts& facts) const {
    return std::all_of(facts.objects.begin(), facts.objects.end(), [&](const auto& object) {
      return object.role == sql::Role::creates || object.role == sql::Role::refers || made_here(object.name);
    });
  }

  Status take(const Read& read) {
    const auto& facts = read.facts;
    const auto found = locks(facts);
    const bool own = found.empty() && facts.transactional && only_own_objects(facts);
    if (!own) flush();
    TRY(append(read, found));
    if (!own) flush();
    return {};
  }

  Status append(const Read& read, const std::vector<LockOn>& found) {
    const auto text = own_text(*read.statement);
    const auto undo = undo_of(*read.statement, read.facts, made_);
    if (!undo && move_.undo.empty()) {
      refuse(*read.statement, "no-undo", fmt::format("{}: its way back cannot be derived", read.facts.word),
             "write it beside the move: `undo: SQL`");
    }
    if (read.statement->tree["if_not_exists"].truth() || read.statement->tree["missing_ok"].truth()) {
      refuse(
          *read.statement, "if-not-exists",
          fmt::format("{} with IF [NOT] EXISTS does one thing or another, and its way back cannot tell which",
                      read.facts.word),
          "say what is to be done on this database: the plan is made for it and fails at once where it does not fit");
    }
    if (becomes_concurrent(read, found)) return append_concurrent(read, text);
    const bool others_wait = read.facts.blocks != sql::Blocks::none && !found.empty();
    if (others_wait && (read.facts.scans || read.facts.rewrites)) {
      if (allowed(*read.statement)) {
        step_.up.may_take_long = true;
      } else {
        refuse(*read.statement, "scan-under-lock",
               fmt::format("{} {} the whole table under {}, and {} wait for it", read.facts.word,
                           read.facts.rewrites ? "rewrites" : "reads", sql::name_of(read.facts.lock),
                           read.facts.blocks == sql::Blocks::writes ? "writes" : "reads and writes"),
               "segue lint shows the form that does not block; to accept it: -- segue:allow scan-under-lock REASON");
      }
    }
    step_.up.sql.push_back(text);
    step_.up.locks.insert(step_.up.locks.end(), found.begin(), found.end());
    step_.scans = step_.scans || (read.facts.scans && !found.empty());
    step_.rewrites = step_.rewrites || (read.facts.rewrites && !found.empty());
    if (!read.facts.transactional) {
      step_.up.kind = ActionKind::concurrent;
      if (const auto* index = read.facts.first(sql::Role::creates)) step_.up.object = name_of(index->name);
    }
    if (step_.kind.empty()) step_.kind = read.facts.word;
    if (undo && !undo->empty()) undo_.push_back(*undo);
    for (const auto& object : read.facts.objects) {
      if (object.role == sql::Role::creates) made_.insert(name_of(object.name));
    }
    if (move_.phase.value >= Phase::switch_over) TRY(note_old_names(draft_, *read.statement, read.facts));
    if (read.facts.kind == sql::Kind::create_table) TRY(register_table(*read.statement));
    if (read.facts.kind == sql::Kind::alter_table) TRY(keep_new_columns(read));
    if (read.facts.kind == sql::Kind::rename) TRY(refuse_rename_of_new(*read.statement));
    return {};
  }

  // The author has written `-- segue:allow …` before the statement.
  bool allowed(const sql::Statement& statement) const {
    const auto& piece = statement.piece;
    return move_.sql.value.substr(piece.lead, piece.begin - piece.lead).find("segue:allow") != std::string::npos;
  }

  bool becomes_concurrent(const Read& read, const std::vector<LockOn>& found) const {
    return read.facts.kind == sql::Kind::create_index && read.facts.transactional && !found.empty() &&
           !read.statement->tree["idxname"].text().empty() && !read.statement->tree["if_not_exists"].truth();
  }

  // CREATE INDEX on a table that is in use: the same index, without anybody waiting for it.
  Status append_concurrent(const Read& read, const std::string& text) {
    const auto word = lower(text).find("index");
    const auto index = read.statement->tree["idxname"].string();
    step_.up = concurrently(text.substr(0, word + 5) + " CONCURRENTLY" + text.substr(word + 5), pg::quote_name(index));
    step_.kind = "CREATE INDEX CONCURRENTLY";
    step_.rewritten_from = text;
    step_.scans = true;
    undo_.push_back("DROP INDEX CONCURRENTLY IF EXISTS " + pg::quote_name(index));
    return {};
  }

  Status register_table(const sql::Statement& statement) {
    auto table = read_create_table(statement);
    // A table that is made goes with its rows: they are kept aside on the way back, and come back first of all.
    KeepRule rule;
    rule.table = table.quoted();
    rule.before_switch = rule.after_switch = "true";
    rule.reason = "its table goes";
    rule.what = KeepWhat::whole_table;
    rule.seal_before_switch = rule.seal_after_switch = "false";
    step_.keep.push_back(rule);
    made_tables_.push_back(table.quoted());
    draft_.will_make(std::move(table));
    return {};
  }

  Result<std::optional<Table>> table_of(const sql::QualifiedName& name) { return draft_.table(as_written(name)); }

  void note_new_column(const sql::Action& action, const Table& table) {
    if (action.subtype != "AT_AddColumn") return;
    const auto definition = action.command["def"];
    Draft::NewColumn known{sql::type_text(definition["typeName"]), false, move_.phase.value};
    for (const auto constraint : definition["constraints"]) {
      const auto kind = constraint["contype"].text();
      known.has_default = known.has_default || kind == "CONSTR_DEFAULT";
      if (kind != "CONSTR_IDENTITY" || constraint["generated_when"].text() != "a") continue;
      draft_.hazard("identity-always",
                    fmt::format("{}.{} is GENERATED ALWAYS: its numbers could not come back after a rollback",
                                table.display(), definition["colname"].text()),
                    migration::position_in(move_.sql, definition.location()), "GENERATED BY DEFAULT AS IDENTITY");
    }
    draft_.will_add(table, definition["colname"].string(), known);
  }

  // What is kept of a column is kept by its name.
  Status refuse_rename_of_new(const sql::Statement& statement) {
    if (statement.tree["renameType"].text() != "OBJECT_COLUMN") return {};
    const auto table = TRY(table_of(sql::name_of_relation(statement.tree["relation"])));
    const auto column = statement.tree["subname"].string();
    if (!table || draft_.added(*table, column) == nullptr) return {};
    refuse(statement, "renamed-new-column",
           fmt::format("{}.{} is added by this migration and then renamed", table->display(), column),
           "add it under the name that it is to have");
    return {};
  }

  // What the new application writes into a column that is added goes with the column on the way back: it is kept.
  Status keep_new_columns(const Read& read) {
    const auto* altered = read.facts.first(sql::Role::alters);
    if (altered == nullptr || made_here(altered->name)) return {};
    const auto table = TRY(table_of(altered->name));
    if (!table || draft_.makes(*table)) return {};
    for (const auto& action : read.facts.actions) {
      note_new_column(action, *table);
      auto rule = rule_of_new_column(action, *table, draft_.file);
      if (!rule) continue;
      if (table->key.empty()) {
        draft_.note("values-without-key",
                    fmt::format("{} has no primary key: what is written into {} until a rollback is kept aside, but "
                                "may not find its row again",
                                table->display(), rule->columns.front()),
                    migration::position_in(move_.sql, read.statement->piece.begin), "give the table a primary key");
      }
      step_.keep.push_back(std::move(*rule));
      draft_.brings_back(table->quoted(), move_.phase.value);
    }
    return {};
  }

  // The way back locks what its own statements lock: dropping takes more than making did, also on tables that are
  // referred to, and on the tables that were made, which others use by then.
  std::vector<LockOn> undo_locks(const std::vector<std::string>& statements) const {
    std::vector<LockOn> found = step_.up.locks;
    for (auto& lock : found) lock.mode = "ACCESS EXCLUSIVE";
    for (const auto& table : made_tables_) found.push_back({table, "ACCESS EXCLUSIVE"});
    for (const auto& text : statements) {
      const sql::Source source(text);
      for (const auto& statement : source.statements()) {
        if (statement.error) continue;
        const auto more = locks(sql::facts_of(statement, {draft_.connection.server_version()}));
        found.insert(found.end(), more.begin(), more.end());
      }
    }
    return found;
  }

  // The user's own: what cannot be in a transaction is an action of its own.
  std::vector<Action> undo_actions() const {
    std::vector<Action> actions;
    for (const auto& text : statements_of(move_.undo)) {
      const sql::Source source(text);
      const bool alone = !source.statements().empty() && !source.statements()[0].error &&
                         !sql::facts_of(source.statements()[0], {draft_.connection.server_version()}).transactional;
      if (alone) {
        actions.push_back(concurrently(text, step_.up.object));
      } else if (!actions.empty() && actions.back().kind == ActionKind::transaction) {
        actions.back().sql.push_back(text);
      } else {
        actions.push_back(transaction({text}, undo_locks({move_.undo.value})));
      }
    }
    return actions;
  }

  // What was gathered becomes a step.
  void flush() {
    if (step_.up.sql.empty()) return;
    step_.move = move_.sql.source.empty() ? "sql" : "sql " + move_.sql.source;
    const auto& first = step_.up.sql.front();
    const std::string line = first.substr(0, first.find_first_of("\n("));
    const std::string begin(trim(line));
    step_.title = step_.up.sql.size() == 1 ? begin : fmt::format("{} and {} more", begin, step_.up.sql.size() - 1);
    if (!move_.undo.empty()) {
      step_.down = undo_actions();
    } else if (!undo_.empty()) {
      std::reverse(undo_.begin(), undo_.end());
      step_.down = {step_.up.kind == ActionKind::concurrent ? concurrently(undo_.front(), step_.up.object)
                                                            : transaction(undo_, undo_locks(undo_))};
    }
    step_.reason =
        step_.rewritten_from.empty() ? "as written" : "written as CREATE INDEX, which would block every write";
    draft_.add(move_.phase.value, Place::tables, step_);
    if (!made_tables_.empty()) {
      draft_.add(
          move_.phase.value, Place::kept,
          restore_step(step_.move, made_tables_, "before anything else is put in, so that keys stay what they were"));
    }
    step_ = Step();
    undo_.clear();
    made_tables_.clear();
  }

  Draft& draft_;
  const SqlMove& move_;
  Step step_;
  std::vector<std::string> undo_;
  std::vector<std::string> made_tables_;
  std::set<std::string> made_;  // objects that this text makes, by display name
};

}  // namespace

Status compile_sql(Draft& draft, const SqlMove& move) {
  return SqlCompiler(draft, move).compile();
}

}  // namespace segue::plan
