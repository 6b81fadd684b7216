// A plan for people and programs.
#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "plan/plan.h"

namespace segue::plan {
namespace {

std::string undo_text(const Step& step) {
  std::string text;
  for (const auto& action : step.down) {
    if (!text.empty()) text += '\n';
    text += action.kind == ActionKind::backfill ? "in batches: " + sql_text(action) : sql_text(action);
  }
  return text;
}

Json step_json(const Step& step) {
  return {{"id", step.id},
          {"phase", migration::to_text(step.phase)},
          {"move", step.move},
          {"kind", step.kind},
          {"sql", sql_text(step.up)},
          {"undo", undo_text(step)},
          {"lock", strongest_lock(step.up)},
          {"blocks", step.blocks},
          {"scans", step.scans},
          {"rewrites", step.rewrites},
          {"transactional", step.up.kind == ActionKind::transaction},
          {"rows", step.rows},
          {"seconds", step.seconds},
          {"reason", step.reason},
          {"rewritten_from", step.rewritten_from}};
}

}  // namespace

Json to_json(const Plan& plan) {
  Json steps = Json::array(), findings = Json::array(), gates = Json::array();
  for (const auto& step : plan.steps) steps.push_back(step_json(step));
  for (const auto& finding : plan.findings) {
    findings.push_back({{"code", finding.code},
                        {"severity", finding.hazard ? "error" : "warning"},
                        {"message", finding.message},
                        {"where", finding.where},
                        {"hint", finding.hint}});
  }
  for (const auto& gate : plan.gates) {
    gates.push_back({{"before", migration::to_text(gate.before)},
                     {"name", gate.name},
                     {"approvals", gate.approvals},
                     {"on_rollback", gate.on_rollback},
                     {"reason", gate.reason}});
  }
  return {{"migration", plan.migration},
          {"hash", plan.hash},
          {"server_version", plan.server_version},
          {"steps", steps},
          {"at_risk", plan.at_risk},
          {"findings", findings},
          {"gates", gates},
          {"checks", plan.checks.size()},
          {"probes", plan.probes.size()}};
}

std::string to_sql(const Plan& plan) {
  std::string text = fmt::format(
      "-- {}: plan {} for PostgreSQL {}\n-- What segue would run; by hand, in psql, one step after another.\n",
      plan.migration, plan.hash, plan.server_version / 10000);
  if (!plan.first_query.empty()) {
    text += fmt::format("-- ${{first}} stands for the answer of: {}\n", plan.first_query);
  }
  Phase phase = Phase::prepare;
  for (const auto& step : plan.steps) {
    if (step.phase != phase) text += fmt::format("\n-- ==== {} ====\n", migration::to_text(step.phase));
    phase = step.phase;
    text += fmt::format("\n-- {}: {}{}\n", step.id, step.title,
                        strongest_lock(step.up).empty() ? "" : " (" + strongest_lock(step.up) + ")");
    if (step.up.kind == ActionKind::restore) {
      text += "-- (rows that an earlier rollback kept aside come back here)\n";
    } else if (step.up.kind == ActionKind::transaction && step.up.sql.size() > 1) {
      text += "BEGIN;\n" + sql_text(step.up) + "\nCOMMIT;\n";
    } else if (step.up.kind == ActionKind::backfill) {
      text += "-- in batches\n" + sql_text(step.up) + "\n";
    } else {
      text += sql_text(step.up) + "\n";
    }
  }
  return text;
}

}  // namespace segue::plan
