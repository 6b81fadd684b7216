#include "sql/expression.h"

#include <pg_query.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "sql/normal_form.h"

namespace segue::sql {
namespace {

std::optional<nlohmann::json> parse(const std::string& sql) {
  const PgQueryParseResult result = pg_query_parse(sql.c_str());
  const std::unique_ptr<const PgQueryParseResult, void (*)(const PgQueryParseResult*)> owner(
      &result, [](const PgQueryParseResult* done) { pg_query_free_parse_result(*done); });
  if (result.error != nullptr || result.parse_tree == nullptr) return std::nullopt;
  auto tree = nlohmann::json::parse(result.parse_tree, nullptr, false);
  if (tree.is_discarded()) return std::nullopt;
  return tree;
}

// The text within a statement that makes it whole, so that the parser takes it.
std::string canonical(std::string_view before, std::string_view text, std::string_view after) {
  std::string sql(before);
  sql += text;
  sql += after;
  // A NUL ends what the parser sees, so it would make different texts equal.
  if (sql.find('\0') != std::string::npos) return even_blanks(text);
  auto tree = parse(sql);
  if (!tree) return even_blanks(text);
  to_normal_form(*tree);
  return (*tree)["stmts"].dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string canonical_expression(std::string_view text) {
  return canonical("SELECT (", text, ")");
}

std::string canonical_statement(std::string_view text) {
  return canonical("", text, "");
}

std::string canonical_constraint(std::string_view text) {
  return canonical("ALTER TABLE t ADD ", text, "");
}

std::string canonical_index(std::string_view text) {
  return canonical("CREATE INDEX ON t ", text, "");
}

std::string canonical_arguments(std::string_view text) {
  return canonical("CREATE FUNCTION f(", text, ") RETURNS void LANGUAGE sql AS ''");
}

std::string canonical_body(std::string_view text) {
  return canonical("CREATE FUNCTION f() RETURNS void LANGUAGE sql ", text, "");
}

}  // namespace segue::sql
