// A plan as the ledger keeps it.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "plan/plan.h"

// std::optional is not known to the library's macros.
NLOHMANN_JSON_NAMESPACE_BEGIN
template <class T>
struct adl_serializer<std::optional<T>> {
  static void to_json(json& out, const std::optional<T>& value) { out = value ? json(*value) : json(nullptr); }
  static void from_json(const json& in, std::optional<T>& value) {
    value = in.is_null() ? std::nullopt : std::optional<T>(in.get<T>());
  }
};
NLOHMANN_JSON_NAMESPACE_END

namespace segue::plan {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LockOn, table, mode)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(BackfillJob, table, columns, values, pending, from, batch, pending_again, one_pass,
                                   skip_triggers, only_silent, key, in_place, carry, settles, leaves_failed)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Action, kind, sql, locks, object, backfill, tables, only_values, needless_if_undone,
                                   may_take_long)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(KeepRule, table, before_switch, after_switch, reason, what, needless_if_undone,
                                   seal_before_switch, seal_after_switch, columns, usual, with)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Step, id, phase, move, kind, title, up, down, keep, blocks, scans, rewrites, rows,
                                   seconds, reason, rewritten_from)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(NameSwap, table, column, displaced, waiting)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PlannedCheck, name, boundaries, kind, query, expected, min, max, is_range, same_as,
                                   warning, settles, mend, where)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PlannedProbe, name, before, after, slower_by_at_most, at_most_ms, uses, no_seq_scan,
                                   runs)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PlannedGate, before, name, approvals, four_eyes, health, not_before, wait_seconds,
                                   unused_seconds, command, automatic, situational, on_rollback, reason)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PlannedHook, boundary, kind, title, url, method, body, headers, words, file, renames,
                                   stops, where)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(OldName, use, table, columns, counter)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Trash, table, column, before, archive)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Finding, code, hazard, message, where, hint)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Plan, migration, about, hash, server_version, sources, steps, checks, probes, gates,
                                   hooks, old_shape, trash, swaps, renames, settles, first_query, first_by_key, at_risk,
                                   findings, lock_wait_ms, lock_deadline_s, warnings_share, failed_rows, failed_share,
                                   workers, wal_rate, replication_lag_s, hold_while, hold_file, hours_from, hours_to,
                                   grace_seconds, trash_seconds)

std::string to_stored(const Plan& plan) {
  return nlohmann::json(plan).dump();
}

Result<Plan> from_stored(const std::string& stored) {
  try {
    return nlohmann::json::parse(stored).get<Plan>();
  } catch (const nlohmann::json::exception&) {
    return failure("unreadable-plan", "the plan in the ledger cannot be read",
                   "it was made by another version of segue: use that one to end this run");
  }
}

void set_hash(Plan& plan) {
  Plan bare = plan;
  bare.hash.clear();
  bare.sources.clear();
  bare.findings.clear();
  bare.at_risk.clear();
  for (auto& step : bare.steps) {
    step.rows = 0;
    step.seconds = 0;
    step.reason.clear();
    step.rewritten_from.clear();
  }
  for (auto& check : bare.checks) check.where.clear();
  for (auto& hook : bare.hooks) hook.where.clear();
  std::erase_if(bare.gates, [](const auto& gate) { return gate.situational; });
  plan.hash = fingerprint_of(to_stored(bare));
}

std::string Plan::name_before(const std::string& table) const {
  for (const auto& [from, to] : renames) {
    if (to == table) return from;
  }
  for (const auto& one : trash) {
    if (one.column.empty() && one.table == table) return one.before;
  }
  return table;
}

const Step* Plan::find(const std::string& id) const {
  for (const auto& step : steps) {
    if (step.id == id) return &step;
  }
  return nullptr;
}

bool Plan::has_hazard() const {
  for (const auto& finding : findings) {
    if (finding.hazard) return true;
  }
  return false;
}

}  // namespace segue::plan
