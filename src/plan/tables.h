// The tables that a plan has to do with.
#pragma once

#include <set>
#include <string>

#include "plan/plan.h"
#include "sql/references.h"

namespace segue::plan {

// Those that it locks, fills, sets rows aside of or names in the user's own SQL, as schema.table without quotes. A name
// without a schema counts as public. Too many may be told (a common table expression of the same name), none is missed.
std::set<std::string> tables_of(const Plan& plan);

// A name in SQL as a file has it: orders, crm.orders.
std::string as_written(const sql::QualifiedName& name);

// The same of one name as SQL has it: "public"."orders" is public.orders.
std::string plain_name(std::string quoted);

}  // namespace segue::plan
