// Two spellings of one expression made equal.
//
// PostgreSQL prints expressions from its own trees, and reading its own print back does not always give the same tree:
// `x IN ('a', 'b')` on a varchar prints one array cast, and each element cast after a dump and restore. Here such
// pairs become one text. It is for comparing only: the result is not SQL and changes between versions of segue.
// Expressions that mean the same for deeper reasons (a + b and b + a) stay different.
#pragma once

#include <string>
#include <string_view>

namespace segue::sql {

// A bare expression: a default, a CHECK condition, a USING clause. What the parser does not know (it speaks PostgreSQL
// 15) comes back with only its blanks made even; so it is with all functions here.
std::string canonical_expression(std::string_view text);

// A whole statement: a view's query, CREATE RULE, CREATE TRIGGER.
std::string canonical_statement(std::string_view text);

// What follows ADD CONSTRAINT name: "CHECK ((total > 0))".
std::string canonical_constraint(std::string_view text);

// What follows CREATE INDEX name ON table: "USING btree (lower(name)) WHERE (total > 0)".
std::string canonical_index(std::string_view text);

// What stands between the parentheses of CREATE FUNCTION: "a integer DEFAULT 1, VARIADIC b text[]".
std::string canonical_arguments(std::string_view text);

// The body of a function in standard form: "RETURN (a + 1)" or "BEGIN ATOMIC … END".
std::string canonical_body(std::string_view text);

}  // namespace segue::sql
