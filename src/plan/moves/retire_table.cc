#include "plan/moves/retire_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "pg/quote.h"
#include "plan/actions.h"
#include "plan/moves/bodies.h"
#include "plan/moves/leaving_constraint.h"

namespace segue::plan {
namespace {

using migration::Position;
using migration::RetireMove;

// Its own; {} stands for the rows that they would not allow any more.
constexpr const char* own_keys_sql = R"sql(
SELECT c.conname, pg_get_constraintdef(c.oid), c.convalidated, coalesce(obj_description(c.oid, 'pg_constraint'), ''), n.nspname, r.relname,
  {}
FROM pg_constraint c JOIN pg_class r ON r.oid = c.confrelid JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE c.conrelid = to_regclass($1) AND c.contype = 'f' AND c.confrelid <> c.conrelid ORDER BY 1)sql";

constexpr const char* others_sql = R"sql(
SELECT c.conname, n.nspname, r.relname, array_to_json(ARRAY(SELECT attname FROM pg_attribute
  WHERE attrelid = c.conrelid AND attnum = ANY (c.conkey)))
FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE c.confrelid = to_regclass($1) AND c.contype = 'f' AND c.conrelid <> c.confrelid ORDER BY 1)sql";

// Whether a move is about this table.
bool changes(const migration::Move& move, const Table& table) {
  const auto is = [&](const migration::Text& name) { return table.is_called(name.value); };
  if (const auto* one = std::get_if<migration::BackfillMove>(&move.what)) return is(one->table);
  if (const auto* one = std::get_if<migration::RenameMove>(&move.what)) return is(one->table);
  if (const auto* one = std::get_if<migration::ConvertMove>(&move.what)) return is(one->table);
  if (const auto* one = std::get_if<migration::PoliciesMove>(&move.what)) return is(one->table);
  if (const auto* one = std::get_if<migration::JunctionMove>(&move.what)) return is(one->from_table);
  if (const auto* one = std::get_if<migration::RetireMove>(&move.what)) return is(one->table);
  if (const auto* one = std::get_if<migration::TenancyMove>(&move.what)) {
    return std::any_of(one->tables.begin(), one->tables.end(), is);
  }
  return false;
}

class Compiler {
 public:
  Compiler(Draft& draft, const RetireMove& move, const Table& table, const Position& at)
      : draft_(draft), move_(move), table_(table), at_(at), name_("retire " + table.display()) {}

  Status compile() {
    if (!nothing_else_changes_it()) return {};
    if (!TRY(nobody_refers()) || !TRY(nothing_hangs_on_it()) || !TRY(trash_is_free())) return {};
    if (move_.archive.value && !TRY(archive_name_is_free(draft_, table_, move_, at_))) return {};
    TRY(let_go());
    park();
    draft_.plan.old_shape.push_back({OldName::Use::table, table_.quoted(), {}, {}});
    return {};
  }

 private:
  bool nothing_else_changes_it() {
    for (const auto& other : draft_.file.moves) {
      const auto* retire = std::get_if<RetireMove>(&other.what);
      if (retire == &move_ || !changes(other, table_)) continue;
      draft_.hazard("leaves-and-changes",
                    fmt::format("{} leaves as a whole, and a `{}` of this migration changes it", table_.display(),
                                migration::kind_of(other)),
                    other.at, "leave one of the two out");
      return false;
    }
    return true;
  }

  // Whether the file retires the table, or all of these columns of it.
  bool leaves_too(const std::string& schema, const std::string& name, const std::string& columns) const {
    Table other;
    other.schema = schema;
    other.name = name;
    for (const auto& one : draft_.file.moves) {
      const auto* retire = std::get_if<RetireMove>(&one.what);
      if (retire == nullptr || !other.is_called(retire->table.value)) continue;
      if (retire->columns.empty()) return true;
      const bool any = std::any_of(retire->columns.begin(), retire->columns.end(), [&](const auto& column) {
        return columns.find("\"" + column.value + "\"") != std::string::npos;
      });
      if (any) return true;
    }
    return false;
  }

