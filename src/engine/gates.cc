#include "engine/gates.h"

#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "engine/usage.h"
#include "hooks/command.h"
#include "hooks/http.h"
#include "hooks/url.h"
#include "ledger/event.h"
#include "ledger/run.h"

namespace segue::engine {
namespace {

bool opened_by_hand(const std::vector<ledger::Approval>& approvals, const std::string& gate) {
  for (const auto& one : approvals) {
    if (one.gate == gate && one.kind == "opened") return true;
  }
  return false;
}

// What a command of the user's says; 0 opens the gate.
Result<GateState> ask_command(Work& work, const plan::PlannedGate& gate) {
  hooks::Command command;
  for (const auto& word : gate.command) command.words.push_back(TRY(work.fill(word)));
  command.folder = work.folder();
  command.environment = {{"SEGUE_MIGRATION", work.run.migration}, {"SEGUE_RUN", std::to_string(work.run.id)}};
  const auto ended = hooks::run(command, work.stop_flag());
  if (ended && ended->exit_code == 0) return GateState{};
  const auto why = ended ? fmt::format("it ended with {}{}{}", ended->exit_code, ended->output.empty() ? "" : ": ",
                                       one_line(ended->output))
                         : ended.error().message;
  return GateState{false, fmt::format("its command `{}`: {}", join(gate.command, " "), why), ""};
}

// A health check that answers 2xx opens the gate.
Result<GateState> ask_health(Work& work, const plan::PlannedGate& gate) {
  hooks::HttpRequest request;
  request.url = TRY(work.fill(gate.health));
  const auto answer = hooks::ask(request, work.stop_flag());
  if (answer && answer->status >= 200 && answer->status < 300) return GateState{};
  const auto why = answer ? fmt::format("it answered {}{}{}", answer->status, answer->body.empty() ? "" : ": ",
                                        one_line(answer->body))
                          : answer.error().message;
  return GateState{false, fmt::format("health at {}: {}", hooks::shown_url(request.url), why), ""};
}

// The proof is in the looks that the ledger has; each question adds one.
Result<GateState> ask_usage(Work& work, const plan::PlannedGate& gate) {
  if (work.epoch > 0) TRY(look_at_usage(work.connection, work.run.id, work.plan));
  const auto quiet = quiet_until_now(TRY(ledger::looks_of(work.connection, work.run.id)));
  if (quiet.seconds >= gate.unused_seconds) return GateState{};
  return GateState{
      false,
      fmt::format("the old shape to be unused for {} (proved: {}); {}",
                  duration_text(static_cast<double>(gate.unused_seconds)),
                  quiet.seconds == 0 ? "0 s" : duration_text(static_cast<double>(quiet.seconds)), quiet.reason),
      ""};
}

Result<GateState> time_gates(Work& work, const plan::PlannedGate& gate) {
  if (gate.not_before > 0) {
    const auto rows =
        TRY(work.connection.query("SELECT clock_timestamp() >= to_timestamp($1::bigint / 1000.0), "
                                  "to_timestamp($1::bigint / 1000.0)::timestamptz(0)::text",
                                  {gate.not_before}));
    if (!rows.boolean(0, 0)) return GateState{false, "its time, " + rows.string(0, 1), ""};
  }
  if (gate.wait_seconds > 0) {
    const auto rows = TRY(work.connection.query(
        "SELECT coalesce(extract(epoch FROM switched_at + $2 * interval '1 second' - clock_timestamp())::bigint, "
        "$2::bigint), coalesce((switched_at + $2 * "
        "interval '1 second')::timestamptz(0)::text, '') FROM segue.migration_history WHERE id = $1",
        {work.run.id, gate.wait_seconds}));
    if (rows.integer(0, 0) > 0) {
      return GateState{false,
                       fmt::format("{} to pass since the switch, until {}",
                                   duration_text(static_cast<double>(gate.wait_seconds)), rows.string(0, 1)),
                       ""};
    }
  }
  return GateState{};
}

tl::unexpected<Error> waiting(Work& work, const plan::PlannedGate& gate, const GateState& state) {
  const bool only_by_hand = state.role.empty() && !gate.automatic;
  const auto how = (only_by_hand ? "wait, or: " : "") + opening_command(work.plan.migration, gate, state.role);
  return tl::unexpected(Error{"waiting",
                              fmt::format("the gate '{}' waits for {}{}", gate.name, state.waits_for,
                                          gate.reason.empty() ? "" : " (" + gate.reason + ")"),
                              {},
                              how + ", then the same command again",
                              {},
                              Exit::waiting});
}

}  // namespace

// Roles that have signed; a role signs by any kind of approval but a mere note of progress.
GateState signatures(const plan::PlannedGate& gate, const std::vector<ledger::Approval>& approvals) {
  std::set<std::string> roles, persons;
  for (const auto& one : approvals) {
    if (one.gate != gate.name || one.kind != "signed") continue;
    const bool second_role_of_one_person =
        gate.four_eyes && persons.contains(one.person) && !roles.contains(lower(one.role));
    if (second_role_of_one_person) continue;
    roles.insert(lower(one.role));
    persons.insert(one.person);
  }
  if (gate.automatic && roles.empty()) return {false, "somebody's word that it is so", ""};
  std::vector<std::string> missing;
  for (const auto& role : gate.approvals) {
    if (!roles.contains(lower(role))) missing.push_back(role);
  }
  if (missing.empty()) return {};
  return {false, "a signature as " + join(missing, " and as "), missing.front()};
}

std::string opening_command(const std::string& migration, const plan::PlannedGate& gate, const std::string& role) {
  const auto quoted = gate.name.find(' ') == std::string::npos ? gate.name : "\"" + gate.name + "\"";
  const bool only_by_hand = role.empty() && !gate.automatic;
  return fmt::format("segue approve {} {} --as {}{}", migration, quoted, role.empty() ? "ROLE" : "\"" + role + "\"",
                     only_by_hand ? " --open REASON" : "");
}

Result<GateState> look_at_gate(Work& work, const plan::PlannedGate& gate) {
  const auto approvals = TRY(ledger::approvals_of(work.connection, work.run.id));
  if (opened_by_hand(approvals, gate.name)) return GateState{};
  auto state = TRY(time_gates(work, gate));
  if (!state.open) return state;
  state = signatures(gate, approvals);
  if (!state.open) return state;
  if (gate.unused_seconds > 0) state = TRY(ask_usage(work, gate));
  if (state.open && !gate.health.empty()) state = TRY(ask_health(work, gate));
  if (state.open && !gate.command.empty()) state = TRY(ask_command(work, gate));
  return state;
}

Status pass_gates(Work& work, migration::Phase before, bool down) {
  for (const auto& gate : work.plan.gates) {
    if (gate.before != before || gate.on_rollback != down) continue;
    const auto state = TRY(look_at_gate(work, gate));
    Event event;
    event.kind = Event::Kind::gate;
    event.title = gate.name;
    event.ok = state.open;
    event.message = state.waits_for;
    event.phase = migration::to_text(before);
    work.tell(event);
    if (state.open) continue;
    TRY(ledger::set_state(work.connection, work.run.id, "waiting", gate.name));
    return waiting(work, gate, state);
  }
  return {};
}

}  // namespace segue::engine
