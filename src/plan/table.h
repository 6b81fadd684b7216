// What the plan needs to know of a table: from the live catalog, or, where a move of the same migration makes it, from
// the text of its CREATE TABLE.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pg/connection.h"

namespace segue::plan {

struct TableColumn {
  std::string name;  // unquoted
  std::string type;  // as format_type says it
  bool not_null = false;
  bool has_default = false;
  bool generated = false;
  std::string default_sql = {};  // as the server says it; empty where it has none, or is generated
};

// A unique index, whether or not a constraint stands on it.
struct UniqueIndex {
  std::string name;                  // of the index, unquoted
  std::vector<std::string> columns;  // unquoted; empty where it holds expressions
  bool is_constraint = false;
  bool primary = false;
  bool partial = false;
  std::string definition;       // CREATE UNIQUE INDEX … as the server says it
  std::string constraint_tail;  // what follows USING INDEX: "DEFERRABLE INITIALLY DEFERRED"
  std::string comment;          // on the constraint (or the index)
  bool referenced = false;      // a foreign key needs it
};

struct Table {
  std::string schema;
  std::string name;
  std::string kind = "table";  // table, partitioned table
  bool in_catalog = true;
  std::vector<TableColumn> columns;
  std::vector<std::string> key;  // of the primary key, in order
  std::vector<UniqueIndex> uniques;
  std::vector<std::string> index_names;  // all of its schema: an index needs a name that is free
  std::int64_t rows = 0;                 // estimated
  std::int64_t bytes = 0;
  bool analyzed = true;
  std::string owner;
  std::string search_path;  // of the session that looked, for functions that are to find what it finds
  bool mine = true;         // this user has the rights of its owner
  bool hides_rows = false;  // row level security holds for this user too

  std::string quoted() const;
  std::string display() const;
  const TableColumn* column(const std::string& name) const;
  // Whether a file means it by this: "users", "crm.users".
  bool is_called(const std::string& written) const;
};

// By the name in the file, "users" or "crm.users"; without a schema the search_path decides. Nothing where there is no
// such table.
Result<std::optional<Table>> load_table(pg::Connection& connection, const std::string& name);

// Its triggers that an UPDATE fires, but for segue's own.
Result<std::vector<std::string>> update_triggers(pg::Connection& connection, const Table& table);

}  // namespace segue::plan
