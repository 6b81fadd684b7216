// Transactions, and how long strong locks are held.
#include <fmt/format.h>

#include <algorithm>

#include "lint/rules/help.h"

namespace segue::lint {
namespace {

using sql::Lock;

// The relations on which the statement takes a lock that stops reads.
std::vector<std::string> strongly_locked(const Visit& visit) {
  std::vector<std::string> names;
  for (const sql::Touched& object : visit.facts.objects) {
    if (object.role == sql::Role::creates || object.lock != Lock::access_exclusive || !visit.is_live(object.name))
      continue;
    if (!contains(names, Schema::key(object.name))) names.push_back(Schema::key(object.name));
  }
  return names;
}

void several_locks(Visit& visit) {
  if (visit.tree.is("TransactionStmt")) {
    const std::string_view kind = visit.tree["kind"].text();
    if (kind != "TRANS_STMT_SAVEPOINT" && kind != "TRANS_STMT_RELEASE" && kind != "TRANS_STMT_ROLLBACK_TO")
      visit.run.memory.erase("file:strong lock");
    return;
  }
  if (!visit.in_transaction || visit.down() || visit.in_code) return;
  const auto& before = visit.remembered("file:strong lock");
  const auto names = strongly_locked(visit);
  const bool another = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return std::none_of(before.begin(), before.end(), [&](const Remembered& each) { return each.table == name; });
  });
  if (!before.empty() && another) {
    Finding& finding = visit.report(fmt::format(
        "{} is locked while the transaction still holds ACCESS EXCLUSIVE on {}: both wait longer, and sessions that "
        "take them the other way round deadlock",
        shown_list(names), shown(before.front().table)));
    finding.safe_form = "COMMIT;  -- one strong lock a transaction";
  } else if (!before.empty() && names.empty() &&
             (visit.facts.kind == sql::Kind::update || visit.facts.kind == sql::Kind::remove ||
              (visit.facts.kind == sql::Kind::insert && visit.tree["selectStmt"]["fromClause"]))) {
    visit
        .report(fmt::format(
            "rows are written while the transaction holds ACCESS EXCLUSIVE on {}: nobody reads it until this is done",
            shown(before.front().table)))
        .safe_form = "COMMIT;  -- before the rows are written";
  }
  for (const std::string& name : names) visit.remember("file:strong lock", {0, {}, name, "", ""});
}

void altered_twice(Visit& visit) {
  if (visit.down() || !is_live_target(visit) || visit.tree["objtype"].text() != "OBJECT_TABLE") return;
  // Only what costs the same lock once more: commands that could stand in one statement.
  const auto joins = [](std::string_view type) {
    return type == "AT_AddColumn" || type == "AT_ColumnDefault" || type == "AT_DropNotNull" || type == "AT_DropColumn";
  };
  const bool light = std::all_of(visit.facts.actions.begin(), visit.facts.actions.end(),
                                 [&](const Action& action) { return joins(action.subtype) && !action.scans; });
  const std::string table = Schema::key(target(visit));
  const auto& last = visit.remembered("file:last alter");
  // What drops comes first in a joined statement, before the column is there: DROP DEFAULT of a new one cannot join.
  const auto& added = visit.remembered("file:last added");
  const bool needs_added =
      std::any_of(visit.facts.actions.begin(), visit.facts.actions.end(), [&](const Action& action) {
        return action.subtype != "AT_AddColumn" && !action.command["def"] &&
               std::any_of(added.begin(), added.end(),
                           [&](const Remembered& each) { return each.column == action.command["name"].text(); });
      });
  const bool again = !last.empty() && last.back().table == table && light && !needs_added;
  if (again && last.back().detail == "light") {
    visit.report(fmt::format("{} is altered twice in a row: one ALTER TABLE waits for the lock once", shown(table)));
  }
  visit.remember("file:last alter", {0, {}, table, "", light ? "light" : ""});
  if (!again) visit.run.memory.erase("file:last added");
  each_action(visit, "AT_AddColumn", [&](const Action& action) {
    visit.remember("file:last added", {0, {}, table, action.command["def"]["colname"].string(), ""});
  });
}

void unbalanced(Visit& visit) {
  const std::string_view kind = visit.tree["kind"].text();
  const bool begins = kind == "TRANS_STMT_BEGIN" || kind == "TRANS_STMT_START";
  const bool ends = kind == "TRANS_STMT_COMMIT" || kind == "TRANS_STMT_ROLLBACK";
  if (visit.section.in_transaction && !visit.section.one_message && (begins || ends)) {
    visit.report(fmt::format("{} inside a file that {} runs in a transaction of its own{}", visit.facts.word,
                             name_of(visit.file.layout.layout), ends ? ": what follows is no longer in it" : ""));
    return;
  }
  auto& open = visit.run.memory["file:open"];
  if (begins && !open.empty()) visit.report("a transaction is open already: this BEGIN does nothing but warn");
  if (begins) {
    visit.remember("file:open", {});
    visit.remember("open", {});
  }
  if (ends && open.empty()) visit.report(fmt::format("{} without a BEGIN", visit.facts.word));
  if (ends) {
    open.clear();
    auto& all = visit.run.memory["open"];
    std::erase_if(all, [&](const Remembered& each) { return each.file == visit.file_number; });
  }
}

void never_committed(Run& run) {
  const auto open = run.memory.find("open");
  if (open == run.memory.end()) return;
  for (const Remembered& each : open->second)
    run.report(each.file, each.range,
               "BEGIN without COMMIT: the file's changes are rolled back when the connection ends");
}

}  // namespace

Rules transaction_rules() {
  return {
      {"several-strong-locks",
       Severity::warning,
       "a transaction collects strong locks",
       {"F65"},
       "Each lock is held until the transaction ends. Several of them make the pause longer, and deadlocks possible.",
       "One strong lock a transaction.",
       {},
       several_locks},
      {"alter-table-twice",
       Severity::note,
       "one table altered twice in a row",
       {"F66"},
       "The lock is waited for twice.",
       "Join commands that scan nothing; never SET NOT NULL with VALIDATE or DROP CONSTRAINT.",
       {"AlterTableStmt"},
       altered_twice},
      {"unbalanced-transaction",
       Severity::warning,
       "BEGIN and COMMIT do not match",
       {"F68"},
       "What is meant to be one transaction is none, or never ends.",
       "Exactly one BEGIN and one COMMIT, or none where the tool opens one.",
       {"TransactionStmt"},
       unbalanced,
       never_committed},
  };
}

}  // namespace segue::lint
