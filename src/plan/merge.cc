#include "plan/merge.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/references.h"

namespace segue::plan {
namespace {

bool can_be_joined(const Step& step) {
  const auto& job = step.up.backfill;
  return step.up.kind == ActionKind::backfill && step.kind == "backfill" && step.down.empty() && step.keep.empty() &&
         job.from.empty() && !job.one_pass && !job.in_place && !job.settles && job.pending_again.empty();
}

// Whether what one asks for is set by the other. Its own columns it may ask for.
bool asks_for(const BackfillJob& job, const BackfillJob& other) {
  std::string all = job.pending;
  for (const auto& value : job.values) all += ", " + value;
  const auto used = sql::references_of_sql("SELECT " + all).columns;
  return std::any_of(other.columns.begin(), other.columns.end(), [&](const auto& column) {
    return std::any_of(used.begin(), used.end(), [&](const auto& one) {
      return column == "\"" + one.column + "\"" || column == one.column || one.column == "*";
    });
  });
}

}  // namespace

bool can_be_one(const Step& step, const Step& other) {
  const auto& job = step.up.backfill;
  const auto& more = other.up.backfill;
  return can_be_joined(step) && can_be_joined(other) && step.phase == other.phase && job.table == more.table &&
         job.key == more.key && job.skip_triggers == more.skip_triggers && job.only_silent == more.only_silent &&
         job.batch == more.batch && !asks_for(job, more) && !asks_for(more, job);
}

Step one_of(const std::vector<Step>& steps) {
  auto one = steps.front();
  if (steps.size() == 1) return one;
  auto& job = one.up.backfill;
  job.columns.clear();
  job.values.clear();
  job.pending.clear();
  one.title.clear();
  for (const auto& step : steps) {
    const auto& part = step.up.backfill;
    for (std::size_t at = 0; at < part.columns.size(); ++at) {
      job.columns.push_back(part.columns[at]);
      // A row that only another of them has to change keeps what stands there.
      job.values.push_back(
          fmt::format("CASE WHEN ({}) THEN {} ELSE {} END", part.pending, part.values[at], part.columns[at]));
    }
    job.pending += fmt::format("{}({})", job.pending.empty() ? "" : " OR ", part.pending);
    one.title += one.title.empty() ? step.title : ", " + step.title.substr(step.title.find(": ") + 2);
  }
  one.up.sql = {update_text(job)};
  one.reason = "one pass over the table for all of them; their values go with the columns on the way back";
  return one;
}

}  // namespace segue::plan
