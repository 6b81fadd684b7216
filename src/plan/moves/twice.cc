#include "plan/moves/twice.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "pg/quote.h"
#include "plan/actions.h"
#include "plan/moves/bodies.h"
#include "plan/moves/move.h"
#include "plan/moves/not_null.h"

namespace segue::plan {
namespace {

using migration::Position;

constexpr const char* constraints_sql = R"sql(
SELECT c.conname, c.contype, pg_get_constraintdef(c.oid), c.convalidated, coalesce(obj_description(c.oid, 'pg_constraint'), '')
FROM pg_constraint c JOIN pg_attribute a ON a.attname = $2
WHERE a.attrelid = to_regclass($1) AND c.contype IN ('c', 'f', 'u', 'p', 'x')
  AND ((c.conrelid = a.attrelid AND a.attnum = ANY (c.conkey)) OR (c.confrelid = a.attrelid AND a.attnum = ANY (c.confkey)))
ORDER BY c.conname)sql";

constexpr const char* indexes_sql = R"sql(
SELECT ic.relname, i.indisunique, pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = $2
WHERE i.indrelid = to_regclass($1)
  AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum)
ORDER BY ic.relname)sql";

constexpr const char* rights_sql = R"sql(
SELECT privilege_type, CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END, is_grantable
FROM pg_attribute a, aclexplode(a.attacl) WHERE a.attrelid = to_regclass($1) AND a.attname = $2 ORDER BY 2, 1)sql";

struct Check {
  std::string name, definition, comment;
  bool valid = true;
};

class Compiler {
 public:
  Compiler(Draft& draft, const Twice& twice, const Position& at)
      : draft_(draft), twice_(twice), table_(twice.table), at_(at), old_(*table_.column(twice.old_name)) {}

  Status compile() {
    if (!TRY(can_be())) return {};
    TRY(add_column());
    relax();
    TRY(compile_backfill(draft_, pair(), at_));
    keep_not_null();
    park();
    return {};
  }

 private:
  std::string shown() const { return table_.display() + "." + twice_.old_name; }
  void refuse(const std::string& code, const std::string& message, const std::string& hint) {
    draft_.hazard(code, message, at_, hint);
  }
  Step step(std::string kind, std::string title) const {
    return named_step(twice_.move, std::move(kind), std::move(title));
  }
  std::string trash_name() const { return pg::fit_name("segue_trash_" + twice_.old_name); }

  Result<bool> can_be() {
    if (table_.column(twice_.new_name) != nullptr) {
      refuse("column-exists", fmt::format("{} has a column {} already", table_.display(), twice_.new_name),
             "choose another name");
      return false;
    }
    if (table_.column(trash_name()) != nullptr) {
      refuse("trash-is-full",
             fmt::format("{} has a column {}, left by an earlier contract", table_.display(), trash_name()),
             "segue purge that migration first");
      return false;
    }
    if (old_.generated) {
      refuse("generated-column", shown() + " is generated: the old application cannot write it",
             "add the new column as a generated one in a `sql:` move");
      return false;
    }
    const bool fits = TRY(read_constraints()) && TRY(read_indexes());
    auto dependents = TRY(catalog::dependents_of_column(draft_.connection, table_.quoted(), twice_.old_name));
    // Its own default hangs on it too.
    const auto itself = pg::display_name(table_.schema, table_.name) + "." + pg::display_name(twice_.old_name);
    std::erase_if(dependents, [&](const auto& one) { return one.kind == "column" && one.name == itself; });
    judge_dependents(draft_, dependents, shown(),
                     {"view", "materialized view", "policy", "trigger", "column", "statistics"}, at_);
    return fits;
  }

