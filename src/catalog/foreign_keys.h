// Foreign keys as a graph: who refers to whom, in which order tables can be filled, and what hangs on one table.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "pg/connection.h"

namespace segue::catalog {

struct ForeignKey {
  std::string name;                     // of the constraint, unquoted
  std::string from;                     // the referencing table, "public.orders"
  std::vector<std::string> columns;     // unquoted
  std::string to;                       // the referenced table
  std::vector<std::string> to_columns;  // unquoted
  std::string on_delete = "NO ACTION";  // as SQL says it
  std::string on_update = "NO ACTION";
  bool deferrable = false;
  bool initially_deferred = false;
  bool validated = true;
};

// Tables in an order in which each comes after those that it refers to. Tables that refer to each other in a circle
// (also through others) form a group that cannot be ordered: they are kept together and named in `cycles`.
struct FillOrder {
  std::vector<std::string> tables;
  std::vector<std::vector<std::string>> cycles;  // a table that refers to itself is a cycle of one
};

// Without the copies that partitions carry; foreign keys of partitioned tables appear once.
class ForeignKeyGraph {
 public:
  static Result<ForeignKeyGraph> load(pg::Connection& connection, const std::vector<std::string>& schemas = {});
  ForeignKeyGraph(std::vector<std::string> tables, std::vector<ForeignKey> edges);

  const std::vector<std::string>& tables() const { return tables_; }
  const std::vector<ForeignKey>& edges() const { return edges_; }
  std::vector<ForeignKey> from(const std::string& table) const;
  std::vector<ForeignKey> to(const std::string& table) const;

  FillOrder fill_order() const;

  enum class Towards { referencing, referenced };
  // The table and all that refer to it (or that it refers to), directly or through others; nearest first.
  std::vector<std::string> closure(const std::string& root, Towards direction = Towards::referencing) const;

 private:
  std::vector<std::string> tables_;
  std::vector<ForeignKey> edges_;
};

}  // namespace segue::catalog
