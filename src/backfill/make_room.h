// Vacuum between ranges: what a batch leaves behind is used again by the next ones, so that the table does not double.
#pragma once

#include <functional>
#include <string>

#include "pg/connection.h"

namespace segue::backfill {

class MakeRoom {
 public:
  MakeRoom(std::string table, std::function<Result<pg::Connection>()> open)
      : table_(std::move(table)), open_(std::move(open)) {}

  // Whether so much of the walk is done since the last time that it is worth while; tables of a few pages never.
  bool due(double share) const { return share - last_ >= step; }

  // Gives way at once where somebody holds the table; never cuts its end off, because that takes a strong lock.
  void run(double share);

 private:
  static constexpr double step = 0.2;
  std::string table_;
  std::function<Result<pg::Connection>()> open_;
  double last_ = 0;
};

}  // namespace segue::backfill
