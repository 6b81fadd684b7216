// The part of replay.h that is about tables, their columns and constraints. Only replay.cc includes this.
#pragma once

#include <string>
#include <string_view>

#include "lint/schema.h"
#include "sql/node.h"

namespace segue::lint {

void create_table(Schema& schema, sql::Node tree, std::string_view text, int file);
void alter_table(Schema& schema, sql::Node tree, std::string_view text, int file);
void rename_column(Schema& schema, Table& table, const std::string& before, const std::string& after);

}  // namespace segue::lint
