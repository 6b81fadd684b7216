#include "backfill/neighbours.h"

#include <fmt/format.h>

#include <algorithm>

namespace segue::backfill {
namespace {

constexpr double ask_every_s = 0.5, remembered_s = 5;  // whether there are others
constexpr double judge_every_s = 0.25, again_after_s = 10;
constexpr double short_ms = 10;  // a batch beside others

}  // namespace

// Somebody has done something of late, or does it now.
Result<bool> Neighbours::others_work(pg::Connection& connection) {
  const auto now = watch_.seconds();
  if (asked_at_ >= 0 && now - asked_at_ < ask_every_s) return others_;
  asked_at_ = now;
  const auto rows = TRY(connection.query(
      "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client "
      "backend' AND pid <> pg_backend_pid() AND (application_name NOT LIKE 'segue%' OR application_name LIKE 'segue "
      "traffic%') AND (state = 'active' OR state_change > clock_timestamp() - interval '1 second'))"));
  if (rows.boolean(0, 0)) worked_at_ = now;
  others_ = worked_at_ >= 0 && now - worked_at_ < remembered_s;
  return others_;
}

void Neighbours::leave_alone(int most_workers) {
  canary_.reset();
  crew_.duty = 1;
  crew_.target_ms = settings_.target_ms;
  crew_.wanted = most_workers;
}

Status Neighbours::look(pg::Connection& connection, bool asked, int most_workers) {
  // The server gives it no session, or has ended it: a little later again.
  if (canary_ && canary_->ended()) again_at_ = watch_.seconds() + again_after_s;
  if (!asked || !settings_.open || !TRY(others_work(connection)) || watch_.seconds() < again_at_) {
    leave_alone(most_workers);
    return {};
  }
  if (!canary_) canary_.emplace(settings_.open, settings_.step, crew_.at_work);
  if (const auto now = watch_.seconds(); now - judged_at_ >= judge_every_s) {
    judged_at_ = now;
    if (power_.judge(canary_->taken(), most_workers)) canary_->forget_work();
  }
  crew_.wanted = std::min(most_workers, power_.workers());
  crew_.duty = power_.duty();
  crew_.target_ms = std::min(settings_.target_ms, short_ms);
  return {};
}

std::string Neighbours::slowed() const {
  if (!canary_ || power_.work_ms() == 0) return {};
  return fmt::format("{:.0f} % of one worker: a small transaction takes {:.1f} ms beside it, {:.1f} ms without",
                     power_.duty() * power_.workers() * 100, power_.work_ms(), power_.rest_ms());
}

}  // namespace segue::backfill
