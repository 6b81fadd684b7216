// Transactions, timeouts and how long strong locks are held.
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

void lock_timeout(Visit& visit) {
  const Node tree = visit.tree;
  if (tree.is("VariableSetStmt")) {
    if (tree["name"].text() != "lock_timeout") return;
    std::string value = tree["args"].at(0)["sval"]["sval"].string();
    if (value.empty()) value = std::to_string(tree["args"].at(0)["ival"]["ival"].number());
    if (tree["kind"].text() != "VAR_SET_VALUE") {
      visit.run.memory.erase("file:lock_timeout");
    } else if (value == "0" || value == "0s" || value == "0ms") {
      visit.report("lock_timeout = 0 waits for ever, and everybody else waits behind").safe_form =
          "SET lock_timeout = '2s';";
      visit.remember("file:lock_timeout", {});
    } else {
      if (!visit.remembered("file:strong without timeout").empty() && visit.remembered("file:lock_timeout").empty()) {
        visit.report("lock_timeout is set after the statement that needs it").safe_form =
            "-- at the beginning of the file";
      }
      visit.remember("file:lock_timeout", {});
    }
    return;
  }
  if (visit.facts.lock < Lock::share || visit.facts.kind == sql::Kind::lock || visit.down()) return;
  const bool live =
      std::any_of(visit.facts.objects.begin(), visit.facts.objects.end(), [&](const sql::Touched& object) {
        return object.role != sql::Role::creates && object.lock >= Lock::share && visit.is_live(object.name);
      });
  if (!live || !visit.facts.transactional || !visit.remembered("file:lock_timeout").empty()) return;
  const bool told = !visit.remembered("file:strong without timeout").empty();
  visit.remember("file:strong without timeout", {});
  if (told) return;
  Finding& finding = visit.report(fmt::format(
      "without a lock_timeout this waits for {} as long as it takes, and every statement behind it waits too",
      name_of(visit.facts.lock)));
  finding.safe_form = "SET lock_timeout = '2s';  -- and try again when it strikes";
  const std::size_t at = visit.statement.piece.begin;
  finding.fix = Fix{{{{at, at}, "SET lock_timeout = '2s';\n"}}, {}, false};
}

// A short lock_timeout ends CONCURRENTLY half-way: it waits for every older transaction of the database.
void timeout_breaks_concurrently(Visit& visit) {
  const bool concurrent = !visit.facts.transactional && visit.facts.word.find("CONCURRENTLY") != std::string::npos;
  const bool detach = !visit.facts.transactional && visit.facts.kind == sql::Kind::alter_table;
  if ((!concurrent && !detach) || visit.remembered("file:lock_timeout").empty()) return;
  Finding& finding = visit.report(
      "CONCURRENTLY waits for every older transaction, and the lock_timeout that is set ends it half-way: an INVALID "
      "index or a pending DETACH stays behind");
  finding.safe_form = "RESET lock_timeout;";
  const std::size_t at = visit.statement.piece.begin;
  finding.fix = Fix{{{{at, at}, "RESET lock_timeout;\n"}}, {}, false};
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

void statement_timeout(Visit& visit) {
  if (visit.tree.is("VariableSetStmt")) {
    if (visit.tree["name"].text() == "statement_timeout") visit.remember("file:statement_timeout", {});
    return;
  }
  if (visit.facts.lock < Lock::share || !visit.remembered("file:statement_timeout").empty()) return;
  visit.remember("file:statement_timeout", {});
  visit.report("without a statement_timeout a slow statement holds its lock as long as it runs").safe_form =
      "SET statement_timeout = '10min';";
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
  const bool again = !last.empty() && last.back().table == table && light;
  if (again && last.back().detail == "light") {
    visit.report(fmt::format("{} is altered twice in a row: one ALTER TABLE waits for the lock once", shown(table)));
  }
  visit.remember("file:last alter", {0, {}, table, "", light ? "light" : ""});
}

void unbalanced(Visit& visit) {
  const std::string_view kind = visit.tree["kind"].text();
  const bool begins = kind == "TRANS_STMT_BEGIN" || kind == "TRANS_STMT_START";
  const bool ends = kind == "TRANS_STMT_COMMIT" || kind == "TRANS_STMT_ROLLBACK";
  if (visit.section.in_transaction && (begins || ends)) {
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
      {"missing-lock-timeout",
       Severity::note,
       "a strong lock is waited for without an end",
       {"F63"},
       "A statement that waits for a strong lock makes every later statement on the table wait behind it: the waiting "
       "is the outage.",
       "SET lock_timeout to a second or two at the head of the file, and try again when it strikes.",
       {},
       lock_timeout,
       nullptr,
       true},
      {"concurrently-with-lock-timeout",
       Severity::warning,
       "a lock_timeout over CONCURRENTLY",
       {"F1", "F57", "F63"},
       "CREATE INDEX CONCURRENTLY and its sisters wait for all older transactions, even those that only read. With a "
       "short "
       "lock_timeout any of them ends the statement, and an INVALID index stays.",
       "RESET lock_timeout before it.",
       {},
       timeout_breaks_concurrently,
       nullptr,
       true},
      {"several-strong-locks",
       Severity::warning,
       "a transaction collects strong locks",
       {"F65"},
       "Each lock is held until the transaction ends. Several of them make the pause longer, and deadlocks possible.",
       "One strong lock a transaction.",
       {},
       several_locks},
      {"missing-statement-timeout",
       Severity::off,
       "no statement_timeout",
       {"F64"},
       "Nothing bounds how long a lock is held.",
       "SET statement_timeout.",
       {},
       statement_timeout},
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
