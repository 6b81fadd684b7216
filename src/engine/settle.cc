#include "engine/settle.h"

#include <chrono>
#include <thread>

namespace segue::engine {
namespace {

constexpr int looks = 5;  // while somebody writes, there is always something left
constexpr std::chrono::milliseconds between_looks{20};

}  // namespace

Result<std::int64_t> settle_once(pg::Connection& connection, const std::string& function, int most) {
  const auto there = TRY(connection.query("SELECT to_regprocedure($1) IS NOT NULL", {function}));
  if (!there.boolean(0, 0)) return 0;
  const auto name = function.substr(0, function.rfind('('));
  return TRY(connection.query("SELECT " + name + "($1)", {most})).integer(0, 0);
}

Result<std::int64_t> settle(Work& work) {
  std::int64_t left = 0;
  for (const auto& function : work.plan.settles) {
    for (int look = 0; look < looks && !work.asked_to_stop(); ++look) {
      if (look > 0) std::this_thread::sleep_for(between_looks);
      left = TRY(settle_once(work.connection, function, many_changes));
      if (left == 0) break;
    }
  }
  return left;
}

Result<std::int64_t> settle_all_rows(Work& work) {
  for (const auto& function : work.plan.settles) {
    TRY(work.connection.execute(
        "INSERT INTO segue.resync (sync, source) SELECT $1, 0 WHERE to_regprocedure($2) IS NOT NULL",
        {function.substr(0, function.rfind('(')), function}));
  }
  return settle(work);
}

}  // namespace segue::engine