  Result<bool> read_constraints() {
    const auto rows = TRY(draft_.connection.query(constraints_sql, {table_.quoted(), twice_.old_name}));
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (rows.text(row, 1) == "c") {
        checks_.push_back({rows.string(row, 0), rows.string(row, 2), rows.string(row, 4), rows.boolean(row, 3)});
        continue;
      }
      refuse("column-is-a-key", fmt::format("{} is part of {} ({})", shown(), rows.text(row, 0), rows.text(row, 2)),
             "keys and uniques cannot live twice in this version of segue");
      return false;
    }
    return true;
  }

  Result<bool> read_indexes() {
    const auto rows = TRY(draft_.connection.query(indexes_sql, {table_.quoted(), twice_.old_name}));
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (rows.boolean(row, 1)) {
        refuse("column-is-a-key", fmt::format("{} is part of the unique index {}", shown(), rows.text(row, 0)),
               "keys and uniques cannot live twice in this version of segue");
        return false;
      }
      draft_.note("index-of-old-column",
                  fmt::format("the index {} serves {} only: {}", rows.text(row, 0), shown(), rows.text(row, 2)), at_,
                  fmt::format("where the new application needs one too: CREATE INDEX … ({}) in a `sql:` move with "
                              "`phase: validate`",
                              twice_.new_name));
    }
    return true;
  }

  Status add_column() {
    const auto name = pg::quote_name(twice_.new_name);
    auto made = step("add column", fmt::format("{}.{} ({})", table_.display(), twice_.new_name, twice_.type));
    made.up = alter(table_.quoted(), {fmt::format("ADD COLUMN {} {}", name, twice_.type)});
    const auto rights = TRY(draft_.connection.query(rights_sql, {table_.quoted(), twice_.old_name}));
    for (std::size_t row = 0; row < rights.size(); ++row) {
      made.up.sql.push_back(fmt::format("GRANT {} ({}) ON {} TO {}{}", rights.text(row, 0), name, table_.quoted(),
                                        rights.text(row, 1), rights.boolean(row, 2) ? " WITH GRANT OPTION" : ""));
    }
    made.down = {alter(table_.quoted(), {"DROP COLUMN " + name})};
    made.reason = "NULL for rows of before, which the backfill fills: no row is rewritten";
    draft_.add(Phase::expand, Place::tables, made);
    draft_.will_add(table_, twice_.new_name, {twice_.type, false, Phase::expand});
    return {};
  }

  migration::BackfillMove pair() const {
    migration::BackfillMove move;
    move.table = text(table_.schema + "." + table_.name);
    move.set = {{text(twice_.new_name), twice_.forth}};
    move.back = {{text(twice_.old_name), twice_.back}};
    move.keep_in_sync = {migration::KeepInSync::pair, at_};
    return move;
  }
  migration::Text text(const std::string& value) const {
    migration::Text made;
    made.value = value;
    made.at = at_;
    return made;
  }

  // Where the old column takes what its type allows, an image may be missing until nobody writes it any more.
  void keep_not_null() {
    if (!old_.not_null) return;
    if (twice_.total) {
      add_not_null(draft_, table_, twice_.new_name, twice_.move);
    } else {
      add_not_null(draft_, table_, twice_.new_name, twice_.move, Phase::contract, Phase::contract);
    }
  }

  // The new application writes rows that say nothing of the old column: what asks it for a value goes first, before
  // the triggers that gave it one.
  void relax() {
    if (!old_.not_null && checks_.empty()) return;
    auto made = step("relax", shown() + " takes rows that say nothing of it");
    std::vector<std::string> clauses;
    if (old_.not_null) {
      clauses.push_back(fmt::format("ALTER COLUMN {} DROP NOT NULL", pg::quote_name(twice_.old_name)));
      made.down = not_null_again(table_, twice_.old_name);
    }
    for (const auto& check : checks_) {
      clauses.push_back("DROP CONSTRAINT " + pg::quote_name(check.name));
      auto again = check.definition;
      const auto mark = again.rfind(" NOT VALID");
      if (mark != std::string::npos && mark + 10 == again.size()) again.resize(mark);
      auto back = add_not_valid(table_.quoted(), check.name, again);
      if (!check.comment.empty()) {
        back.sql.push_back(fmt::format("COMMENT ON CONSTRAINT {} ON {} IS {}", pg::quote_name(check.name),
                                       table_.quoted(), pg::quote_literal(check.comment)));
      }
      made.down.push_back(back);
      if (check.valid) made.down.push_back(validate(table_.quoted(), check.name));
    }
    made.up = alter(table_.quoted(), clauses);
    made.reason = "the old application is gone";
    draft_.add(Phase::contract, Place::first, made);
  }

  void park() {
    const auto old = pg::quote_name(twice_.old_name), trash = pg::quote_name(trash_name());
    auto made = step("park column", fmt::format("{} becomes {}", shown(), trash_name()));
    std::vector<std::string> clauses, again;
    again.push_back(fmt::format("RENAME COLUMN {} TO {}", trash, old));
    if (old_.has_default) {
      clauses.push_back(fmt::format("ALTER COLUMN {} DROP DEFAULT", old));
      again.push_back(fmt::format("ALTER COLUMN {} SET DEFAULT {}", old, old_.default_sql));
    }
    clauses.push_back(fmt::format("RENAME COLUMN {} TO {}", old, trash));
    made.up = alter(table_.quoted(), clauses);
    made.down = {alter(table_.quoted(), again)};
    made.reason = "it keeps its place and its values until purge";
    draft_.add(Phase::contract, Place::drops, made);
    draft_.plan.trash.push_back({table_.quoted(), trash_name()});
  }

  Draft& draft_;
  const Twice& twice_;
  const Table& table_;
  const Position& at_;
  const TableColumn& old_;
  std::vector<Check> checks_;
};

}  // namespace

Status add_twice(Draft& draft, const Twice& twice, const Position& at) {
  return Compiler(draft, twice, at).compile();
}

}  // namespace segue::plan
