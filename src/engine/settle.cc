#include "engine/settle.h"

#include <chrono>
#include <thread>

#include "base/clock.h"

namespace segue::engine {
namespace {

constexpr double patience_s = 1;  // while somebody writes, there is always something left
constexpr std::chrono::milliseconds between_looks{20};

}  // namespace

Result<std::int64_t> settle_once(pg::Connection& connection, const std::string& function, int most) {
  const auto there = TRY(connection.query("SELECT to_regprocedure($1) IS NOT NULL", {function}));
  if (!there.boolean(0, 0)) return 0;
  const auto name = function.substr(0, function.rfind('('));
  return TRY(connection.query("SELECT " + name + "($1)", {most})).integer(0, 0);
}

Result<std::int64_t> settle(Work& work) {
  std::int64_t left = 0;  // of all of them
  for (const auto& function : work.plan.settles) {
    const Stopwatch took;
    std::int64_t before = -1, now = 0;
    while (took.seconds() < patience_s && !work.asked_to_stop()) {
      now = TRY(settle_once(work.connection, function, few_changes));
      if (now == 0) break;
      // What is left waits for others.
      if (now == before) std::this_thread::sleep_for(between_looks);
      before = now;
    }
    left += now;
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
