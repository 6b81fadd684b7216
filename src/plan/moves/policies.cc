// policies: row level security for a table, copied from another or written in the file. Policies and ENABLE come in one
// transaction, so that at no moment everybody is locked out.
#include "plan/moves/policies.h"

#include <fmt/format.h>

#include <algorithm>

#include "pg/quote.h"
#include "plan/actions.h"
#include "plan/moves/move.h"
#include "plan/tables.h"
#include "sql/facts.h"
#include "sql/parse.h"

namespace segue::plan {
namespace {

using migration::PoliciesMove;
using migration::Position;

class Compiler {
 public:
  Compiler(Draft& draft, const PoliciesMove& move, const Table& table, const Position& at)
      : draft_(draft), move_(move), table_(table), at_(at) {}

  Status compile() {
    TRY(look_at_table());
    const bool can = move_.like.empty() ? take_sql() : TRY(take_like());
    if (!can || !none_is_there()) return {};
    add();
    return {};
  }

 private:
  Status look_at_table() {
    if (!table_.in_catalog) return {};
    const auto rows = TRY(draft_.connection.query(
        "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = to_regclass($1)", {table_.quoted()}));
    enabled_ = rows.boolean(0, 0);
    forced_ = rows.boolean(0, 1);
    there_ = TRY(policies_of(draft_.connection, table_.quoted()));
    return {};
  }

  // CREATE POLICY on this table; ALTER TABLE … ENABLE or FORCE ROW LEVEL SECURITY is taken as said anyway.
  bool take_sql() {
    const sql::Source source(move_.sql.value);
    for (const auto& statement : source.statements()) {
      const auto where = migration::position_in(move_.sql, statement.piece.begin);
      if (statement.error) {
        draft_.hazard("cannot-analyse", fmt::format("this cannot be read: {}", statement.error->message), where,
                      "segue reads SQL as PostgreSQL 15 does");
        return false;
      }
      if (enables(statement)) continue;
      const bool policy = statement.tree.is("CreatePolicyStmt") &&
                          table_.is_called(as_written(sql::name_of_relation(statement.tree["table"])));
      if (!policy) {
        draft_.hazard("not-a-policy", fmt::format("this is no policy of {}", table_.display()), where,
                      "CREATE POLICY … ON this table only; what else is to be done goes into a `sql:` move");
        return false;
      }
      sql_.emplace_back(statement.text);
      names_.push_back(statement.tree["policy_name"].string());
    }
    if (!names_.empty()) return true;
    draft_.hazard("not-a-policy", "there is no CREATE POLICY in it", move_.sql.at, "without one nobody sees a row");
    return false;
  }

  bool enables(const sql::Statement& statement) {
    if (!statement.tree.is("AlterTableStmt") ||
        !table_.is_called(as_written(sql::name_of_relation(statement.tree["relation"])))) {
      return false;
    }
    for (const auto command : statement.tree["cmds"]) {
      const auto what = command["subtype"].text();
      if (what == "AT_ForceRowSecurity") force_ = true;
      if (what != "AT_ForceRowSecurity" && what != "AT_EnableRowSecurity") return false;
    }
    return true;
  }

  Result<bool> take_like() {
    const auto like = TRY(draft_.table(move_.like.value));
    if (!like || !like->in_catalog) {
      draft_.hazard("no-such-table", fmt::format("there is no table '{}' to copy policies from", move_.like.value),
                    move_.like.at, "name one that is there now, by its name of now");
      return false;
    }
    const auto policies = TRY(policies_of(draft_.connection, like->quoted()));
    if (policies.empty()) {
      draft_.hazard("no-policies", fmt::format("{} has no policies", like->display()), move_.like.at,
                    "write them with `sql:`");
      return false;
    }
    for (const auto& policy : policies) {
      if (is_ambiguous(policy, table_)) {
        draft_.hazard(
            "policy-names-table",
            fmt::format("the policy {} of {} speaks of something called {}: on {} it would mean another thing",
                        policy.name, like->display(), table_.name, table_.display()),
            move_.like.at, "write the policies with `sql:`");
        return false;
      }
      for (const auto& column : policy.columns) {
        if (table_.column(column) != nullptr || draft_.added(table_, column) != nullptr) continue;
        draft_.hazard("policy-needs-column",
                      fmt::format("the policy {} of {} reads {}, and {} has no such column", policy.name,
                                  like->display(), column, table_.display()),
                      move_.like.at, "write the policies with `sql:`");
        return false;
      }
      sql_.push_back(create_text(policy, *like, table_));
      if (!policy.comment.empty()) {
        sql_.push_back(fmt::format("COMMENT ON POLICY {} ON {} IS {}", pg::quote_name(policy.name), table_.quoted(),
                                   pg::quote_literal(policy.comment)));
      }
      names_.push_back(policy.name);
    }
    const auto forced = TRY(draft_.connection.query(
        "SELECT relforcerowsecurity FROM pg_class WHERE oid = to_regclass($1)", {like->quoted()}));
    force_ = forced.boolean(0, 0);
    return true;
  }

