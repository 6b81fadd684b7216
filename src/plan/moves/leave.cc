#include "plan/moves/leave.h"

#include <fmt/format.h>

#include "pg/quote.h"
#include "plan/actions.h"
#include "plan/moves/bodies.h"
#include "plan/moves/not_null.h"
#include "plan/moves/steady.h"

namespace segue::plan {
namespace {

// {} stands for the rows that a foreign key does not allow.
constexpr const char* constraints_sql = R"sql(
SELECT c.conname, c.contype, pg_get_constraintdef(c.oid), c.convalidated, coalesce(obj_description(c.oid, 'pg_constraint'), ''),
  c.conrelid = a.attrelid AND a.attnum = ANY (c.conkey), n.nspname, r.relname,
  CASE WHEN c.contype = 'f' THEN {} END
FROM pg_constraint c JOIN pg_attribute a ON a.attname = $2
  LEFT JOIN pg_class r ON r.oid = c.confrelid LEFT JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE a.attrelid = to_regclass($1) AND c.contype IN ('c', 'f', 'u', 'p', 'x')
  AND ((c.conrelid = a.attrelid AND a.attnum = ANY (c.conkey)) OR (c.confrelid = a.attrelid AND a.attnum = ANY (c.confkey)))
ORDER BY c.conname)sql";

constexpr const char* indexes_sql = R"sql(
SELECT ic.relname, i.indisunique OR i.indisexclusion, pg_get_indexdef(i.indexrelid),
  i.indexprs IS NULL AND i.indpred IS NULL AND NOT coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false)
FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = $2
WHERE i.indrelid = to_regclass($1)
  AND (a.attnum = ANY (i.indkey)
    OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                 AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum))
ORDER BY ic.relname)sql";

}  // namespace

LeavingColumn::LeavingColumn(Draft& draft, std::string move, const Table& table, const std::string& column,
                             const migration::Position& at)
    : draft_(draft), move_(std::move(move)), table_(table), column_(*table.column(column)), at_(at) {}

std::string LeavingColumn::shown() const {
  return table_.display() + "." + column_.name;
}

std::string LeavingColumn::trash_name() const {
  return pg::fit_name("segue_trash_" + column_.name);
}

Result<bool> LeavingColumn::may_leave(bool alone) {
  if (table_.column(trash_name()) != nullptr) {
    draft_.hazard("trash-is-full",
                  fmt::format("{} has a column {}, left by an earlier contract", table_.display(), trash_name()), at_,
                  "segue purge that migration first");
    return false;
  }
  const bool fits = TRY(can_be_written_without()) && TRY(read_constraints(alone)) && TRY(read_indexes(alone));
  auto dependents = TRY(catalog::dependents_of_column(draft_.connection, table_.quoted(), column_.name));
  // Its own default hangs on it too.
  const auto itself = pg::display_name(table_.schema, table_.name) + "." + pg::display_name(column_.name);
  std::erase_if(dependents, [&](const auto& one) { return one.kind == "column" && one.name == itself; });
  judge_dependents(draft_, dependents, shown(),
                   {"view", "materialized view", "policy", "trigger", "column", "statistics", "rule",
                    "publication table", "function", "procedure"},
                   at_);
  steady_default_ = column_.has_default && !in_unique_ && !TRY(unsteady_part(draft_.connection, column_.default_sql));
  return fits;
}

// A row may say nothing of it once its NOT NULL is gone.
Result<bool> LeavingColumn::can_be_written_without() {
  const auto rows = TRY(draft_.connection.query(
      "SELECT CASE WHEN a.attgenerated <> '' THEN 'a generated column' WHEN a.attidentity <> '' THEN 'an identity "
      "column' "
      "WHEN t.typnotnull THEN 'of a domain that does not take NULL' WHEN EXISTS (SELECT FROM pg_index i WHERE "
      "i.indrelid = "
      "a.attrelid AND i.indisreplident AND a.attnum = ANY (i.indkey)) THEN 'part of the replica identity' ELSE '' END "
      "FROM "
      "pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = to_regclass($1) AND a.attname = $2",
      {table_.quoted(), column_.name}));
  if (rows.empty() || rows.text(0, 0).empty()) return true;
  draft_.hazard("column-needs-value",
                fmt::format("{} is {}: rows could not be written without it", shown(), rows.text(0, 0)), at_,
                "change that in a migration before this one");
  return false;
}

Result<bool> LeavingColumn::read_constraints(bool alone) {
  const auto rows = TRY(draft_.connection.query(fmt::format(constraints_sql, rows_without_counterpart_sql),
                                                {table_.quoted(), column_.name}));
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto type = rows.text(row, 1);
    const bool own = rows.boolean(row, 5);
    const bool stays = alone && own && (type == "u" || type == "x");
    if (stays) continue;
    const bool full = rows.text(row, 2).find(" MATCH FULL") != std::string_view::npos;
    if (type == "c" || (alone && own && type == "f" && !full)) {
      if (!draft_.leaves(table_, rows.string(row, 0))) continue;
      const auto definition = without_not_valid(rows.string(row, 2));
      LeavingConstraint one{rows.string(row, 0), definition, rows.string(row, 4), {}, rows.boolean(row, 3), {}};
      if (type == "f") one.referenced = pg::quote_name(rows.text(row, 6), rows.text(row, 7));
      // CHECK ((…)), perhaps with words after it.
      const auto begin = definition.find('('), end = definition.rfind(')');
      one.cannot_be =
          type == "f" ? rows.string(row, 8) : fmt::format("NOT ({})", definition.substr(begin, end - begin + 1));
      constraints_.push_back(std::move(one));
      continue;
    }
    draft_.hazard("column-is-a-key",
                  fmt::format("{} is part of {} ({})", shown(), rows.text(row, 0), rows.text(row, 2)), at_,
                  alone ? "what refers to it, or the key, must go first: a migration before this one"
                        : "keys and uniques cannot live twice in this version of segue");
    return false;
  }
  return true;
}

