#include "engine/boundary.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "engine/settle.h"
#include "proof/probe.h"

namespace segue::engine {
namespace {

bool belongs(const plan::PlannedCheck& check, const std::string& boundary) {
  return std::find(check.boundaries.begin(), check.boundaries.end(), boundary) != check.boundaries.end();
}

Result<std::optional<proof::Baseline>> stored_baseline(Work& work, const std::string& name) {
  const auto rows = TRY(work.connection.query(
      "SELECT value, inserted, deleted FROM segue.baseline WHERE run_id = $1 AND name = $2", {work.run.id, name}));
  if (rows.empty()) return std::optional<proof::Baseline>();
  return std::optional(proof::Baseline{rows.string(0, 0), rows.integer(0, 1), rows.integer(0, 2)});
}

Status store(Work& work, const proof::CheckResult& result) {
  return work.connection.execute(
      "INSERT INTO segue.check_result (run_id, name, phase, ok, severity, expected, actual, offending) VALUES ($1, $2, "
      "$3, $4, $5, $6, $7, "
      "nullif($8, '')::jsonb)",
      {work.run.id, result.name, result.phase, result.ok, result.warning ? "warning" : "error", result.expected,
       result.actual, result.offending});
}

Error failed(const proof::CheckResult& result) {
  // Without anything expected the query itself has failed.
  std::string message =
      result.expected.empty()
          ? fmt::format("the check '{}' cannot be made {}: {}", result.name, result.phase, result.actual)
          : fmt::format("the check '{}' does not hold {}: expected {}, found {}", result.name, result.phase,
                        result.expected, result.actual);
  if (!result.offending.empty()) {
    for (const auto& row : Json::parse(result.offending)) {
      message += "\n    " + cut(row.dump(-1, ' ', false, Json::error_handler_t::replace), 160);
    }
  }
  std::string hint = result.mend.empty() ? "mend it, then run the same command again; both applications go on working"
                                         : "mend: " + result.mend + "\n  then run the same command again";
  return {"check-failed", message, result.where, hint, {}, Exit::failed};
}

Result<proof::CheckResult> ask(Work& work, const plan::PlannedCheck& check, const std::string& boundary) {
  const auto before = check.kind == "unchanged" ? TRY(stored_baseline(work, "check " + check.name)) : std::nullopt;
  return proof::run_check(
      work.connection, check, boundary, [&](const std::string& text) { return work.resolve(text); },
      before ? &*before : nullptr);
}

// The offenders, if all of them are named.
std::optional<Json> all_of(const proof::CheckResult& result) {
  if (!result.ok && result.offenders == 0) return std::nullopt;  // the query itself failed
  if (result.offenders > static_cast<std::int64_t>(proof::most_rows_shown)) return std::nullopt;
  return result.offending.empty() ? Json::array() : Json::parse(result.offending);
}

// Where applications write all the time, some row may be wrong at any moment, and right a moment later: what counts is
// one that stays wrong. One that somebody holds is waited for like a lock.
Result<proof::CheckResult> ask_again(Work& work, const plan::PlannedCheck& check, const std::string& boundary,
                                     proof::CheckResult result) {
  constexpr int looks = 10;
  constexpr std::chrono::milliseconds between_looks{100};
  const Stopwatch waited;
  auto staying = all_of(result);
  for (int look = 0; !result.ok && !work.asked_to_stop(); ++look) {
    std::this_thread::sleep_for(between_looks);
    const auto left = TRY(look == looks / 2 ? settle_all_rows(work) : settle(work));
    result = TRY(ask(work, check, boundary));
    auto now = all_of(result);
    if (staying && now) {
      staying->erase(
          std::remove_if(staying->begin(), staying->end(),
                         [&](const Json& row) { return std::find(now->begin(), now->end(), row) == now->end(); }),
          staying->end());
    } else if (now) {
      staying = std::move(now);
    }
    if (!result.ok && staying && staying->empty()) {
      result.ok = true;
      result.actual = "no row that stays so";
      result.offending.clear();
    }
    if (look < looks) continue;
    if (left == 0 || waited.seconds() > work.plan.lock_deadline_s) break;
    if (look > looks) continue;
    Event event;
    event.message = fmt::format(
        "{}: rows that are not right yet are held by others, or were written by transactions that "
        "have not ended; waits for them",
        check.name);
    work.tell(event);
  }
  return result;
}

// Under which number the server knows each table: one that is renamed meanwhile is not taken for one that was dropped.
Status note_tables(Work& work) {
  std::set<std::string> tables;
  for (const auto& step : work.plan.steps) {
    for (const auto& lock : step.up.locks) tables.insert(lock.table);
    for (const auto& rule : step.keep) tables.insert(rule.table);
  }
  return work.connection.execute(
      "INSERT INTO segue.baseline (run_id, name, value) SELECT $1, 'number of ' || t, to_regclass(t)::oid::text FROM "
      "unnest($2::text[]) t WHERE to_regclass(t) IS NOT NULL ON CONFLICT DO NOTHING",
      {work.run.id, std::vector<std::string>(tables.begin(), tables.end())});
}

}  // namespace

Status take_baseline(Work& work) {
  TRY(note_tables(work));
  const auto keep = [&](const std::string& name, const proof::Baseline& value) {
    return work.connection.execute(
        "INSERT INTO segue.baseline (run_id, name, value, inserted, deleted) VALUES ($1, $2, $3, $4, $5) ON CONFLICT "
        "DO NOTHING",
        {work.run.id, name, value.value, value.inserted, value.deleted});
  };
  for (const auto& check : work.plan.checks) {
    if (check.kind != "unchanged") continue;
    const auto value = proof::baseline(work.connection, check.query);
    if (value) TRY(keep("check " + check.name, *value));
    if (work.connection.lost()) return tl::unexpected(value.error());
  }
  for (const auto& probe : work.plan.probes) {
    if (probe.before.empty()) continue;
    const auto measured = proof::measure(work.connection, probe.before, probe.runs);
    if (!measured) {
      if (work.connection.lost()) return tl::unexpected(measured.error());
      Event event;
      event.message = fmt::format("the probe '{}' has no figure from before: {}", probe.name, measured.error().message);
      work.tell(event);
      continue;
    }
    TRY(keep("probe " + probe.name, {fmt::format("{} {}", measured->ms, measured->buffers), 0, 0}));
  }
  return {};
}

Status pass_checks(Work& work, const std::string& boundary) {
  const bool settles = std::any_of(work.plan.checks.begin(), work.plan.checks.end(),
                                   [&](const auto& check) { return check.settles && belongs(check, boundary); });
  if (settles) TRY(settle(work));
  std::optional<Error> first;
  std::int64_t warned = 0;
  for (const auto& check : work.plan.checks) {
    if (!belongs(check, boundary)) continue;
    auto result = TRY(ask(work, check, boundary));
    if (!result.ok && check.settles) result = TRY(ask_again(work, check, boundary, result));
    TRY(store(work, result));
    Event event;
    event.kind = Event::Kind::check;
    event.title = result.name;
    event.phase = boundary;
    event.ok = result.ok;
    event.message = result.ok || result.expected.empty()
                        ? result.actual
                        : fmt::format("expected {}, found {}", result.expected, result.actual);
    if (!result.ok && result.warning) {
      event.message = "warning: " + event.message;
      warned += std::max<std::int64_t>(1, result.offenders);
    }
    work.tell(event);
    if (!result.ok && !result.warning && !first) first = failed(result);
  }
  if (first) return tl::unexpected(*first);
  if (warned > 0) TRY(work.log("warning", "check-warning", fmt::format("{} warnings {}", warned, boundary)));
  return {};
}

Result<std::vector<proof::CheckResult>> look_at_checks(Work& work, const std::string& boundary) {
  std::vector<proof::CheckResult> results;
  for (const auto& check : work.plan.checks) {
    if (belongs(check, boundary)) results.push_back(TRY(ask(work, check, boundary)));
  }
  return results;
}

Status pass_probes(Work& work) {
  std::optional<Error> first;
  for (const auto& probe : work.plan.probes) {
    const auto measured = proof::measure(work.connection, TRY(work.resolve(probe.after)), probe.runs);
    if (!measured && work.connection.lost()) return tl::unexpected(measured.error());
    proof::ProbeResult result;
    result.name = probe.name;
    if (measured) {
      proof::Measured before;
      const auto stored = TRY(stored_baseline(work, "probe " + probe.name));
      if (stored) {
        const auto parts = split(stored->value, ' ');
        before.ms = std::stod(parts[0]);
        before.buffers = std::stoll(parts[1]);
      }
      result = proof::judge(probe, stored ? &before : nullptr, *measured);
    } else {
      result.message = "the query fails: " + measured.error().message;
    }
    TRY(
        work.connection.execute("INSERT INTO segue.probe_result (run_id, name, phase, ok, before_ms, after_ms, "
                                "before_buffers, after_buffers, message, plan) VALUES "
                                "($1, $2, $3, $4, $5, $6, $7, $8, $9, nullif($10, '')::jsonb)",
                                {work.run.id, result.name, work.run.phase, result.ok, result.before.ms, result.after.ms,
                                 result.before.buffers, result.after.buffers, result.message, result.after.plan}));
    Event event;
    event.kind = Event::Kind::probe;
    event.title = result.name;
    event.ok = result.ok;
    event.message = result.message;
    work.tell(event);
    if (!result.ok && !first) {
      first = Error{
          "probe-failed",
          fmt::format("the probe '{}' {}", result.name, result.message),
          {},
          fmt::format("both applications go on working; look at the plan in segue.probe_result, then run the same "
                      "command again, or go back: segue rollback {} --to enforce",
                      work.plan.migration),
          {},
          Exit::failed};
    }
  }
  if (first) return tl::unexpected(*first);
  return {};
}

}  // namespace segue::engine
