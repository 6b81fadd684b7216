#include "backfill/backfill.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "backfill/chief.h"
#include "backfill/leaves.h"
#include "backfill/position.h"
#include "backfill/quarantine.h"
#include "backfill/worker.h"
#include "base/text.h"

namespace segue::backfill {
namespace {

constexpr int most_passes = 20;
constexpr std::int64_t most_ranges = 64;  // about; fewer of a small table

class Job {
 public:
  Job(pg::Connection& connection, const plan::BackfillJob& job, const Settings& settings, Walk walk)
      : connection_(connection),
        job_(job),
        settings_(settings),
        ours_{settings.step, settings.epoch, job.table},
        walk_(std::move(walk)),
        crew_(walk_),
        chief_(connection, job_, settings, walk_, crew_) {}

  Result<std::int64_t> run(std::vector<Range> known);

 private:
  Status compare();

  pg::Connection& connection_;
  const plan::BackfillJob& job_;
  const Settings& settings_;
  const Ours ours_;
  Walk walk_;
  Crew crew_;
  Chief chief_;
};

// Every range is looked at again, and what lies beyond the bound by now too; what is not right is made so, until a pass
// finds nothing.
Status Job::compare() {
  // A row that was not right when its range was reached may have come from one that was looked at before.
  bool repaired = false;
  for (int pass = 0; pass < most_passes; ++pass) {
    if (walk_.pages()) TRY(notice_rewrite(connection_, ours_));
    auto ranges = TRY(begin_comparison(connection_, ours_, repaired));
    const auto all = crew_.in_states({"done", "comparing", "right"});
    const auto last = all.empty() ? std::optional<std::string>() : all.back().span.hi;
    if (const auto bound = TRY(walk_.bound(connection_)); !bound.empty() && bound != last) {
      for (auto& one : TRY(make_ranges(connection_, ours_, {{last, bound}}, "comparing"))) {
        ranges.push_back(std::move(one));
      }
    }
    if (ranges.empty()) return {};
    crew_.repaired = 0;
    crew_.give(ranges);
    TRY(chief_.work(true));
    repaired = crew_.repaired > 0 && !job_.settles;
    if (!repaired) continue;
    if (settings_.note) {
      settings_.note("repaired", fmt::format("{}: {} rows were not right when they were compared, and are now",
                                             job_.table, with_commas(crew_.repaired)));
    }
  }
  return failure(
      "backfill-does-not-end",
      fmt::format("after {} passes there are still rows to be changed: somebody writes them as they were", most_passes),
      "look which rows are pending: " + job_.pending, job_.table);
}

Result<std::int64_t> Job::run(std::vector<Range> known) {
  TRY(walk_.estimate(connection_, job_.columns));
  if (known.empty()) {
    const auto spans = TRY(walk_.split(connection_, TRY(walk_.bound(connection_)), most_ranges));
    known = TRY(make_ranges(connection_, ours_, spans, "pending"));
  }
  crew_.know(known);
  crew_.some_failed = !walk_.key().none() && TRY(count_failed(connection_, settings_.step)).all() > 0;
  crew_.give(crew_.in_states({"pending", "running"}));
  TRY(chief_.work(false));
  if (!job_.one_pass) {
    const Stopwatch watch;
    TRY(compare());
    if (settings_.note) {
      settings_.note("compared",
                     fmt::format("{}: every range compared in {}", job_.table, duration_text(watch.seconds())));
    }
  }
  return crew_.rows();
}

// By its pages, unless one pass is all: then only a key finds each row, because one that is written meanwhile moves to
// another page. What has begun goes on as it began.
Result<Walk> choose_walk(pg::Connection& connection, const plan::BackfillJob& job, const std::vector<Range>& known) {
  auto key = TRY(find_key(connection, job.table, job.key));
  const bool pages = known.empty() ? key.none() || (!job.one_pass && job.key.empty()) : is_page(known.front().span.hi);
  if (!pages && key.none()) {
    return failure("key-gone", "it was walked along a key that is not there any more",
                   "make the unique index again, then run the same command again", job.table);
  }
  return Walk(job.table, std::move(key), pages);
}

// Whether what stays behind is within the limit.
Status judge(pg::Connection& connection, const Settings& settings) {
  const auto count = TRY(count_failed(connection, settings.step));
  if (count.failed <= settings.failed_rows) return {};
  return failure("failed-rows",
                 fmt::format("{} {} cannot be carried, `limits.failed_rows` allows {}: {}", count.failed,
                             count.failed == 1 ? "row" : "rows", settings.failed_rows, count.first),
                 "all others are carried; segue.failed_row lists these: mend them and run the same command again (or "
                 "segue retry-failed), or leave them as they are: segue accept-failed");
}

Result<std::int64_t> one_table(pg::Connection& connection, const plan::BackfillJob& job, const Settings& settings) {
  const auto known = TRY(take_ranges(connection, {settings.step, settings.epoch, job.table}));
  return Job(connection, job, settings, TRY(choose_walk(connection, job, known))).run(known);
}

// How far all partitions are, from how far one is.
class Whole {
 public:
  Whole(const std::vector<Leaf>& leaves, const std::set<std::string>& done, std::int64_t rows) : rows_(rows) {
    for (const auto& leaf : leaves) (done.contains(leaf.table) ? done_ : left_) += leaf.weight;
  }
  Progress of(Progress progress, const Leaf& leaf) const {
    progress.rows += rows_;
    progress.share = (done_ + leaf.weight * progress.share) / (done_ + left_);
    progress.least_s = progress.most_s = 0;
    return progress;
  }

 private:
  double done_ = 0, left_ = 0;
  std::int64_t rows_;
};

// One partition after the other, those too that are attached meanwhile.
Result<std::int64_t> partitions(pg::Connection& connection, const plan::BackfillJob& job, const Settings& settings) {
  std::set<std::string> done;
  std::int64_t rows = 0;
  while (true) {
    const auto leaves = TRY(leaves_of(connection, job.table));
    const auto next =
        std::find_if(leaves.begin(), leaves.end(), [&](const auto& leaf) { return !done.contains(leaf.table); });
    if (next == leaves.end()) return rows;
    const Whole whole(leaves, done, rows);
    auto part = settings;
    if (settings.go_on) {
      part.go_on = [&](const Progress& progress) { return settings.go_on(whole.of(progress, *next)); };
    }
    auto one = job;
    one.table = next->table;
    rows += TRY(one_table(connection, one, part));
    done.insert(next->table);
  }
}

Result<std::int64_t> in_session(pg::Connection& connection, const plan::BackfillJob& job, const Settings& settings) {
  // What failed in an earlier run may have been mended since.
  if (!job.leaves_failed) TRY(retry(connection, job, settings.step));
  const auto leaves = TRY(leaves_of(connection, job.table));
  const bool plain = leaves.size() == 1 && leaves.front().table == job.table;
  const auto rows = TRY(plain ? one_table(connection, job, settings) : partitions(connection, job, settings));
  TRY(judge(connection, settings));
  return rows;
}

}  // namespace

Result<std::int64_t> run(pg::Connection& connection, const plan::BackfillJob& job, const Settings& settings) {
  TRY(prepare_session(connection, settings.silent));
  auto rows = in_session(connection, job, settings);
  if (!connection.lost()) {
    TRY(connection.script(
        "RESET synchronous_commit; RESET lock_timeout; RESET statement_timeout; RESET segue.carries"));
    if (settings.silent) TRY(connection.execute("RESET session_replication_role"));
  }
  return rows;
}

}  // namespace segue::backfill
