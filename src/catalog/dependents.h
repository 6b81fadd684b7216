// Who depends on a column, a table, a type or a function.
//
// The server records most of it (pg_depend): views, policies, triggers, generated columns, defaults, constraints,
// indexes, publications, foreign keys. It records nothing about the text of function bodies: these are parsed here (SQL
// and PL/pgSQL), and what cannot be seen through (EXECUTE, other languages, newer syntax) is reported as opaque, never
// left out. Names in bodies are matched without knowing the search_path of their callers, so a body may be listed
// that means another table of the same name; none is missed.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "pg/connection.h"

namespace segue::catalog {

enum class How {
  recorded,  // pg_depend says so
  text,      // a body names it
  opaque,    // a body that could name it and cannot be read
};
const char* name_of(How how);

struct Dependent {
  std::string kind;  // as in snapshots: "view", "policy", "function", …
  std::string name;  // as in snapshots
  How how = How::recorded;
  std::string detail;  // "EXECUTE in line 4"; may be empty

  bool operator==(const Dependent&) const = default;
};

// Names as SQL writes them ("public.orders", "public.f(integer)"); they are looked up by the server. Sorted by kind and
// name. The object's own parts (its indexes, the sequence of its identity column) are listed too.
Result<std::vector<Dependent>> dependents_of_table(pg::Connection& connection, const std::string& table);
Result<std::vector<Dependent>> dependents_of_column(pg::Connection& connection, const std::string& table,
                                                    const std::string& column);
Result<std::vector<Dependent>> dependents_of_type(pg::Connection& connection, const std::string& type);
Result<std::vector<Dependent>> dependents_of_function(pg::Connection& connection, const std::string& signature);

}  // namespace segue::catalog
