// segue plan NAME: the steps for this database, with their locks, their undo and why they are as they are.
#include <fmt/format.h>
#include <unistd.h>

#include "base/json.h"
#include "base/terminal.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/project.h"
#include "engine/plan_for.h"

namespace segue::cli {
namespace {

struct Options {
  std::string name;
  bool sql = false;
  std::string explain;
};

void print_findings(const plan::Plan& plan, const Paint& paint) {
  for (const auto& finding : plan.findings) {
    const auto word = finding.hazard ? paint.red("stops it") : paint.yellow("note");
    print_line(fmt::format("\n{}: {}{}{}", word, finding.where.empty() ? "" : finding.where + ": ", finding.message,
                           finding.hint.empty() ? "" : "\n  " + finding.hint));
  }
}

void print_text(const plan::Plan& plan) {
  const Paint paint(STDOUT_FILENO);
  const auto width = terminal_width(STDOUT_FILENO);
  print_line(fmt::format("{} on PostgreSQL {}: {} steps, plan {}", paint.bold(plan.migration),
                         plan.server_version / 10000, plan.steps.size(), plan.hash));
  auto phase = migration::Phase::prepare;
  for (const auto& step : plan.steps) {
    if (step.phase != phase) {
      for (const auto& gate : plan.gates) {
        if (gate.before > phase && gate.before <= step.phase && !gate.on_rollback) {
          print_line(paint.yellow(fmt::format("  gate: {}{}", gate.name,
                                              gate.approvals.empty() ? "" : " (" + join(gate.approvals, ", ") + ")")));
        }
      }
      print_line(paint.bold(std::string(migration::to_text(step.phase))));
    }
    phase = step.phase;
    const auto lock = plan::strongest_lock(step.up);
    std::string left = fmt::format("  {:<13} {}", step.id, plan::headline(step));
    std::string right = lock.empty()
                            ? step.up.kind == plan::ActionKind::transaction ? "" : std::string(to_text(step.up.kind))
                            : lower(lock);
    if (step.scans) right += right.empty() ? "reads all" : ", reads all";
    if (step.rewrites) right += ", rewrites";
    const auto room = width > display_width(right) + 2 ? width - display_width(right) - 2 : 20;
    left = cut(left, room);
    print_line(left + std::string(room - display_width(left) + 2, ' ') + paint.dim(right));
  }
  print_line(fmt::format("\n{} checks, {} probes. `segue plan {} --sql` prints it as SQL, `--explain STEP` says why.",
                         plan.checks.size(), plan.probes.size(), plan.migration));
  for (const auto& hook : plan.hooks) print_line(fmt::format("hook {}: {}", hook.boundary, hook.title));
  for (const auto& line : plan.at_risk) print_line(paint.yellow("at risk: ") + line);
  print_findings(plan, paint);
}

Result<Exit> explain(const plan::Plan& plan, const std::string& id) {
  const auto* step = plan.find(id);
  if (step == nullptr) {
    std::vector<std::string> ids;
    for (const auto& one : plan.steps) ids.push_back(one.id);
    const auto near = nearest_word(id, ids);
    return usage_error(fmt::format("the plan has no step '{}'", id),
                       near.empty() ? "segue plan NAME lists them" : fmt::format("did you mean '{}'?", near));
  }
  const auto line = [](const std::string& name, const std::string& value) {
    if (!value.empty()) print_line(fmt::format("{:<10} {}", name, value));
  };
  line("step", step->id + ", " + step->kind + ": " + step->title);
  line("made from", step->move);
  line("lock", plan::strongest_lock(step->up));
  line("who waits", step->blocks);
  line("why", step->reason);
  print_line("\n" + plan::sql_text(step->up));
  for (const auto& action : step->down) print_line("\nundo: " + plan::sql_text(action));
  for (const auto& rule : step->keep)
    print_line(
        fmt::format("\nkept aside on the way back: rows of {} ({})", plan::display_table(rule.table), rule.reason));
  return Exit::done;
}

Result<Exit> plan_command(const Program& program, const Options& options) {
  const auto file = TRY(load_migration(program, options.name));
  auto connection = TRY(program.connect());
  const auto plan = TRY(engine::plan_for(file, connection));
  if (!options.explain.empty()) return explain(plan, options.explain);
  if (program.json) {
    print_json(plan::to_json(plan));
  } else if (options.sql) {
    print(plan::to_sql(plan));
  } else {
    print_text(plan);
  }
  return plan.has_hazard() ? Exit::findings : Exit::done;
}

}  // namespace

void add_plan(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = add_command(program, "plan", "the steps for this database; changes nothing",
                              [&program, options] { return plan_command(program, *options); });
  command->add_option("NAME", options->name, "which migration")->required();
  command->add_flag("--sql", options->sql, "as SQL that a person could run by hand");
  command->add_option("--explain", options->explain, "why this step is there, in full")->type_name("STEP");
}

}  // namespace segue::cli
