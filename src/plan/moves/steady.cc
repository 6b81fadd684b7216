#include "plan/moves/steady.h"

#include <set>
#include <vector>

#include "base/text.h"
#include "sql/parse.h"
#include "sql/references.h"

namespace segue::plan {
namespace {

// Stable in a transaction, and another one in the next.
const std::set<std::string>& clocks() {
  static const std::set<std::string> names = {"now", "transaction_timestamp", "statement_timestamp"};
  return names;
}

}  // namespace

Result<std::optional<std::string>> unsteady_part(pg::Connection& connection, const std::string& expression) {
  const auto query = "SELECT " + expression;
  const sql::Source source(query);
  for (const auto& statement : source.statements()) {
    const auto word = sql::find(statement.tree, "SQLValueFunction");
    if (!word) continue;
    const auto at = word.location();
    const auto end = query.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", at);
    return std::optional(query.substr(at, end == std::string::npos ? end : end - at));
  }
  std::vector<std::string> schemas, names;
  for (const auto& function : sql::references_of_sql(query).functions) {
    if (clocks().contains(function.name)) return std::optional(function.name + "()");
    schemas.push_back(function.schema);
    names.push_back(function.name);
  }
  if (names.empty()) return std::optional<std::string>();
  const auto found =
      TRY(connection.query("SELECT min(p.proname) FROM unnest($1::text[], $2::text[]) f(schema, name) JOIN pg_proc p "
                           "ON p.proname = f.name JOIN "
                           "pg_namespace n ON n.oid = p.pronamespace WHERE p.provolatile = 'v' AND (n.nspname = "
                           "f.schema OR (f.schema = '' AND "
                           "pg_function_is_visible(p.oid)))",
                           {schemas, names}));
  if (found.is_null(0, 0)) return std::optional<std::string>();
  return std::optional(found.string(0, 0) + "()");
}

}  // namespace segue::plan
