#include "plan/merge.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/references.h"

namespace segue::plan {
namespace {

bool can_be_joined(const Step& step) {
  const auto& job = step.up.backfill;
  return step.up.kind == ActionKind::backfill && step.kind == "backfill" && step.down.empty() && step.keep.empty() &&
         job.from.empty() && !job.one_pass && !job.in_place && job.pending_again.empty();
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

void take(std::string& text, const std::string& more) {
  text += ", " + more.substr(more.find(": ") + 2);
}

}  // namespace

bool merge_backfills(Step& step, const Step& other) {
  auto& job = step.up.backfill;
  const auto& more = other.up.backfill;
  if (!can_be_joined(step) || !can_be_joined(other) || step.phase != other.phase || job.table != more.table ||
      job.key != more.key || job.skip_triggers != more.skip_triggers || job.only_silent != more.only_silent ||
      job.batch != more.batch || asks_for(job, more) || asks_for(more, job)) {
    return false;
  }
  // A row that only one of them has to change keeps what the other has set.
  const auto only_where = [](std::vector<std::string>& values, const std::vector<std::string>& columns,
                             const std::string& pending) {
    for (std::size_t at = 0; at < values.size(); ++at) {
      if (values[at].rfind("CASE WHEN (", 0) == 0 && values[at].ends_with(" ELSE " + columns[at] + " END")) continue;
      values[at] = fmt::format("CASE WHEN ({}) THEN {} ELSE {} END", pending, values[at], columns[at]);
    }
  };
  auto joined = more.values;
  only_where(job.values, job.columns, job.pending);
  only_where(joined, more.columns, more.pending);
  job.columns.insert(job.columns.end(), more.columns.begin(), more.columns.end());
  job.values.insert(job.values.end(), joined.begin(), joined.end());
  job.pending = fmt::format("({}) OR ({})", job.pending, more.pending);
  step.up.sql = {update_text(job)};
  take(step.title, other.title);
  step.reason = "one pass over the table for all of them; their values go with the columns on the way back";
  return true;
}

}  // namespace segue::plan