  bool none_is_there() {
    for (const auto& policy : there_) {
      if (std::find(names_.begin(), names_.end(), policy.name) == names_.end()) continue;
      draft_.hazard("policy-exists", fmt::format("{} has a policy {} already", table_.display(), policy.name), at_,
                    "give the new one another name");
      return false;
    }
    return true;
  }

  void say_what_changes() {
    const bool opens = std::any_of(there_.begin(), there_.end(), [](const auto& one) { return one.permissive; });
    if (opens) {
      draft_.note(
          "policies-add-up",
          fmt::format("{} has permissive policies already: who may see a row by any of them sees it", table_.display()),
          at_, "AS RESTRICTIVE narrows; viewpoints show what each user sees");
    }
    if (enabled_ || !table_.in_catalog) return;
    draft_.note("sight-narrows",
                fmt::format("from enforce on {} shows a row only to whom a policy lets see it, also to the old "
                            "application; its owner and roles with BYPASSRLS see all",
                            table_.display()),
                at_, "a policy for the old application's role, until it is gone");
  }

  void add() {
    say_what_changes();
    auto made = named_step(
        "policies " + table_.display(), "policies",
        fmt::format("{} on {}", names_.size() == 1 ? names_.front() : fmt::format("{} policies", names_.size()),
                    table_.display()));
    std::vector<std::string> back;
    if (force_ && !forced_) {
      sql_.push_back(fmt::format("ALTER TABLE {} FORCE ROW LEVEL SECURITY", table_.quoted()));
      back.push_back(fmt::format("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY", table_.quoted()));
    }
    if (!enabled_) {
      sql_.push_back(fmt::format("ALTER TABLE {} ENABLE ROW LEVEL SECURITY", table_.quoted()));
      back.push_back(fmt::format("ALTER TABLE {} DISABLE ROW LEVEL SECURITY", table_.quoted()));
    }
    for (auto name = names_.rbegin(); name != names_.rend(); ++name) {
      back.push_back(fmt::format("DROP POLICY {} ON {}", pg::quote_name(*name), table_.quoted()));
    }
    const std::vector<LockOn> locks = {{table_.quoted(), "ACCESS EXCLUSIVE"}};
    made.up = transaction(sql_, locks);
    made.down = {transaction(back, locks)};
    made.reason = table_.in_catalog ? "the old application works on: what narrows comes last" : "nobody uses it yet";
    draft_.add(table_.in_catalog ? Phase::enforce : Phase::expand, Place::checks, made);
  }

  Draft& draft_;
  const PoliciesMove& move_;
  const Table& table_;
  const Position& at_;
  bool enabled_ = false, forced_ = false, force_ = false;
  std::vector<Policy> there_;
  std::vector<std::string> sql_, names_;
};

}  // namespace

Status compile_policies(Draft& draft, const PoliciesMove& move, const Position& at) {
  const auto table = TRY(draft.table(move.table.value));
  if (table) return draft.plain(*table, move.table.at, true) ? Compiler(draft, move, *table, at).compile() : Status();
  for (const auto& other : draft.file.moves) {
    const auto* rename = std::get_if<migration::RenameMove>(&other.what);
    if (rename == nullptr || !rename->column.empty() || rename->to.value != move.table.value) continue;
    draft.hazard(
        "policies-come-along",
        fmt::format("{} is the new name of {}: its policies stay with it", rename->to.value, rename->table.value),
        move.table.at, "leave this move out");
    return {};
  }
  draft.hazard("no-such-table", fmt::format("there is no table '{}'", move.table.value), move.table.at,
               "name it as the database does, with its schema where it is not the usual one");
  return {};
}

}  // namespace segue::plan