  Result<bool> nobody_refers() {
    const auto rows = TRY(draft_.connection.query(others_sql, {table_.quoted()}));
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (leaves_too(rows.string(row, 1), rows.string(row, 2), rows.string(row, 3))) continue;
      draft_.hazard("referred-to",
                    fmt::format("{} refers to {} ({})", pg::display_name(rows.string(row, 1), rows.string(row, 2)),
                                table_.display(), rows.text(row, 0)),
                    at_, "retire the column that refers to it as well, or drop the foreign key before");
      return false;
    }
    return true;
  }

  Result<bool> nothing_hangs_on_it() {
    auto dependents = TRY(catalog::dependents_of_table(draft_.connection, table_.quoted()));
    // Its own policies and triggers leave with it.
    const auto own = " on " + pg::display_name(table_.schema, table_.name);
    const auto part = pg::display_name(table_.schema, table_.name) + ".";
    std::erase_if(dependents, [&](const auto& one) { return one.name.ends_with(own) || one.name.starts_with(part); });
    const auto before = draft_.plan.findings.size();
    judge_dependents(
        draft_, dependents, table_.display(),
        {"view", "materialized view", "policy", "function", "procedure", "rule", "column", "type", "domain", "default"},
        at_);
    return std::none_of(draft_.plan.findings.begin() + static_cast<std::ptrdiff_t>(before), draft_.plan.findings.end(),
                        [](const auto& one) { return one.hazard; });
  }

  Result<bool> trash_is_free() {
    const auto there = TRY(draft_.connection.query("SELECT to_regclass($1) IS NOT NULL", {parked()}));
    const bool twice = std::any_of(draft_.plan.trash.begin(), draft_.plan.trash.end(),
                                   [&](const auto& one) { return one.table == parked(); });
    if (!there.boolean(0, 0) && !twice) return true;
    draft_.hazard("trash-is-full",
                  fmt::format("there is a {} already, of this migration or of an earlier one", parked()), at_,
                  "segue purge that migration first, or retire tables of one name one after the other");
    return false;
  }

  // What it refers to may be deleted from then on.
  Status let_go() {
    const auto rows =
        TRY(draft_.connection.query(fmt::format(own_keys_sql, rows_without_counterpart_sql), {table_.quoted()}));
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const LeavingConstraint key{rows.string(row, 0),  without_not_valid(rows.string(row, 1)),
                                  rows.string(row, 3),  pg::quote_name(rows.text(row, 4), rows.text(row, 5)),
                                  rows.boolean(row, 2), rows.string(row, 6)};
      auto made = named_step(name_, "drop foreign key", fmt::format("{} on {}", key.name, table_.display()));
      made.up = drop_constraint(table_.quoted(), key.name, key.referenced);
      made.down = constraint_again(table_, key);
      KeepRule rule;
      rule.table = table_.quoted();
      rule.before_switch = rule.after_switch = key.cannot_be;
      rule.reason = "what it refers to is gone";
      if (key.valid) made.keep = {rule};
      made.reason = "rows that it refers to may go when it is gone";
      draft_.add(Phase::contract, Place::first, made);
    }
    if (rows.empty()) return {};
    draft_.add(Phase::contract, Place::kept,
               restore_step(name_, {table_.quoted()}, "rows whose counterparts are gone fit again"));
    return {};
  }

  std::string parked() const { return pg::quote_name(trash_schema, table_.name); }

  void park() {
    auto made = named_step(name_, "park table", fmt::format("{} moves to {}", table_.display(), trash_schema));
    auto sql = own_schema(trash_schema);
    sql.push_back(fmt::format("ALTER TABLE {} SET SCHEMA {}", table_.quoted(), trash_schema));
    made.up = transaction(sql, {{table_.quoted(), "ACCESS EXCLUSIVE"}});
    made.down = {transaction({fmt::format("ALTER TABLE {} SET SCHEMA {}", parked(), pg::quote_name(table_.schema))},
                             {{parked(), "ACCESS EXCLUSIVE"}})};
    made.reason = "it keeps its rows, rights and sequences until purge";
    draft_.add(Phase::contract, Place::drops, made);
    draft_.plan.trash.push_back(
        {parked(), {}, table_.quoted(), move_.archive.value ? archive_name(draft_, table_, move_) : std::string()});
  }

  Draft& draft_;
  const RetireMove& move_;
  const Table& table_;
  const Position& at_;
  const std::string name_;
};

}  // namespace

std::string archive_name(const Draft& draft, const Table& table, const RetireMove& move) {
  auto name = (table.schema == "public" ? "" : table.schema + "_") + table.name + "_" + draft.file.name.value;
  int number = 1;
  for (const auto& other : draft.file.moves) {
    const auto* retire = std::get_if<RetireMove>(&other.what);
    if (retire == &move) break;
    if (retire != nullptr && table.is_called(retire->table.value)) ++number;
  }
  if (number > 1) name += fmt::format("_{}", number);
  std::replace(name.begin(), name.end(), '-', '_');
  return pg::fit_name(name);
}

Result<bool> archive_name_is_free(Draft& draft, const Table& table, const RetireMove& move, const Position& at) {
  const auto name = pg::quote_name(archive_schema, archive_name(draft, table, move));
  const auto there = TRY(draft.connection.query("SELECT to_regclass($1) IS NOT NULL", {name}));
  if (!there.boolean(0, 0)) return true;
  draft.hazard("archive-exists", fmt::format("there is a {} already", name), at,
               "move it elsewhere, or call the migration otherwise: an archive is never written over");
  return false;
}

Status retire_table(Draft& draft, const RetireMove& move, const Table& table, const Position& at) {
  return Compiler(draft, move, table, at).compile();
}

}  // namespace segue::plan
