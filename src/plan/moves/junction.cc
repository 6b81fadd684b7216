// junction: a foreign key becomes many-to-many. Until the contract the old column and the marked link in the junction
// table are the same, whichever application writes; then the column is parked.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "pg/quote.h"
#include "plan/actions.h"
#include "plan/moves/junction_text.h"
#include "plan/moves/leave.h"
#include "plan/moves/move.h"
#include "plan/moves/sync_steps.h"

namespace segue::plan {
namespace {

using migration::JunctionMove;
using migration::Position;

// The table that the column refers to, its column, and what happens where a row of it is deleted.
constexpr const char* reference_sql = R"sql(
SELECT n.nspname, r.relname, a.attname, c.confdeltype, c.confupdtype IN ('c', 'n', 'd'),
  CASE WHEN c.condeferred THEN ' DEFERRABLE INITIALLY DEFERRED' WHEN c.condeferrable THEN ' DEFERRABLE' ELSE '' END FROM pg_constraint c
JOIN pg_class r ON r.oid = c.confrelid JOIN pg_namespace n ON n.oid = r.relnamespace
JOIN pg_attribute k ON k.attrelid = c.conrelid AND c.conkey = ARRAY[k.attnum]
JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = c.confkey[1]
WHERE c.conrelid = to_regclass($1) AND c.contype = 'f' AND k.attname = $2 ORDER BY c.conname LIMIT 1)sql";

class Compiler {
 public:
  Compiler(Draft& draft, const JunctionMove& move, const Table& table, const Position& at)
      : draft_(draft), move_(move), table_(table), at_(at), name_("junction " + table.display()) {}

  Status compile() {
    if (!column_fits()) return {};
    if (!TRY(holds_what_links_say())) return {};
    LeavingColumn leaving(draft_, name_, table_, move_.from_column.value, at_);
    if (!TRY(leaving.may_leave(true)) || !TRY(make_links())) return {};
    const Junction junction{
        table_, table_.key.front(),     move_.from_column.value, table_.column(table_.key.front())->type,
        links_, move_.columns[0].value, move_.columns[1].value,  move_.primary.value};
    // What asks the column for a value goes first, before the triggers that gave it one.
    leaving.relax(false);
    add_steps(JunctionText(junction));
    leaving.park();
    draft_.plan.old_shape.push_back({OldName::Use::column, table_.quoted(), {move_.from_column.value}, {}});
    return {};
  }

 private:
  void refuse(const std::string& code, const std::string& message, const std::string& hint) {
    draft_.hazard(code, message, at_, hint);
  }
  std::string shown() const { return table_.display() + "." + move_.from_column.value; }
  Step step(std::string kind) const {
    return named_step(name_, std::move(kind), fmt::format("{} and {}", shown(), links_.display()));
  }

  bool column_fits() {
    const auto* column = table_.column(move_.from_column.value);
    if (column == nullptr) {
      refuse("no-such-column", fmt::format("{} has no column {}", table_.display(), move_.from_column.value),
             "name it as the database does");
      return false;
    }
    if (table_.key.size() != 1) {
      refuse("no-key",
             fmt::format("{} has no primary key of one column, which a link could refer to", table_.display()),
             "give it one first");
      return false;
    }
    if (column->not_null) {
      refuse("column-not-null",
             fmt::format("{} is NOT NULL: a row without a marked link could not be one of the old shape", shown()),
             fmt::format("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL, in a migration before this one",
                         table_.display(), move_.from_column.value));
      return false;
    }
    if (column->has_default) {
      refuse("default-of-its-own",
             fmt::format("{} has a DEFAULT: a row of the new application would have a marked link before "
                         "it makes one",
                         shown()),
             "drop the default in a migration before this one");
      return false;
    }
    if (move_.primary.empty()) {
      refuse("no-primary", fmt::format("of several links of a row, which one is {}?", shown()),
             "say `primary: COLUMN`, a boolean column of the junction table");
      return false;
    }
    return true;
  }

