// segue approve NAME GATE --as ROLE: signs a gate, with name and time.
#include <fmt/format.h>

#include <algorithm>

#include "base/identity.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/project.h"
#include "ledger/event.h"
#include "ledger/run.h"
#include "plan/plan.h"

namespace segue::cli {
namespace {

struct Options {
  std::string name, gate, role, person, note, open;
  bool implemented = false, tested = false, reviewed = false;
};

std::string kind_of(const Options& options) {
  if (!options.open.empty()) return "opened";
  if (options.implemented) return "implemented";
  if (options.tested) return "tested";
  return options.reviewed ? "reviewed" : "signed";
}

Result<const plan::PlannedGate*> find_gate(const plan::Plan& plan, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& gate : plan.gates) {
    if (gate.name == name) return &gate;
    names.push_back(gate.name);
  }
  const auto near = nearest_word(name, names);
  return usage_error(fmt::format("'{}' has no gate '{}'", plan.migration, name),
                     near.empty() ? "its gates are: " + join(names, ", ") : fmt::format("did you mean '{}'?", near));
}

// A role signs only where it is asked for.
Status role_fits(const plan::PlannedGate& gate, const std::string& role) {
  if (gate.approvals.empty()) return {};
  for (const auto& one : gate.approvals) {
    if (lower(one) == lower(role)) return {};
  }
  return usage_error(fmt::format("the gate '{}' does not ask for '{}'", gate.name, role),
                     "it asks for: " + join(gate.approvals, ", "));
}

Result<Exit> approve(const Program& program, const Options& options) {
  auto connection = TRY(program.connect());
  const auto name = TRY(migration_name(program, options.name));
  const auto run = TRY(ledger::open_run(connection, name, "segue run begins it"));
  const auto plan = TRY(plan::from_stored(run.plan));
  ledger::Approval approval;
  approval.run = run.id;
  approval.migration = name;
  approval.role = options.role;
  approval.person = options.person.empty() ? user_name() : options.person;
  approval.plan_hash = run.plan_hash;
  approval.note = options.open.empty() ? options.note : options.open;
  approval.gate = options.gate;
  approval.kind = options.gate == "plan" ? "plan" : kind_of(options);
  if (options.gate != "plan") {
    const auto* gate = TRY(find_gate(plan, options.gate));
    if (options.open.empty()) TRY(role_fits(*gate, options.role));
    if (options.open.empty() && gate->approvals.empty() && !gate->automatic) {
      return usage_error(fmt::format("the gate '{}' waits for no signature", gate->name),
                         "to open it all the same: --open REASON");
    }
  }
  TRY(ledger::add_approval(connection, approval));
  TRY(ledger::add_event(connection, run.id, "info", "approval",
                        fmt::format("{} {} '{}' as {}{}", approval.person, approval.kind, approval.gate, approval.role,
                                    approval.note.empty() ? "" : ": " + approval.note)));
  if (program.json) {
    print_json({{"migration", name},
                {"gate", approval.gate},
                {"role", approval.role},
                {"person", approval.person},
                {"kind", approval.kind}});
  } else {
    print_line(
        fmt::format("{}: '{}' {} by {} as {}", name, approval.gate, approval.kind, approval.person, approval.role));
  }
  return Exit::done;
}

}  // namespace

void add_approve(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command =
      add_command(program, "approve", "sign a gate", [&program, options] { return approve(program, *options); });
  command->add_option("NAME", options->name, "which migration")->required();
  command->add_option("GATE", options->gate, "which gate, or `plan`")->required();
  command->add_option("--as", options->role, "the role that signs")->required()->type_name("ROLE");
  command->add_option("--by", options->person, "who, instead of the user of this machine")->type_name("PERSON");
  command->add_option("--note", options->note, "what should be remembered with it")->type_name("TEXT");
  command->add_option("--open", options->open, "open the gate whatever it waits for; recorded with this reason")
      ->type_name("REASON");
  command->add_flag("--implemented", options->implemented, "a note of progress, no signature");
  command->add_flag("--tested", options->tested, "a note of progress, no signature");
  command->add_flag("--reviewed", options->reviewed, "a note of progress, no signature");
}

}  // namespace segue::cli
