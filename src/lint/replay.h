// A statement's effect on the schema, as far as its text tells; statements that would fail change nothing that matters.
#pragma once

#include "lint/schema.h"
#include "sql/parse.h"

namespace segue::lint {

// `file`: the number of the file in which it stands, kept with what it makes.
void replay(Schema& schema, const sql::Statement& statement, int file);

// A constraint as the node says it, with the name that it will get.
Constraint constraint_of(sql::Node node, const QualifiedName& table, const std::string& column);
// An index as the node says it; `text` is the text that the tree was parsed from.
Index index_of(sql::Node index_statement, std::string_view text);
Policy policy_of(sql::Node create_policy);

// The text of an expression, from its first to its last sign, with blanks made even.
std::string expression_text(sql::Node expression, std::string_view text);

// Columns that a condition which holds proves to be no NULL: only `c IS NOT NULL` among ANDs.
std::vector<std::string> proves_not_null(sql::Node condition);

// Columns that an expression names.
std::vector<std::string> columns_in(sql::Node expression);

}  // namespace segue::lint
