#include "plan/moves/sql_undo.h"

#include <algorithm>

#include "pg/quote.h"
#include "sql/undo.h"

namespace segue::plan {
std::string name_of(const sql::QualifiedName& name) {
  return name.schema.empty() ? pg::display_name(name.name) : pg::display_name(name.schema, name.name);
}

namespace {

// What hangs on a table (a trigger, an index, a grant, a comment, a column) goes with the table.
bool hangs_on(const sql::Touched& object) {
  return object.role == sql::Role::alters || object.role == sql::Role::writes;
}

}  // namespace

std::optional<std::string> undo_of(const sql::Statement& statement, const sql::Facts& facts,
                                   const std::set<std::string>& made) {
  const auto ours = [&](const sql::Touched& object) { return made.contains(name_of(object.name)); };
  const bool hangs = std::any_of(facts.objects.begin(), facts.objects.end(),
                                 [&](const auto& object) { return hangs_on(object) && ours(object); });
  const bool others = std::any_of(facts.objects.begin(), facts.objects.end(),
                                  [&](const auto& object) { return hangs_on(object) && !ours(object); });
  // A trigger goes before the function that it calls; what has no inverse of its own goes with its table.
  if (hangs && !others) return sql::inverse_of(statement).value_or("");
  if (facts.kind == sql::Kind::set || facts.kind == sql::Kind::select) return "";
  return sql::inverse_of(statement);
}

}  // namespace segue::plan
