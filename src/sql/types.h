// Types as text, and which changes of a column's type leave the rows as they are.
#pragma once

#include <string>

#include "sql/node.h"

namespace segue::sql {

// A TypeName node as format_type prints it: "character varying(20)", "integer[]", "public.mood". serial types come
// as the integers that they are.
std::string type_text(Node type_name);

// "smallserial", "serial" or "bigserial" make a sequence.
bool is_serial(Node type_name);

// Whether a column of the first type becomes the second by a change of the catalog only (PostgreSQL 11 to 18). Both as
// type_text gives them.
bool keeps_rows(const std::string& before, const std::string& after, bool timezone_is_utc);

}  // namespace segue::sql
