// Partitions that come and go.
#include <fmt/format.h>

#include "lint/rules/help.h"

namespace segue::lint {
namespace {

void attach(Visit& visit) {
  if (visit.tree["objtype"].text() == "OBJECT_INDEX" || visit.down()) return;
  each_action(visit, "AT_AttachPartition", [&](const Action& action) {
    const Node part = action.command["def"]["name"];
    const Table* table = visit.table(part);
    if (!visit.is_live(part) && !(visit.schema.default_partition(target(visit)) && is_live_target(visit))) return;
    // A validated CHECK may say the same as the bounds; whether it does, only the server decides.
    bool checked = false;
    if (table != nullptr) {
      for (const Constraint& each : table->constraints)
        checked = checked || (each.type == ConstraintType::check && each.valid);
    }
    if (checked) return;
    const auto other = visit.schema.default_partition(target(visit));
    Finding& finding = visit.report(
        action,
        fmt::format("ATTACH PARTITION reads all of {} under ACCESS EXCLUSIVE{}", shown(sql::name_of_relation(part)),
                    other ? fmt::format(", and so the default partition {}", shown(*other)) : std::string()));
    finding.object = Schema::key(sql::name_of_relation(part));
    finding.lock = sql::Lock::access_exclusive;
    finding.blocks = sql::blocks_of(finding.lock);
    finding.safe_form = fmt::format(
        "ALTER TABLE {0} ADD CONSTRAINT {1} CHECK (… the bounds, and NOT NULL …) NOT VALID;\nALTER TABLE {0} VALIDATE "
        "CONSTRAINT {1};\n"
        "{2};\nALTER TABLE {0} DROP CONSTRAINT {1};",
        visit.spelled(part), quoted(sql::object_name(sql::name_of_relation(part).name, {}, "bounds")),
        visit.statement.text);
  });
}

void create(Visit& visit) {
  if (!visit.tree["partbound"] || visit.down()) return;
  const Node parent = visit.tree["inhRelations"].at(0);
  if (!visit.is_live(parent)) return;
  const QualifiedName parent_name = sql::name_of_relation(parent);
  const QualifiedName name = target(visit);
  const std::size_t for_at = visit.tree["partbound"].location();
  std::string bound = visit.text_of({for_at, visit.statement.piece.end});
  const auto other = visit.schema.default_partition(parent_name);
  Finding& finding = visit.report(fmt::format(
      "CREATE TABLE … PARTITION OF locks {} and all its readers out (ACCESS EXCLUSIVE){}", shown(parent_name),
      other ? fmt::format(", and reads its default partition {}", shown(*other)) : std::string()));
  finding.object = Schema::key(parent_name);
  // Where the location of the bound is that of FOR or DEFAULT depends on its form.
  const bool is_default = visit.tree["partbound"]["is_default"].truth();
  const std::size_t for_word = visit.written().find("for", parent.location());
  if (is_default) bound = "DEFAULT";
  if (!is_default && for_word != std::string::npos) bound = visit.text_of({for_word, visit.statement.piece.end});
  const std::vector<std::string> steps = {
      fmt::format("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING "
                  "STORAGE INCLUDING COMPRESSION)",
                  target_text(visit), visit.spelled(parent)),
      fmt::format("ALTER TABLE {} ATTACH PARTITION {} {}", visit.spelled(parent), target_text(visit), bound)};
  finding.safe_form = script(steps);
  const bool plain = visit.tree["tableElts"].empty() && !visit.tree["partspec"] && visit.tree["options"].empty() &&
                     !visit.tree["tablespacename"] && !visit.tree["accessMethod"] &&
                     !visit.tree["if_not_exists"].truth() && visit.version() >= 14;
  if (plain && !is_default) finding.fix = replace_statement(visit, steps);
}

void detach(Visit& visit) {
  if (!is_live_target(visit) || visit.down()) return;
  each_action(visit, "AT_DetachPartition", [&](const Action& action) {
    if (action.command["def"]["concurrent"].truth()) return;
    Finding& finding = visit.report(
        action, fmt::format("DETACH PARTITION locks {} against everything (ACCESS EXCLUSIVE)", shown(target(visit))));
    if (visit.version() < 14) return;
    const std::string text = std::string(visit.statement.text) + " CONCURRENTLY";
    finding.safe_form = text + ";";
    if (visit.schema.default_partition(target(visit))) {
      finding.safe_form = "-- CONCURRENTLY is refused beside a default partition; a short lock_timeout and retries";
      return;
    }
    finding.fix = Fix{{{{visit.statement.piece.end, visit.statement.piece.end}, " CONCURRENTLY"}}, {text}, true};
  });
}

}  // namespace

Rules partition_rules() {
  return {
      {"attach-partition",
       Severity::warning,
       "ATTACH PARTITION reads the new partition under lock",
       {"F55"},
       "Without a CHECK that says the same as the bounds, every row of the new partition is looked at under ACCESS "
       "EXCLUSIVE; a default partition too.",
       "First a CHECK that matches the bounds, NOT VALID and then validated; on the default partition one that "
       "excludes them.",
       {"AT_AttachPartition"},
       attach},
      {"create-partition-of",
       Severity::warning,
       "CREATE TABLE … PARTITION OF locks the whole partitioned table",
       {"F56"},
       "It takes ACCESS EXCLUSIVE on the parent, and reads a default partition.",
       "CREATE TABLE (LIKE parent …), then ATTACH PARTITION.",
       {"CreateStmt"},
       create,
       nullptr,
       true},
      {"detach-partition",
       Severity::warning,
       "DETACH PARTITION locks the whole partitioned table",
       {"F57"},
       "It takes ACCESS EXCLUSIVE on the parent and the partition.",
       "DETACH PARTITION … CONCURRENTLY (PostgreSQL 14), FINALIZE if it was interrupted.",
       {"AT_DetachPartition"},
       detach,
       nullptr,
       true},
  };
}

}  // namespace segue::lint
