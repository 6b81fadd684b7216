// Rows that parameters are picked from: asked from the database at the start, joined by rows that the run itself made.
// Many connections pick and add at once; a picked row stays valid whatever is added.
#pragma once

#include <shared_mutex>
#include <string>
#include <vector>

#include "traffic/generator.h"

namespace segue::traffic {

class Pool {
 public:
  Pool(std::string name, const pg::Rows& rows);

  const std::string& name() const { return name_; }
  const std::vector<std::string>& columns() const { return columns_; }
  std::size_t size() const;

  // A row, or nullptr where there is none to pick. `skew` > 0 prefers the first rows (Zipf). `own`: only the rows whose
  // place in the pool leaves `connection` when divided by `connections`, so no two connections pick the same.
  PoolRow pick(Random& random, double skew, bool own, int connection, int connections) const;

  // The columns of this pool out of the first row; an error names the column that the row does not have.
  Status add(const pg::Rows& rows);

  // The column's place; -1 where the pool has none of that name. Empty: the first.
  int column(const std::string& name) const;

  static constexpr std::size_t capacity = 1'000'000;

 private:
  std::string name_;
  std::vector<std::string> columns_;
  mutable std::shared_mutex mutex_;
  std::vector<PoolRow> rows_;
};

}  // namespace segue::traffic
