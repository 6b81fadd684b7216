#include "plan/moves/not_null.h"

#include <fmt/format.h>

#include "pg/quote.h"
#include "plan/actions.h"

namespace segue::plan {
namespace {

std::string check_name(const Table& table, const std::string& column) {
  return pg::fit_name("segue_not_null_" + table.name + "_" + column);
}

Action add_check(const Table& table, const std::string& column) {
  return add_not_valid(table.quoted(), check_name(table, column),
                       fmt::format("CHECK ({} IS NOT NULL)", pg::quote_name(column)));
}

Action set_not_null(const Table& table, const std::string& column) {
  return alter(table.quoted(), {fmt::format("ALTER COLUMN {} SET NOT NULL", pg::quote_name(column))});
}

}  // namespace

void add_not_null(Draft& draft, const Table& table, const std::string& column, const std::string& move, Phase prove,
                  Phase set) {
  const auto name = check_name(table, column);
  const auto step = [&](std::string kind, std::string title) {
    return named_step(move, std::move(kind), std::move(title));
  };
  const auto shown = fmt::format("{}.{}", table.display(), column);
  auto check = step("add check", shown + " is not NULL");
  check.id = fmt::format("not-null-{}-{}", table.quoted(), column);
  check.up = add_check(table, column);
  // The last step drops it when it has done its work, and its undo leaves it dropped on the way to here: hence IF
  // EXISTS. The name is segue's own.
  check.down = {alter(table.quoted(), {"DROP CONSTRAINT IF EXISTS " + pg::quote_name(name)})};
  check.reason = "a proof for SET NOT NULL, which then reads no row";
  draft.add(prove, Place::constraints, check);

  auto proved = step("validate", fmt::format("{} on {}", name, table.display()));
  proved.up = validate(table.quoted(), name);
  proved.scans = true;
  proved.rows = table.rows;
  draft.add(prove, Place::checks, proved);

  auto made = step("set not null", shown);
  made.up = set_not_null(table, column);
  made.down = {alter(table.quoted(), {fmt::format("ALTER COLUMN {} DROP NOT NULL", pg::quote_name(column))})};
  made.reason = "reads no row: the check has proved it";
  draft.add(set, prove == set ? Place::swap : Place::constraints, made);

  auto drop = step("drop check", fmt::format("{} on {}", name, table.display()));
  drop.up = drop_constraint(table.quoted(), name);
  drop.down = {add_check(table, column), validate(table.quoted(), name)};
  for (auto& action : drop.down) action.needless_if_undone = check.id;
  drop.reason = "it has done its work; in a transaction of its own, or SET NOT NULL would read every row";
  draft.add(set, Place::drops, drop);
}

std::vector<Action> not_null_again(const Table& table, const std::string& column) {
  const auto name = check_name(table, column);
  return {add_check(table, column), validate(table.quoted(), name), set_not_null(table, column),
          drop_constraint(table.quoted(), name)};
}

}  // namespace segue::plan
