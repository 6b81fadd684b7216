#include "plan/compile.h"

#include <fmt/format.h>

#include <set>

#include "base/hash.h"
#include "plan/hooks.h"
#include "plan/moves/move.h"
#include "plan/tables.h"

namespace segue::plan {
namespace {

tl::unexpected<Error> not_yet(const std::string& what, const migration::Position& at) {
  return tl::unexpected(Error{"not-yet",
                              what + " cannot be run by this version of segue yet",
                              to_text(at),
                              "leave it out, or wait for the version that can (CHANGELOG.md)",
                              {},
                              Exit::usage});
}

// What the file may say and this version cannot do.
Status refuse_unsupported(const migration::Migration& file) {
  for (const auto& move : file.moves) {
    const auto kind = migration::kind_of(move);
    static const std::set<std::string_view> known = {"sql",    "backfill", "tenancy",  "convert",
                                                     "rename", "retire",   "policies", "junction"};
    if (!known.contains(kind)) {
      return not_yet(fmt::format("the move `{}`", kind), move.at);
    }
  }
  return {};
}

std::optional<std::string> text_of(const migration::Value& value) {
  if (value.is_null) return std::nullopt;
  return value.text.value;
}

std::string kind_of(migration::CheckKind kind) {
  switch (kind) {
    case migration::CheckKind::expect:
      return "expect";
    case migration::CheckKind::no_rows:
      return "no_rows";
    case migration::CheckKind::same_as:
      return "same_as";
    case migration::CheckKind::unchanged:
      return "unchanged";
  }
  return "expect";
}

PlannedCheck planned(const migration::Check& check) {
  PlannedCheck made;
  made.name = check.name;
  for (const auto& boundary : check.when) made.boundaries.push_back(to_text(boundary));
  made.kind = kind_of(check.kind);
  made.query = check.query;
  for (const auto& value : check.expect.values) made.expected.push_back(text_of(value));
  made.is_range = check.expect.is_range;
  if (check.expect.min) made.min = text_of(*check.expect.min);
  if (check.expect.max) made.max = text_of(*check.expect.max);
  made.same_as = check.same_as;
  made.warning = check.severity.value == migration::Severity::warning;
  made.mend = check.mend;
  made.where = to_text(check.at);
  return made;
}

PlannedProbe planned(const migration::Probe& probe) {
  PlannedProbe made;
  made.name = probe.name;
  made.before = probe.before;
  made.after = probe.after.empty() ? probe.before : probe.after;
  if (probe.slower_by_at_most) made.slower_by_at_most = probe.slower_by_at_most->value;
  if (probe.at_most) made.at_most_ms = static_cast<double>(probe.at_most->value.count());
  for (const auto& index : probe.uses) made.uses.push_back(index);
  made.no_seq_scan = probe.no_seq_scan.value;
  made.runs = probe.runs.value;
  return made;
}

PlannedGate planned(const migration::Gate& gate) {
  PlannedGate made;
  made.before = gate.before;
  made.name = gate.name;
  for (const auto& role : gate.approvals) made.approvals.push_back(role);
  made.four_eyes = gate.four_eyes.value;
  if (gate.not_before) made.not_before = gate.not_before->value;
  if (gate.wait) made.wait_seconds = gate.wait->value.count() / 1000;
  for (const auto& word : gate.command) made.command.push_back(word);
  made.health = gate.health;
  if (gate.old_shape_unused_for) made.unused_seconds = gate.old_shape_unused_for->value.count() / 1000;
  return made;
}

// The gates that nobody wrote and that the plan needs.
void add_own_gates(Plan& plan) {
  PlannedGate grace;
  grace.before = Phase::contract;
  grace.name = "grace";
  grace.wait_seconds = plan.grace_seconds;
  grace.reason = "until then a rollback gives everything back";
  plan.gates.push_back(grace);
  if (plan.swaps.empty()) return;
  PlannedGate stopped;
  stopped.before = Phase::switch_over;
  stopped.name = "old application stopped";
  stopped.automatic = true;
  stopped.reason = fmt::format("{}.{} changes its meaning: from then on there is one shape", plan.swaps[0].table,
                               plan.swaps[0].column);
  plan.gates.push_back(stopped);
}

// Who follows the changes of a table stops at a column or a name that he does not know.
Status add_subscriber_gate(Plan& plan, pg::Connection& connection) {
  const auto tables = tables_of(plan);
  const auto rows = TRY(connection.query(
      "SELECT string_agg(DISTINCT tablename || ' (' || pubname || ')', ', ') FROM pg_publication_tables WHERE "
      "schemaname || '.' || tablename = ANY ($1::text[]) AND EXISTS (SELECT FROM pg_replication_slots WHERE slot_type "
      "= "
      "'logical' AND database = current_database())",
      {std::vector<std::string>(tables.begin(), tables.end())}));
  if (rows.is_null(0, 0)) return {};
  PlannedGate ready;
  ready.before = Phase::expand;
  ready.name = "subscribers ready";
  ready.automatic = true;
  ready.situational = true;
  ready.reason =
      fmt::format("published tables get new columns or names, which their subscribers need first: {}", rows.text(0, 0));
  plan.gates.push_back(ready);
  return {};
}

void add_rollback_gate(Plan& plan) {
  PlannedGate withdrawn;
  withdrawn.before = Phase::switch_over;
  withdrawn.name = "new application withdrawn";
  withdrawn.automatic = true;
  withdrawn.on_rollback = true;
  withdrawn.reason = "after the switch it may write what the old shape cannot express";
  plan.gates.push_back(withdrawn);
}

Status compile_moves(Draft& draft) {
  for (const auto& move : draft.file.moves) {
    if (const auto* sql = std::get_if<migration::SqlMove>(&move.what)) TRY(compile_sql(draft, *sql));
    if (const auto* tenancy = std::get_if<migration::TenancyMove>(&move.what)) {
      TRY(compile_tenancy(draft, *tenancy, move.at));
    }
    if (const auto* backfill = std::get_if<migration::BackfillMove>(&move.what)) {
      TRY(compile_backfill(draft, *backfill, move.at));
    }
    if (const auto* convert = std::get_if<migration::ConvertMove>(&move.what)) {
      TRY(compile_convert(draft, *convert, move.at));
    }
    if (const auto* rename = std::get_if<migration::RenameMove>(&move.what)) {
      TRY(compile_rename(draft, *rename, move.at));
    }
    if (const auto* policies = std::get_if<migration::PoliciesMove>(&move.what)) {
      TRY(compile_policies(draft, *policies, move.at));
    }
    if (const auto* junction = std::get_if<migration::JunctionMove>(&move.what)) {
      TRY(compile_junction(draft, *junction, move.at));
    }
    if (const auto* retire = std::get_if<migration::RetireMove>(&move.what)) {
      TRY(compile_retire(draft, *retire, move.at));
    }
  }
  return {};
}

}  // namespace

std::string fingerprint_of_sources(const migration::Migration& file) {
  std::string all;
  for (const auto& source : file.sources) all += source.path + " " + source.fingerprint + "\n";
  return fingerprint_of(all);
}

Result<Plan> compile(const migration::Migration& file, pg::Connection& connection) {
  TRY(refuse_unsupported(file));
  TRY(connection.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  Draft draft(connection, file);
  auto compiled = compile_moves(draft);
  if (compiled) compiled = compile_hooks(draft);
  if (!file.viewpoints.empty()) {
    draft.note("viewpoints-not-looked-at", "this version of segue reads viewpoints and does not look through them yet",
               file.viewpoints.front().at, "compare what these users see yourself, before and after");
  }
  connection.rollback();
  if (!compiled) return tl::unexpected(compiled.error());

  Plan plan = draft.finish();
  plan.migration = file.name;
  plan.about = file.about;
  plan.server_version = connection.server_version();
  plan.sources = fingerprint_of_sources(file);
  for (const auto& check : file.checks) plan.checks.push_back(planned(check));
  for (const auto& probe : file.probes) plan.probes.push_back(planned(probe));
  plan.lock_wait_ms = static_cast<int>(file.limits.lock_wait.value.count());
  plan.lock_deadline_s = static_cast<int>(file.limits.lock_deadline.value.count() / 1000);
  plan.warnings_share = file.limits.warnings.value.share.value_or(0);
  plan.failed_rows = file.limits.failed_rows.value.count.value_or(0);
  plan.workers = file.limits.workers.value;
  if (file.limits.wal_rate) plan.wal_rate = file.limits.wal_rate->value;
  if (file.limits.replication_lag) {
    plan.replication_lag_s = std::chrono::duration<double>(file.limits.replication_lag->value).count();
  }
  plan.hold_while = file.limits.hold_while.value;
  plan.hold_file = file.limits.hold_file.value;
  if (file.limits.hours) {
    plan.hours_from = file.limits.hours->value.from;
    plan.hours_to = file.limits.hours->value.to;
  }
  plan.failed_share = file.limits.failed_rows.value.share.value_or(0);
  plan.grace_seconds = file.windows.grace.value.count() / 1000;
  plan.trash_seconds = file.windows.trash.value.count() / 1000;
  TRY(add_subscriber_gate(plan, connection));
  add_own_gates(plan);
  for (const auto& gate : file.gates) plan.gates.push_back(planned(gate));
  add_rollback_gate(plan);
  set_hash(plan);
  return plan;
}

}  // namespace segue::plan
