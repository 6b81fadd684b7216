// The names that PostgreSQL gives to what is made without one: users_pkey, users_email_key, orders_user_id_fkey,
// orders_total_check, users_lower_idx, users_id_seq; cut to 63 bytes exactly as it cuts them.
//
// They are first choices: where the name is taken, PostgreSQL appends 1, 2, … to the last part.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/node.h"

namespace segue::sql {

// name1_name2_label with both names shortened, the longer one first, until it fits; empty parts are left out.
std::string object_name(std::string_view name1, std::string_view name2, std::string_view label);

// The same, with label1, label2, … as long as `taken` says so.
std::string free_object_name(std::string_view name1, std::string_view name2, std::string_view label,
                             const std::function<bool(const std::string&)>& taken);

// Columns as they go into a name: "client_id_email".
std::string name_addition(const std::vector<std::string>& columns);

std::string primary_key_name(std::string_view table);
std::string unique_name(std::string_view table, const std::vector<std::string>& columns);
std::string exclusion_name(std::string_view table, const std::vector<std::string>& columns);
std::string foreign_key_name(std::string_view table, const std::vector<std::string>& columns);
std::string check_name(std::string_view table, Node expression);  // with the column where there is exactly one
std::string index_name(std::string_view table, const std::vector<std::string>& columns);
std::string sequence_name(std::string_view table, std::string_view column);

// The columns of an IndexStmt or an exclusion as its name has them: an expression is named after its function, or
// "expr".
std::vector<std::string> index_column_names(Node index_elements);

// The name that a Constraint node has or will get; `column` is the column that it stands at, if it stands at one.
std::string constraint_name(Node constraint, std::string_view table, std::string_view column);

}  // namespace segue::sql
