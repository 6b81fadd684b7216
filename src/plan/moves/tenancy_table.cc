#include "plan/moves/tenancy_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "catalog/dependents.h"
#include "pg/quote.h"
#include "plan/actions.h"
#include "plan/moves/not_null.h"

namespace segue::plan {
namespace {

std::string without_id(std::string name) {
  if (name.size() > 3 && name.ends_with("_id")) name.resize(name.size() - 3);
  return name;
}

// "date DESC" → date, DESC; a blank may also be part of the name.
std::pair<std::string, std::string> name_and_order(const std::string& text) {
  const auto low = lower(text);
  std::size_t end = text.size();
  for (const auto* word : {" asc", " desc", " nulls first", " nulls last"}) {
    if (const auto at = low.find(word); at != std::string::npos && starts_with_word(low.substr(at), word))
      end = std::min(end, at);
  }
  return {text.substr(0, end), text.substr(end)};
}

}  // namespace

TenancyTable::TenancyTable(Draft& draft, const migration::TenancyMove& move, const Table& root, const Table& table,
                           const migration::TableIndexes* uniques, const migration::TableIndexes* indexes)
    : draft_(draft), move_(move), root_(root), table_(table), uniques_(uniques), indexes_(indexes) {}

Status TenancyTable::compile(const migration::Position& at) {
  if (!choose_names(at)) return {};
  add_column();
  fill_column();
  add_indexes();
  add_constraints();
  add_not_null(draft_, table_, column_, "tenancy " + root_.display());
  TRY(swap_names(at));
  if (uniques_ != nullptr) {
    for (const auto& entry : uniques_->entries) leave_old_unique(entry);
  }
  leave_default();
  return {};
}

bool TenancyTable::choose_names(const migration::Position& at) {
  column_ = move_.column.value;
  for (const auto& one : move_.displace) {
    if (table_.is_called(one.table)) displaced_ = one.name;
  }
  const bool there = table_.column(column_) != nullptr;
  if (there && displaced_.empty()) {
    draft_.hazard("column-exists",
                  fmt::format("{} has a column {} already, and it may mean something else (type {})", table_.display(),
                              column_, table_.column(column_)->type),
                  at,
                  fmt::format("say what it is to be called: displace: {{ {}: NAME }}; IF NOT EXISTS would take its "
                              "values for the tenant's",
                              table_.name));
    return false;
  }
  if (!there && !displaced_.empty()) {
    draft_.note("nothing-to-displace", fmt::format("{} has no column {}", table_.display(), column_), at,
                "leave this table out of `displace`");
    displaced_.clear();
  }
  if (!displaced_.empty()) {
    column_ += "_next";
    for (const auto& name : {column_, displaced_}) {
      if (table_.column(name) == nullptr) continue;
      draft_.hazard("column-exists", fmt::format("{} has a column {} already", table_.display(), name), at,
                    "choose another name in `displace`");
      return false;
    }
  }
  return true;
}

bool TenancyTable::literal_batches() const {
  return draft_.file.limits.batch.given() && draft_.file.limits.batch.value > 0;
}

Step TenancyTable::step(std::string kind, std::string title) const {
  return named_step("tenancy " + root_.display(), std::move(kind), std::move(title));
}

KeepRule TenancyTable::keep(std::string condition_on_column, std::string reason) const {
  const auto with = [&](const std::string& name) {
    std::string text = condition_on_column;
    for (auto at = text.find('@'); at != std::string::npos; at = text.find('@', at)) {
      text.replace(at, 1, pg::quote_name(name));
    }
    return text;
  };
  return {table_.quoted(), with(column_), with(move_.column.value), std::move(reason)};
}

void TenancyTable::add_column() {
  const auto name = pg::quote_name(column_);
  const auto* key = root_.column(root_.key[0]);
  auto made = step("add column", fmt::format("{}.{} ({})", table_.display(), column_, key->type));
  made.id = "add-" + table_.quoted();
  add_column_id_ = made.id;
  if (literal_batches()) {
    made.up = alter(table_.quoted(), {fmt::format("ADD COLUMN {} {}", name, key->type),
                                      fmt::format("ALTER COLUMN {} SET DEFAULT ${{first}}", name)});
    made.reason = "rows of before stay NULL and are filled in batches; what is inserted from now on has the default";
  } else {
    made.up = alter(table_.quoted(), {fmt::format("ADD COLUMN {} {} DEFAULT ${{first}}", name, key->type)});
    made.reason = "a constant default needs no backfill: no row is rewritten, all rows have it at once";
  }
  made.down = {alter(table_.quoted(), {"DROP COLUMN " + name})};
  made.keep = {keep("t.@ IS DISTINCT FROM ${first} AND t.@ IS NOT NULL",
                    fmt::format("belongs to another of {}", root_.display()))};
  made.keep[0].seal_before_switch = fmt::format("{} = ${{first}}", name);
  made.keep[0].seal_after_switch = fmt::format("{} = ${{first}}", pg::quote_name(move_.column.value));
  draft_.add(Phase::expand, Place::columns, made);
}

void TenancyTable::fill_column() {
  if (!literal_batches()) return;
  const auto name = pg::quote_name(column_);
  const auto job = [&](const std::string& value, const std::string& pending) {
    return fill({table_.quoted(), {name}, {value}, pending, "", draft_.file.limits.batch.value, {}, false, true});
  };
  auto made = step("backfill", fmt::format("{}.{}", table_.display(), column_));
  made.up = job("${first}", name + " IS NULL");
  auto back = job("NULL", name + " = ${first}");
  back.needless_if_undone = add_column_id_;
  back.backfill.one_pass = true;  // what is inserted meanwhile has the default, as it had before the backfill
  made.down = {back};
  made.rows = table_.rows;
  made.seconds = static_cast<double>(table_.rows) / 100000;
  made.reason = fmt::format("limits.batch says {} rows at a time", draft_.file.limits.batch.value);
  draft_.add(Phase::backfill, Place::rows, made);
}

std::string TenancyTable::columns_sql(const migration::IndexEntry& entry, bool unique) const {
  std::string text = unique ? pg::quote_name(column_) : "";
  for (const auto& column : entry.columns) {
    auto [name, order] = name_and_order(column.value);
    if (name == move_.column.value) name = column_;
    if (unique && name == column_) continue;  // it leads anyway
    text += (text.empty() ? "" : ", ") + pg::quote_name(name) + order;
  }
  return text;
}

std::string TenancyTable::default_name(const std::string& prefix, const migration::IndexEntry& entry,
                                       bool unique) const {
  if (!entry.name.empty()) return entry.name.value;
  std::string name = prefix + table_.name;
  if (unique) name += "_" + without_id(move_.column.value);
  for (const auto& column : entry.columns) name += "_" + without_id(name_and_order(column.value).first);
  return pg::fit_name(name);
}

void TenancyTable::add_index(const migration::IndexEntry& entry, bool unique) {
  const auto name = default_name(unique ? "uq_" : "idx_", entry, unique);
  for (const auto& column : entry.columns) {
    const auto bare = name_and_order(column.value).first;
    if (bare == move_.column.value || table_.column(bare) != nullptr) continue;
    draft_.hazard("no-such-column", fmt::format("{} has no column {}", table_.display(), bare), column.at,
                  "see its columns with \\d in psql");
    return;
  }
  if (std::find(table_.index_names.begin(), table_.index_names.end(), name) != table_.index_names.end()) {
    draft_.hazard("name-taken", fmt::format("something in schema {} is called {} already", table_.schema, name),
                  entry.at, "give the entry a `name:` of its own");
    return;
  }
  const auto quoted = pg::quote_name(table_.schema, name);
  auto made = step("create index", fmt::format("{}{} on {}", unique ? "unique " : "", name, table_.display()));
  made.up = concurrently(fmt::format("CREATE {}INDEX CONCURRENTLY {} ON {} ({}){}", unique ? "UNIQUE " : "",
                                     pg::quote_name(name), table_.quoted(), columns_sql(entry, unique),
                                     entry.where.empty() ? "" : " WHERE " + entry.where.value),
                         quoted);
  made.down = {drop_index_concurrently(quoted)};
  made.scans = true;
  made.rows = table_.rows;
  made.seconds = static_cast<double>(table_.rows) / 1000000;
  made.reason = "after the backfill, so that the backfill does not have to keep it; nobody waits for it";
  draft_.add(Phase::validate, Place::indexes, made);
}

void TenancyTable::add_indexes() {
  if (uniques_ != nullptr) {
    for (const auto& entry : uniques_->entries) add_index(entry, true);
  }
  if (indexes_ != nullptr) {
    for (const auto& entry : indexes_->entries) add_index(entry, false);
  }
  auto analyze = step("analyze", table_.display());
  analyze.up = transaction({"ANALYZE " + table_.quoted()}, {{table_.quoted(), "SHARE UPDATE EXCLUSIVE"}});
  analyze.scans = true;
  analyze.reason = "the planner knows nothing of the new column before";
  draft_.add(Phase::validate, Place::last, analyze);
}

void TenancyTable::add_constraints() {
  const auto key = pg::quote_name(column_);
  const auto name = pg::fit_name("fk_" + table_.name + "_" + without_id(move_.column.value));
  const auto definition = fmt::format("FOREIGN KEY ({}) REFERENCES {} ({}) ON DELETE {}", key, root_.quoted(),
                                      pg::quote_name(root_.key[0]), move_.on_delete.value);
  auto foreign = step("add foreign key", fmt::format("{} on {}", name, table_.display()));
  foreign.up = add_not_valid(table_.quoted(), name, definition, root_.quoted());
  foreign.down = {drop_constraint(table_.quoted(), name, root_.quoted())};
  foreign.reason = "NOT VALID: no row is read under the lock";
  draft_.add(Phase::validate, Place::constraints, foreign);

  auto checked = step("validate", fmt::format("{} on {}", name, table_.display()));
  checked.up = validate(table_.quoted(), name, root_.quoted());
  checked.scans = true;
  checked.rows = table_.rows;
  checked.reason = "reads go on and so do writes while the rows are read";
  draft_.add(Phase::validate, Place::checks, checked);
}

Status TenancyTable::swap_names(const migration::Position& at) {
  if (displaced_.empty()) return {};
  const auto name = pg::quote_name(move_.column.value), next = pg::quote_name(column_),
             old = pg::quote_name(displaced_);
  for (const auto& dependent :
       TRY(catalog::dependents_of_column(draft_.connection, table_.quoted(), move_.column.value))) {
    if (dependent.how == catalog::How::recorded) continue;  // follows the column by its number
    const auto message = fmt::format("{} {} {} {}.{}, which means {} after the switch", dependent.kind, dependent.name,
                                     dependent.how == catalog::How::text ? "reads" : "may read", table_.display(),
                                     move_.column.value, root_.display());
    if (dependent.how == catalog::How::opaque) {
      draft_.note("opaque-body", message, at, "its body cannot be read: look whether it names the column");
    } else {
      draft_.hazard("body-follows-name", message, at,
                    "a body follows the name, not the column: make the function name " + displaced_ +
                        " in a `sql:` move with `phase: switch`, and accept this one");
    }
  }
  auto made = step("swap names", fmt::format("{0}: {1} becomes {2}, {3} becomes {1}", table_.display(),
                                             move_.column.value, displaced_, column_));
  made.up = alter(table_.quoted(), {fmt::format("RENAME COLUMN {} TO {}", name, old),
                                    fmt::format("RENAME COLUMN {} TO {}", next, name)});
  made.down = {alter(table_.quoted(), {fmt::format("RENAME COLUMN {} TO {}", name, next),
                                       fmt::format("RENAME COLUMN {} TO {}", old, name)})};
  made.reason = "one name, two meanings: from here on it has the new one, and the old application must be gone";
  draft_.add(Phase::switch_over, Place::swap, made);
  draft_.plan.swaps.push_back({table_.quoted(), move_.column.value, displaced_, column_});
  return {};
}

void TenancyTable::leave_old_unique(const migration::IndexEntry& entry) {
  std::vector<std::string> columns;
  for (const auto& column : entry.columns) columns.push_back(name_and_order(column.value).first);
  const bool at_switch = entry.from.value == migration::OldUniqueLeaves::at_switch;
  for (const auto& old : table_.uniques) {
    if (old.columns != columns || old.partial || old.primary) continue;
    if (old.referenced) {
      draft_.hazard("unique-is-referenced",
                    fmt::format("{} on {} cannot leave: a foreign key refers to it", old.name, table_.display()),
                    entry.at, "let that foreign key refer to the primary key instead");
      continue;
    }
    const auto index = pg::quote_name(table_.schema, old.name);
    auto made = step("drop unique", fmt::format("{} on {}", old.name, table_.display()));
    // CREATE UNIQUE INDEX name ON … becomes CREATE UNIQUE INDEX CONCURRENTLY name ON …
    auto again = old.definition;
    again.insert(std::string("CREATE UNIQUE INDEX").size(), " CONCURRENTLY");
    made.down = {concurrently(again, index)};
    if (old.is_constraint) {
      made.up = drop_constraint(table_.quoted(), old.name);
      auto back =
          alter(table_.quoted(), {fmt::format("ADD CONSTRAINT {0} UNIQUE USING INDEX {0}{1}", pg::quote_name(old.name),
                                              old.constraint_tail.empty() ? "" : " " + old.constraint_tail)});
      if (!old.comment.empty()) {
        back.sql.push_back(fmt::format("COMMENT ON CONSTRAINT {} ON {} IS {}", pg::quote_name(old.name),
                                       table_.quoted(), pg::quote_literal(old.comment)));
      }
      made.down.push_back(back);
    } else {
      made.up = drop_index_concurrently(index);
    }
    // Of rows with one value, the first tenant's stays, then the one with the lowest key.
    std::string same;
    for (const auto& column : columns) same += fmt::format(" AND o.{0} = t.{0}", pg::quote_name(column));
    std::string smaller = "o.ctid < t.ctid";
    if (!table_.key.empty()) {
      std::string of_o, of_t;
      for (const auto& key : table_.key) {
        of_o += (of_o.empty() ? "o." : ", o.") + pg::quote_name(key);
        of_t += (of_t.empty() ? "t." : ", t.") + pg::quote_name(key);
      }
      smaller = fmt::format("({}) < ({})", of_o, of_t);
    }
    made.keep = {
        keep(fmt::format("EXISTS (SELECT FROM {} o WHERE true{} AND ((o.@ = ${{first}}) > (t.@ = ${{first}}) OR "
                         "((o.@ = ${{first}}) = (t.@ = ${{first}}) AND {})))",
                         table_.quoted(), same, smaller),
             fmt::format("{} is taken by another row", join(columns, ", ")))};
    made.keep[0].needless_if_undone = add_column_id_;  // that one keeps all rows of others aside
    made.reason = at_switch ? "two of " + root_.display() + " may now use the same value"
                            : "the old application may rely on it until contract";
    draft_.add(at_switch ? Phase::switch_over : Phase::contract, Place::drops, made);
    draft_.plan.old_shape.push_back({OldName::Use::infers, table_.quoted(), columns, {}});
  }
}

void TenancyTable::leave_default() {
  const auto name = pg::quote_name(move_.column.value);  // its name after the switch
  auto made = step("drop default", fmt::format("{}.{}", table_.display(), move_.column.value));
  made.up = alter(table_.quoted(), {fmt::format("ALTER COLUMN {} DROP DEFAULT", name)});
  made.down = {alter(table_.quoted(), {fmt::format("ALTER COLUMN {} SET DEFAULT ${{first}}", name)})};
  made.reason = "the old application is gone: whoever inserts must say whose it is";
  draft_.add(Phase::contract, Place::defaults, made);
  std::vector<std::string> names = {move_.column.value};
  if (column_ != move_.column.value) names.push_back(column_);
  draft_.plan.old_shape.push_back({OldName::Use::insert_without, table_.quoted(), names, {}});
}

}  // namespace segue::plan