Result<bool> LeavingColumn::read_indexes(bool alone) {
  const auto rows = TRY(draft_.connection.query(indexes_sql, {table_.quoted(), column_.name}));
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (alone && !rows.boolean(row, 1)) continue;
    if (alone && rows.boolean(row, 3)) {
      in_unique_ = true;
      continue;
    }
    if (rows.boolean(row, 1)) {
      draft_.hazard("column-is-a-key", fmt::format("{} is part of the unique index {}", shown(), rows.text(row, 0)),
                    at_,
                    alone ? "rows without it could meet there: drop the index in a migration before this one"
                          : "keys and uniques cannot live twice in this version of segue");
      return false;
    }
    draft_.note("index-of-old-column",
                fmt::format("the index {} serves {} only: {}", rows.text(row, 0), shown(), rows.text(row, 2)), at_,
                "where the new application needs one too: CREATE INDEX on the new column in a `sql:` move with "
                "`phase: validate`");
  }
  return true;
}

// Rows of the new shape that the old one cannot have.
std::vector<KeepRule> LeavingColumn::rules() const {
  std::vector<KeepRule> found;
  const auto add = [&](const std::string& condition, const std::string& reason) {
    KeepRule rule;
    rule.table = table_.quoted();
    rule.before_switch = rule.after_switch = condition;
    rule.reason = reason;
    found.push_back(rule);
  };
  const auto name = "t." + pg::quote_name(column_.name);
  if (column_.not_null && !steady_default_) add(name + " IS NULL", fmt::format("says nothing of {}", shown()));
  for (const auto& one : constraints_) {
    if (one.valid && !can_be_emptied(one)) add(one.cannot_be, "does not satisfy " + one.name);
  }
  return found;
}

// What it refers to is gone: without that value the row is one of the old shape.
bool LeavingColumn::can_be_emptied(const LeavingConstraint& constraint) const {
  return !constraint.referenced.empty() && !column_.not_null;
}

void LeavingColumn::relax(bool set_aside) {
  if (!column_.not_null && constraints_.empty()) return;
  auto made = named_step(move_, "relax", shown() + " takes rows that say nothing of it");
  std::vector<std::string> clauses;
  const auto name = pg::quote_name(column_.name);
  if (column_.not_null) {
    clauses.push_back(fmt::format("ALTER COLUMN {} DROP NOT NULL", name));
    if (set_aside && steady_default_) {
      BackfillJob job{table_.quoted(), {name}, {"(" + column_.default_sql + ")"}, name + " IS NULL", {}};
      job.skip_triggers = true;
      made.down.push_back(fill(job));
    }
    for (auto& action : not_null_again(table_, column_.name)) made.down.push_back(std::move(action));
  }
  std::vector<LockOn> referenced;
  for (const auto& one : constraints_) {
    clauses.push_back("DROP CONSTRAINT " + pg::quote_name(one.name));
    if (one.valid && can_be_emptied(one)) {
      const auto gone = fmt::format("(SELECT {} FROM (SELECT {}.*) AS t)", one.cannot_be, table_.quoted());
      BackfillJob job{table_.quoted(), {name}, {"NULL"}, gone, {}};
      job.skip_triggers = true;
      made.down.push_back(fill(job));
    }
    if (!one.referenced.empty()) referenced.push_back({one.referenced, "ACCESS EXCLUSIVE"});
    for (auto& action : constraint_again(table_, one)) made.down.push_back(std::move(action));
  }
  made.up = alter(table_.quoted(), clauses);
  made.up.locks.insert(made.up.locks.end(), referenced.begin(), referenced.end());
  if (set_aside) made.keep = rules();
  made.reason = "the old application is gone";
  const bool keeps = !made.keep.empty();
  draft_.add(Phase::contract, Place::first, made);
  if (!keeps) return;
  draft_.add(Phase::contract, Place::kept,
             restore_step(move_, {table_.quoted()}, "rows that say nothing of " + shown() + " fit again"));
}

void LeavingColumn::park() {
  const auto old = pg::quote_name(column_.name), trash = pg::quote_name(trash_name());
  auto made = named_step(move_, "park column", fmt::format("{} becomes {}", shown(), trash_name()));
  std::vector<std::string> clauses, again;
  again.push_back(fmt::format("RENAME COLUMN {} TO {}", trash, old));
  if (column_.has_default) {
    clauses.push_back(fmt::format("ALTER COLUMN {} DROP DEFAULT", old));
    again.push_back(fmt::format("ALTER COLUMN {} SET DEFAULT {}", old, column_.default_sql));
  }
  clauses.push_back(fmt::format("RENAME COLUMN {} TO {}", old, trash));
  made.up = alter(table_.quoted(), clauses);
  made.down = {alter(table_.quoted(), again)};
  made.reason = "it keeps its place and its values until purge";
  draft_.add(Phase::contract, Place::drops, made);
  draft_.plan.trash.push_back({table_.quoted(), trash_name(), column_.name, {}});
}

}  // namespace segue::plan
