#include "engine/preflight.h"

#include <fmt/format.h>

#include "plan/tables.h"

namespace segue::engine {
namespace {

using Weight = Finding::Weight;

pg::Scope scope_of(const plan::Plan& plan) {
  pg::Scope scope;
  scope.everything = false;
  for (const auto& table : plan::tables_of(plan)) scope.tables.push_back(table);
  return scope;
}

Status keep(Work& work, const std::vector<Finding>& found) {
  for (const auto& one : found) {
    TRY(work.connection.execute(
        "INSERT INTO segue.preflight_result (run_id, name, ok, message) VALUES ($1, $2, $3, $4)",
        {work.run.id, one.name, !one.hinders(), one.message}));
  }
  return {};
}

}  // namespace

Result<std::vector<Finding>> preflight(Work& work) {
  return pg::capabilities(work.connection, scope_of(work.plan));
}

Status pass_preflight(Work& work) {
  const auto found = TRY(preflight(work));
  TRY(keep(work, found));
  for (const auto& one : found) {
    if (one.weight == Weight::stops) return refused("preflight", fmt::format("{}: {}", one.name, one.message), one.fix);
  }
  for (const auto& one : found) {
    if (one.weight != Weight::warning) continue;
    Event event;
    event.ok = false;
    event.message = fmt::format("{}: {}", one.name, one.message);
    work.tell(event);
  }
  return {};
}

}  // namespace segue::engine