  // A check or a unique on the column could refuse what the links say by the time of a restore.
  Result<bool> holds_what_links_say() {
    const auto rows = TRY(draft_.connection.query(
        "SELECT c.conname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY "
        "(c.conkey) "
        "WHERE c.conrelid = to_regclass($1) AND a.attname = $2 AND c.contype IN ('c', 'u', 'x') UNION SELECT "
        "i.indexrelid::regclass::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = "
        "ANY "
        "(i.indkey) WHERE i.indrelid = to_regclass($1) AND a.attname = $2 AND i.indisunique ORDER BY 1",
        {table_.quoted(), move_.from_column.value}));
    if (rows.empty()) return true;
    refuse("column-is-checked", fmt::format("{} is bound by {}, and links are not", shown(), rows.text(0, 0)),
           "drop it in a migration before this one, or bind the links in the same way");
    return false;
  }

  Result<bool> make_links() {
    auto links = TRY(draft_.table(move_.table.value));
    if (!links) {
      if (!TRY(create_links())) return false;
      links = TRY(draft_.table(move_.table.value));
    }
    if (!links || links->in_catalog) {
      refuse("junction-exists",
             fmt::format("{} was there before this migration: the way back could not tell its links "
                         "from the new ones",
                         move_.table.value),
             "let this migration make the table, under a name of its own");
      return false;
    }
    links_ = *links;
    for (const auto& name : {move_.columns[0].value, move_.columns[1].value, move_.primary.value}) {
      if (links_.column(name) != nullptr) continue;
      refuse("no-such-column", fmt::format("{} has no column {}", links_.display(), name),
             "make it where the table is made");
      return false;
    }
    const std::set<std::string> both = {move_.columns[0].value, move_.columns[1].value};
    const bool unique = std::any_of(links_.uniques.begin(), links_.uniques.end(), [&](const auto& one) {
      return std::set<std::string>(one.columns.begin(), one.columns.end()) == both;
    });
    if (!unique) {
      refuse(
          "no-unique", fmt::format("{} may hold one link twice", links_.display()),
          fmt::format("UNIQUE ({}, {}), or make it the primary key", move_.columns[0].value, move_.columns[1].value));
      return false;
    }
    return TRY(owners_fit());
  }

  // The triggers write both tables with the rights of one role.
  Result<bool> owners_fit() {
    if (made_) return true;
    const auto rows = TRY(draft_.connection.query("SELECT current_user = $1", {table_.owner}));
    if (rows.boolean(0, 0)) return true;
    refuse("two-owners",
           fmt::format("{} belongs to {}, and {} will belong to who runs this migration", table_.display(),
                       table_.owner, links_.display()),
           "run as that role, or leave the CREATE TABLE to this move");
    return false;
  }

  Result<bool> create_links() {
    const auto rows = TRY(draft_.connection.query(reference_sql, {table_.quoted(), move_.from_column.value}));
    if (rows.empty()) {
      refuse("no-foreign-key", fmt::format("{} is no foreign key: to what a link would refer is not known", shown()),
             "make the junction table with a `sql:` move before this one");
      return false;
    }
    const auto& type = table_.column(table_.key.front())->type;
    const auto& other_type = table_.column(move_.from_column.value)->type;
    const auto name = pg::quote_name(table_.schema, move_.table.value);
    const auto mine = pg::quote_name(move_.columns[0].value), other = pg::quote_name(move_.columns[1].value),
               primary = pg::quote_name(move_.primary.value);
    // A link goes with what it links, as the old column let go of it.
    const auto rule = rows.text(0, 3);
    const bool goes = rule == "n" || rule == "c" || rule == "d";
    migration::SqlMove sql;
    sql.sql.at = at_;
    sql.sql.value = fmt::format(
        "CREATE TABLE {0} ({1} {2} NOT NULL REFERENCES {3} ON DELETE CASCADE ON UPDATE CASCADE, {4} {5} NOT NULL "
        "REFERENCES {6} "
        "({7}){8}, {9} "
        "boolean NOT NULL DEFAULT false, PRIMARY KEY ({1}, {4}));\nCREATE INDEX {10} ON {0} ({4});\nCREATE UNIQUE "
        "INDEX "
        "{11} ON {0} ({1}) WHERE {9};\nALTER TABLE {0} OWNER TO {12}",
        name, mine, type, table_.quoted(), other, other_type, pg::quote_name(rows.text(0, 0), rows.text(0, 1)),
        pg::quote_name(rows.text(0, 2)),
        std::string(goes ? " ON DELETE CASCADE" : "") + (rows.boolean(0, 4) ? " ON UPDATE CASCADE" : "") +
            rows.string(0, 5),
        primary, pg::quote_name(pg::fit_name("idx_" + move_.table.value + "_" + move_.columns[1].value)),
        pg::quote_name(pg::fit_name("uq_" + move_.table.value + "_" + move_.primary.value)),
        pg::quote_name(table_.owner));
    TRY(compile_sql(draft_, sql));
    made_ = true;
    return true;
  }

