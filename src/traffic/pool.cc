#include "traffic/pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "base/text.h"

namespace segue::traffic {
namespace {

Drawn drawn_from(const pg::Rows& rows, std::size_t row, std::size_t column) {
  return {rows.maybe(row, column), is_bare_type(rows.column_type(column))};
}

}  // namespace

Pool::Pool(std::string name, const pg::Rows& rows) : name_(std::move(name)) {
  for (std::size_t column = 0; column < rows.columns(); ++column) columns_.push_back(rows.column_name(column));
  rows_.reserve(rows.size());
  for (std::size_t row = 0; row < std::min(rows.size(), capacity); ++row) {
    auto values = std::make_shared<std::vector<Drawn>>();
    for (std::size_t column = 0; column < columns_.size(); ++column) values->push_back(drawn_from(rows, row, column));
    rows_.push_back(std::move(values));
  }
}

std::size_t Pool::size() const {
  const std::shared_lock lock(mutex_);
  return rows_.size();
}

PoolRow Pool::pick(Random& random, double skew, bool own, int connection, int connections) const {
  const std::shared_lock lock(mutex_);
  const std::size_t step = own ? static_cast<std::size_t>(connections) : 1;
  const std::size_t first = own ? static_cast<std::size_t>(connection) : 0;
  if (first >= rows_.size()) return nullptr;
  const std::size_t count = (rows_.size() - first + step - 1) / step;
  const std::size_t index = skew > 0 ? random.zipf(count, skew) - 1 : random.below(count);
  return rows_[first + index * step];
}

Status Pool::add(const pg::Rows& rows) {
  if (rows.empty()) return {};
  auto values = std::make_shared<std::vector<Drawn>>();
  for (const auto& wanted : columns_) {
    std::size_t column = 0;
    while (column < rows.columns() && rows.column_name(column) != wanted) ++column;
    if (column == rows.columns()) {
      return failure("no-such-column",
                     fmt::format("the pool `{}` has a column `{}` that the statement does not return", name_, wanted),
                     "add it to RETURNING");
    }
    values->push_back(drawn_from(rows, 0, column));
  }
  const std::unique_lock lock(mutex_);
  if (rows_.size() < capacity) rows_.push_back(std::move(values));
  return {};
}

int Pool::column(const std::string& name) const {
  if (name.empty()) return 0;
  const auto found = std::find(columns_.begin(), columns_.end(), name);
  return found == columns_.end() ? -1 : static_cast<int>(found - columns_.begin());
}

}  // namespace segue::traffic
