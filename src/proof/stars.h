// Statements that take a table's columns as they come: SELECT *, t.*, RETURNING *, INSERT … SELECT *, INSERT and COPY
// without a list of columns.
//
// A prepared one of them fails when a column comes or goes, and goes on failing in drivers that do not prepare again.
// Only stars whose columns reach the result, a table or a comparison count: count(*), EXISTS (SELECT * …) and a
// subquery from which columns are picked by name do not. What PostgreSQL's parser (15) cannot read is taken word by
// word. In functions every star over such a table counts. Names without a schema count for every schema.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "pg/connection.h"

namespace segue::proof {

struct Star {
  std::string table;  // schema.table, as it was asked for
  std::string what;   // "SELECT *", "RETURNING *", "INSERT without columns", "COPY without columns"
  std::string text;   // of the statement, or the name of the function
  std::string role;   // whose statement it is; empty: a function
  std::int64_t calls = 0;
};

struct Stars {
  bool readable = false;         // the statements of all users
  std::string message;           // why not
  std::vector<Star> statements;  // one entry a statement and role, those called most first
  std::vector<Star> functions;
};

// Which of these tables (schema.table without quotes) the statement takes as they come, and how; parsed, not run.
std::vector<Star> stars_of(const std::string& statement, const std::set<std::string>& tables);

// Of this database: recorded statements and functions. Fails only when the connection is lost.
Result<Stars> find_stars(pg::Connection& connection, const std::set<std::string>& tables);

}  // namespace segue::proof
