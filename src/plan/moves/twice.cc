#include "plan/moves/twice.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "pg/quote.h"
#include "plan/actions.h"
#include "plan/moves/leave.h"
#include "plan/moves/move.h"
#include "plan/moves/not_null.h"

namespace segue::plan {
namespace {

using migration::Position;

constexpr const char* rights_sql = R"sql(
SELECT privilege_type, CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END, is_grantable
FROM pg_attribute a, aclexplode(a.attacl) WHERE a.attrelid = to_regclass($1) AND a.attname = $2 ORDER BY 2, 1)sql";

class Compiler {
 public:
  Compiler(Draft& draft, const Twice& twice, const Position& at)
      : draft_(draft),
        twice_(twice),
        table_(twice.table),
        at_(at),
        old_(*table_.column(twice.old_name)),
        leaving_(draft, twice.move, table_, twice.old_name, at) {}

  Status compile() {
    if (!TRY(can_be())) return {};
    TRY(add_column());
    leaving_.relax(false);  // the pair makes rows right that were written without it
    TRY(compile_backfill(draft_, pair(), at_));
    keep_not_null();
    leaving_.park();
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

  Result<bool> can_be() {
    if (table_.column(twice_.new_name) != nullptr) {
      refuse("column-exists", fmt::format("{} has a column {} already", table_.display(), twice_.new_name),
             "choose another name");
      return false;
    }
    if (old_.generated) {
      refuse("generated-column", shown() + " is generated: the old application cannot write it",
             "add the new column as a generated one in a `sql:` move");
      return false;
    }
    return leaving_.may_leave(false);
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

  Draft& draft_;
  const Twice& twice_;
  const Table& table_;
  const Position& at_;
  const TableColumn& old_;
  LeavingColumn leaving_;
};

}  // namespace

Status add_twice(Draft& draft, const Twice& twice, const Position& at) {
  return Compiler(draft, twice, at).compile();
}

}  // namespace segue::plan
