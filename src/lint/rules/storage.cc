// Statements that write a whole table anew, and other changes of how it is kept.
#include <fmt/format.h>

#include "lint/rules/help.h"

namespace segue::lint {
namespace {

void rewrite(Visit& visit) {
  const Node tree = visit.tree;
  if (tree.is("VacuumStmt") && !(tree["is_vacuumcmd"].truth() && sql::is_on(tree["options"], "full"))) return;
  visit.report(fmt::format("{} writes the table and all its indexes anew under ACCESS EXCLUSIVE", visit.facts.word))
      .safe_form = "-- pg_repack, or an ordinary VACUUM";
}

void refresh(Visit& visit) {
  const Node tree = visit.tree;
  if (tree["concurrent"].truth() || tree["skipData"].truth() || !is_live_target(visit)) return;
  const Table* view = visit.table(tree["relation"]);
  bool unique = view == nullptr;
  if (view != nullptr) {
    for (const Index& index : view->indexes)
      unique = unique || (index.unique && index.predicate.empty() && index.plain);
  }
  Finding& finding = visit.report(fmt::format(
      "REFRESH locks {} against readers (ACCESS EXCLUSIVE) until it is filled again", shown(target(visit))));
  std::string text(visit.statement.text);
  Fix fix = insert_after(visit, "view", " CONCURRENTLY");
  text.insert(fix.edits[0].range.begin - visit.statement.piece.begin, " CONCURRENTLY");
  finding.safe_form = text + ";" + (view == nullptr ? "  -- needs a unique index on the view" : "");
  // Without the index the statement would be refused.
  if (view == nullptr) return;
  if (unique) {
    finding.fix = std::move(fix);
  } else {
    finding.safe_form = fmt::format("CREATE UNIQUE INDEX CONCURRENTLY … ON {};\n{};", target_text(visit), text);
  }
}

void persistence(Visit& visit) {
  if (visit.tree.is("AlterTableMoveAllStmt")) {
    visit.report(fmt::format("whatever lies in tablespace {} is written anew, each under ACCESS EXCLUSIVE",
                             shown(visit.tree["orig_tablespacename"].text())));
    return;
  }
  if (!is_live_target(visit)) return;
  for (const Action& action : visit.facts.actions) {
    const std::string_view type = action.subtype;
    if (type != "AT_SetLogged" && type != "AT_SetUnLogged" && type != "AT_SetAccessMethod" &&
        type != "AT_SetTableSpace")
      continue;
    visit
        .report(action, fmt::format("all of {} is written anew under ACCESS EXCLUSIVE{}", shown(target(visit)),
                                    size_note(visit, target(visit))))
        .safe_form = "-- a new table beside it, kept equal by triggers; then the names change";
  }
}

void replica_identity(Visit& visit) {
  if (!is_live_target(visit)) return;
  each_action(visit, "AT_ReplicaIdentity", [&](const Action& action) {
    visit.report(action, fmt::format("subscribers of {} see other old keys from here on", shown(target(visit))));
  });
}

}  // namespace

Rules storage_rules() {
  return {
      {"table-rewrite",
       Severity::error,
       "VACUUM FULL or CLUSTER writes the table anew",
       {"F9"},
       "Nobody reads or writes until it is done.",
       "pg_repack; from PostgreSQL 19 REPACK (CONCURRENTLY).",
       {"VacuumStmt", "ClusterStmt"},
       rewrite},
      {"refresh-without-concurrently",
       Severity::warning,
       "REFRESH MATERIALIZED VIEW stops readers",
       {"F10"},
       "The view is locked against reads until it is filled again.",
       "REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index.",
       {"RefreshMatViewStmt"},
       refresh,
       nullptr,
       true},
      {"persistence-change",
       Severity::error,
       "SET LOGGED, UNLOGGED, TABLESPACE or ACCESS METHOD writes the table anew",
       {"F60"},
       "Nobody reads or writes until it is done.",
       "A new table beside it.",
       {"AT_SetLogged", "AT_SetUnLogged", "AT_SetAccessMethod", "AT_SetTableSpace", "AlterTableMoveAllStmt"},
       persistence},
      {"replica-identity",
       Severity::note,
       "REPLICA IDENTITY changes",
       {"F61"},
       "Logical replication sends other keys.",
       "Tell the subscribers first.",
       {"AT_ReplicaIdentity"},
       replica_identity},
  };
}

}  // namespace segue::lint
