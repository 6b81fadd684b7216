#include "backfill/throttle.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <utility>

namespace segue::backfill {
namespace {

constexpr double most_still_s = 60;  // at a time, for a rate

}  // namespace

Result<std::string> Throttle::ask(pg::Connection& connection, const Signal& signal, Seen& seen) {
  pg::Params values;
  if (signal.sql.find("$1") != std::string::npos) values.emplace_back(table_);
  const auto rows = connection.query(signal.sql, values);
  if (!rows && connection.lost()) return tl::unexpected(rows.error());
  if (!rows && signal.asked_for) return fmt::format("{} nothing: {}", signal.name, rows.error().message);
  if (!rows && !seen.ever) {
    seen.readable = false;
    left_out_.push_back(fmt::format("{}: {}", signal.name, rows.error().message));
    return std::string();
  }
  const bool nothing = !rows || rows->empty() || rows->is_null(0, 0);
  // A query of the user's own may answer nothing at any time.
  if (nothing && seen.ever && !signal.asked_for) return signal.name + " cannot be read any more";
  if (nothing) return std::string();
  seen.ever = true;
  const double value = rows->real(0, 0);
  if (signal.kind == Kind::lag) return lag(signal, seen, value, rows->real(0, 1));
  if (signal.kind == Kind::rate) return rate(signal, seen, value);
  return value > signal.limit ? to_text(signal, value) : std::string();
}

// How long ago the first was where the slowest is now.
std::string Throttle::lag(const Signal& signal, Seen& seen, double slowest, double first) const {
  const double now = watch_.seconds();
  if (seen.written.empty() || seen.written.back().second < first) seen.written.emplace_back(now, first);
  while (!seen.written.empty() && seen.written.front().second <= slowest) seen.written.pop_front();
  const double behind = seen.written.empty() ? 0 : now - seen.written.front().first;
  return behind > signal.limit ? to_text(signal, behind) : std::string();
}

std::string Throttle::rate(const Signal& signal, Seen& seen, double value) {
  const double now = watch_.seconds(), before = std::exchange(seen.at, now), last = std::exchange(seen.last, value);
  if (before < 0 || now <= before) return {};
  const double grown = value - last, each_second = grown / (now - before);
  if (each_second <= signal.limit) return {};
  // So long that all of it together keeps to the limit.
  still_until_ = now + std::min(most_still_s, grown / signal.limit - (now - before));
  return to_text(signal, each_second);
}

bool within_hours(int minute, int from, int to) {
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

namespace {

// What needs no server.
std::string here(const Tuning& tuning) {
  if (!tuning.hold_file.empty() && std::filesystem::exists(tuning.hold_file)) {
    return fmt::format("the file {} is there (limits.hold_file)", tuning.hold_file);
  }
  const auto now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  if (tuning.hours_from < 0 || within_hours(local.tm_hour * 60 + local.tm_min, tuning.hours_from, tuning.hours_to)) {
    return {};
  }
  return fmt::format("it is not between {:02}:{:02} and {:02}:{:02} (limits.hours)", tuning.hours_from / 60,
                     tuning.hours_from % 60, tuning.hours_to / 60, tuning.hours_to % 60);
}

}  // namespace

Result<std::string> Throttle::look(pg::Connection& connection, const Tuning& tuning) {
  if (!tuning.throttle) return std::string();
  auto reason = here(tuning);
  for (const auto& signal : signals(tuning)) {
    if (signal.kind == Kind::rate && std::exchange(limit_, signal.limit) != signal.limit) still_until_ = 0;
    if (signal.kind == Kind::rate && watch_.seconds() < still_until_) {
      if (reason.empty()) reason = signal.name + " was over its limit";
      continue;
    }
    auto& seen = seen_[signal.name];
    if (!seen.readable) continue;
    const auto held = TRY(ask(connection, signal, seen));
    if (reason.empty()) reason = held;
  }
  return reason;
}

}  // namespace segue::backfill