  void add_steps(const JunctionText& text) {
    const auto forget = fmt::format("DELETE FROM segue.resync WHERE sync = {}", pg::quote_literal(text.settle()));
    const auto at_contract = [&](const Step& made, Step leave, Place place) {
      leave.up = made.down.front();
      leave.down = {made.up};
      leave.reason = "the new application keeps the links itself";
      draft_.add(Phase::contract, place, leave);
    };
    auto functions = step("sync functions");
    functions.up = transaction(text.functions());
    functions.down = {transaction(text.drop_functions())};
    functions.reason = "with the rights of the table's owner";
    draft_.add(Phase::expand, Place::triggers, functions);

    auto on_links = step("sync triggers");
    on_links.title = fmt::format("a marked link of {} is {}", links_.display(), shown());
    on_links.up = transaction(text.triggers_on_links(), {{links_.quoted(), "SHARE ROW EXCLUSIVE"}});
    on_links.down = {transaction(text.drop_triggers_on_links(), {{links_.quoted(), "ACCESS EXCLUSIVE"}})};
    draft_.add(Phase::expand, Place::triggers, on_links);

    auto on_table = step("sync triggers");
    on_table.title = fmt::format("{} is a marked link of {}", shown(), links_.display());
    on_table.up = transaction(text.triggers_on_table(), {{table_.quoted(), "SHARE ROW EXCLUSIVE"}});
    auto drop = text.drop_triggers_on_table();
    drop.push_back(forget);
    on_table.down = {transaction(drop, {{table_.quoted(), "ACCESS EXCLUSIVE"}})};
    on_table.reason = "rows that are written while the others are carried are right too";
    draft_.add(Phase::expand, Place::triggers, on_table);

    BackfillJob fill{table_.quoted(),
                     {pg::quote_name(move_.from_column.value)},
                     {pg::quote_name(move_.from_column.value)},
                     text.wrong(),
                     {}};
    fill.carry = text.call_to_link();
    fill.settles = true;
    fill.batch = draft_.file.limits.batch.value;
    auto carried = step("backfill");
    carried.up = plan::fill(fill);
    carried.rows = table_.rows;
    carried.seconds = static_cast<double>(table_.rows) / 15000;
    carried.reason = "the links go with their table on the way back";
    draft_.add(Phase::backfill, Place::rows, carried);
    add_comparison(draft_, table_, move_.from_column.value, text.wrong(), {"after restore", "before contract"}, true);

    // What the new application has linked since comes to the column again.
    auto leave_table = step("drop sync triggers");
    leave_table.title = on_table.title;
    BackfillJob heal = fill;
    heal.carry = text.call_to_key();
    leave_table.up = on_table.down.front();
    leave_table.up.sql.insert(leave_table.up.sql.begin(), settled_or_wait(text.settle(), on_table.title));
    leave_table.down = {on_table.up, plan::fill(heal)};
    leave_table.reason = "the new application keeps the links itself";
    draft_.add(Phase::contract, Place::first, leave_table);
    auto leave_links = step("drop sync triggers");
    leave_links.title = on_links.title;
    at_contract(on_links, leave_links, Place::first);
    at_contract(functions, step("drop sync functions"), Place::kept);
    draft_.plan.settles.push_back(text.settle() + "(integer)");
  }

  Draft& draft_;
  const JunctionMove& move_;
  const Table& table_;
  const Position& at_;
  const std::string name_;
  Table links_;
  bool made_ = false;
};

}  // namespace

Status compile_junction(Draft& draft, const JunctionMove& move, const Position& at) {
  const auto table = TRY(draft.table(move.from_table.value));
  if (!table || !table->in_catalog) {
    draft.hazard("no-such-table", fmt::format("there is no table '{}'", move.from_table.value), move.from.at,
                 "name it as the database does, with its schema where it is not the usual one");
    return {};
  }
  if (!draft.plain(*table, move.from.at)) return {};
  return Compiler(draft, move, *table, at).compile();
}

}  // namespace segue::plan
