#include "traffic/recorder.h"

#include <algorithm>
#include <cmath>

namespace segue::traffic {
namespace {

double milliseconds(std::int64_t microseconds) {
  return static_cast<double>(microseconds) / 1000;
}

Latency latency_of(const Histogram& histogram) {
  return {milliseconds(histogram.at(0.50)), milliseconds(histogram.at(0.95)), milliseconds(histogram.at(0.99)),
          milliseconds(histogram.max())};
}

}  // namespace

Recorder::Recorder(std::vector<std::string> statements) {
  statements_.reserve(statements.size());
  for (auto& name : statements) {
    statements_.emplace_back();
    statements_.back().name = std::move(name);
  }
}

void Recorder::record(std::size_t statement, const Answer& answer, std::int64_t microseconds, double second) {
  const std::lock_guard lock(mutex_);
  queries_ += answer.queries;
  if (answer.kind == Answer::Kind::interrupted) {
    ++interrupted_;
    return;
  }
  auto& figures = statements_[statement];
  auto& live = live_at(static_cast<std::int64_t>(second));
  ++count_;
  ++figures.count;
  ++live.statements;
  switch (answer.kind) {
    case Answer::Kind::failed: {
      ++failed_;
      ++figures.failed;
      ++live.failed;
      auto& failure = failures_[answer.code];
      if (++failure.count == 1) {
        failure.statement = figures.name;
        failure.message = answer.message;
      }
      return;
    }
    case Answer::Kind::expected:
      ++expected_;
      ++figures.expected;
      break;
    case Answer::Kind::cut_short:
      ++cut_short_;
      ++figures.cut_short;
      return;
    default:
      break;
  }
  latency_.record(microseconds);
  figures.latency.record(microseconds);
  live.latency.record(microseconds);
}

void Recorder::reconnected() {
  const std::lock_guard lock(mutex_);
  ++reconnects_;
}

// An answer that is older than the ring counts in its oldest second; it was recorded late by another thread.
Recorder::Live& Recorder::live_at(std::int64_t second) {
  auto& live = live_[static_cast<std::size_t>(second % live_seconds)];
  if (second <= live.second) return live;
  if (live.second >= 0) series_.push_back(closed(live));
  live = Live();
  live.second = second;
  return live;
}

Second Recorder::closed(const Live& live) {
  return {live.second, live.statements, live.failed, milliseconds(live.latency.at(0.99)),
          milliseconds(live.latency.max())};
}

void Recorder::fill(Snapshot& snapshot, double second) const {
  const std::lock_guard lock(mutex_);
  snapshot.statements = count_;
  snapshot.failed = failed_;
  const auto now = static_cast<std::int64_t>(second);
  Histogram recent;
  std::int64_t statements = 0;
  for (const auto& live : live_) {
    if (live.second < 0 || live.second <= now - live_seconds) continue;
    recent.add(live.latency);
    statements += live.statements;
  }
  const double span = std::min(second, second - static_cast<double>(now) + live_seconds - 1);
  snapshot.rate = span > 0 ? static_cast<double>(statements) / span : 0;
  snapshot.p99 = milliseconds(recent.at(0.99));
  snapshot.max = milliseconds(recent.max());
}

void Recorder::fill(Report& report) const {
  const std::lock_guard lock(mutex_);
  report.statements = count_;
  report.queries = queries_;
  report.failed = failed_;
  report.expected = expected_;
  report.cut_short = cut_short_;
  report.interrupted = interrupted_;
  report.reconnects = reconnects_;
  report.latency = latency_of(latency_);
  report.failures = failures_;
  for (const auto& figures : statements_) {
    report.by_statement.push_back({figures.name, figures.count, figures.failed, figures.expected, figures.cut_short,
                                   latency_of(figures.latency)});
  }
  report.series = series_;
  for (const auto& live : live_) {
    if (live.second >= 0) report.series.push_back(closed(live));
  }
  std::sort(report.series.begin(), report.series.end(),
            [](const auto& a, const auto& b) { return a.second < b.second; });
}

}  // namespace segue::traffic
