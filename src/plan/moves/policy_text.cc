#include <fmt/format.h>

#include "base/json.h"
#include "pg/quote.h"
#include "plan/moves/policies.h"
#include "sql/lexer.h"
#include "sql/written.h"

namespace segue::plan {
namespace {

constexpr const char* policies_sql = R"sql(
SELECT p.polname, p.polpermissive,
  CASE p.polcmd WHEN '*' THEN 'ALL' WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' ELSE 'DELETE' END,
  (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END, ', ') FROM unnest(p.polroles) r),
  coalesce(pg_get_expr(p.polqual, p.polrelid), ''), coalesce(pg_get_expr(p.polwithcheck, p.polrelid), ''),
  array_to_json(ARRAY(SELECT DISTINCT a.attname FROM pg_depend d
    JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE d.classid = 'pg_policy'::regclass AND d.objid = p.oid AND d.refobjid = p.polrelid AND d.refobjsubid > 0 ORDER BY 1)),
  coalesce(obj_description(p.oid, 'pg_policy'), '')
FROM pg_policy p WHERE p.polrelid = to_regclass($1) ORDER BY p.polname)sql";

// The server names the columns of the policy's own table by the table where a subquery stands around them.
std::string of_table(const std::string& expression, const Table& like, const Table& table) {
  std::string text;
  std::size_t copied = 0;
  const auto tokens = sql::tokens_of(expression, 0, expression.size());
  for (std::size_t at = 0; at + 1 < tokens.size(); ++at) {
    const bool after_dot = at > 0 && sql::is_sign(expression, tokens[at - 1], '.');
    const bool named = tokens[at].in(expression) == like.name || tokens[at].in(expression) == pg::quote_name(like.name);
    if (after_dot || !named || !sql::is_sign(expression, tokens[at + 1], '.')) continue;
    text += expression.substr(copied, tokens[at].begin - copied) + pg::quote_name(table.name);
    copied = tokens[at].end;
  }
  return text + expression.substr(copied);
}

}  // namespace

Result<std::vector<Policy>> policies_of(pg::Connection& connection, const std::string& table) {
  const auto rows = TRY(connection.query(policies_sql, {table}));
  std::vector<Policy> found;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    Policy policy{rows.string(row, 0),
                  rows.boolean(row, 1),
                  rows.string(row, 2),
                  rows.string(row, 3),
                  rows.string(row, 4),
                  rows.string(row, 5),
                  {},
                  rows.string(row, 7)};
    for (const auto& column : Json::parse(rows.text(row, 6))) policy.columns.push_back(column.get<std::string>());
    found.push_back(std::move(policy));
  }
  return found;
}

bool is_ambiguous(const Policy& policy, const Table& table) {
  for (const auto* expression : {&policy.sees, &policy.checks}) {
    for (const auto& token : sql::tokens_of(*expression, 0, expression->size())) {
      const bool name = token.kind == sql::TokenKind::word || token.kind == sql::TokenKind::quoted_name;
      if (name && sql::folded(token.in(*expression)) == table.name) return true;
    }
  }
  return false;
}

std::string create_text(const Policy& policy, const Table& like, const Table& table) {
  auto sql = fmt::format("CREATE POLICY {} ON {} AS {} FOR {} TO {}", pg::quote_name(policy.name), table.quoted(),
                         policy.permissive ? "PERMISSIVE" : "RESTRICTIVE", policy.command, policy.roles);
  if (!policy.sees.empty()) sql += fmt::format(" USING ({})", of_table(policy.sees, like, table));
  if (!policy.checks.empty()) sql += fmt::format(" WITH CHECK ({})", of_table(policy.checks, like, table));
  return sql;
}

}  // namespace segue::plan
