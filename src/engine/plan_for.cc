#include "engine/plan_for.h"

#include <fmt/format.h>

#include "base/text.h"
#include "engine/asked.h"
#include "plan/compile.h"
#include "proof/stars.h"

namespace segue::engine {

Result<plan::Plan> plan_for(const migration::Migration& file, pg::Connection& connection) {
  auto plan = TRY(plan::compile(file, connection));
  const auto stars = TRY(proof::find_stars(connection, asked_by(plan).reshaped));
  if (stars.statements.empty()) return plan;
  for (const auto& star : stars.statements) {
    plan.at_risk.push_back(fmt::format("{} over {} by {}, {} calls: {}", star.what, star.table, star.role,
                                       with_commas(star.calls), one_line(star.text, 160)));
  }
  plan::PlannedGate recycled;
  recycled.before = migration::Phase::backfill;
  recycled.name = "pools recycled";
  recycled.automatic = true;
  recycled.situational = true;
  recycled.reason = fmt::format(
      "{} recorded statements take all columns of a table that got new ones: where a driver keeps them prepared, they "
      "fail until its connections are new",
      stars.statements.size());
  plan.gates.push_back(recycled);
  return plan;
}

}  // namespace segue::engine
