// segue status, segue history, segue pause: where it stands, what was done.
#include "engine/status.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/json.h"
#include "base/terminal.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/project.h"
#include "ledger/event.h"
#include "ledger/run.h"
#include "ledger/runner.h"
#include "ledger/schema.h"

namespace segue::cli {
namespace {

void print_text(const engine::Standing& now) {
  const Paint paint(STDOUT_FILENO);
  const auto line = [](const std::string& name, const std::string& value) {
    if (!value.empty()) print_line(fmt::format("{:<13} {}", name, value));
  };
  print_line(fmt::format("{}  {}", paint.bold(now.migration), now.about));
  const auto way = now.direction == "down" && now.state != "rolled_back" ? " (on the way back)" : "";
  line("state", now.state + way);
  line("phase", now.phase);
  line("steps", fmt::format("{} of {} done", now.steps_done, now.steps_total));
  if (!now.step.empty()) line(now.running ? "step" : "next step", now.step + ": " + now.step_title);
  if (now.rows_total > 0)
    line("rows", fmt::format("{} of about {} carried", with_commas(now.rows_done), with_commas(now.rows_total)));
  line("run by", now.runner);
  line("waits for", now.waiting_for.empty() ? "" : "the gate '" + now.waiting_for + "'");
  for (const auto& blocker : now.blockers) line("blocked by", blocker);
  line("went wrong", now.error);
  if (now.kept_rows > 0) line("set aside", with_commas(now.kept_rows) + " rows in segue.kept_row");
  if (now.failed_rows > 0) line("not carried", with_commas(now.failed_rows) + " rows in segue.failed_row");
  line("since", now.since);
  line("next", now.next_command);
}

Result<Exit> status(const Program& program, const std::string& typed) {
  auto connection = TRY(program.connect());
  const auto now = TRY(engine::standing(connection, TRY(migration_name(program, typed))));
  engine::Standing planned;
  planned.migration = typed;
  planned.next_command = typed.empty() ? "segue plan NAME" : "segue plan " + typed;
  if (program.json) {
    print_json(engine::to_json(now ? *now : planned));
  } else if (now) {
    print_text(*now);
  } else {
    print_line(typed.empty() ? "nothing was run on this database yet"
                             : fmt::format("{} was not run on this database yet", typed));
    print_line("next          " + planned.next_command);
  }
  return Exit::done;
}

Json as_json(const ledger::Run& run) {
  return {{"id", run.id},       {"migration", run.migration},   {"plan_hash", run.plan_hash},
          {"state", run.state}, {"phase", run.phase},           {"started_by", run.started_by},
          {"host", run.host},   {"started_at", run.started_at}, {"finished_at", run.finished_at},
          {"rows", run.rows},   {"rehearsed", run.rehearsed}};
}

Result<Exit> history(const Program& program, const std::string& typed) {
  auto connection = TRY(program.connect());
  if (!TRY(ledger::exists(connection))) {
    if (program.json) {
      print_json(Json::array());
    } else {
      print_line("nothing was run on this database yet");
    }
    return Exit::done;
  }
  const auto name = TRY(migration_name(program, typed));
  Json list = Json::array();
  for (const auto& run : TRY(ledger::all_runs(connection))) {
    if (!name.empty() && run.migration != name) continue;
    const auto events = TRY(ledger::events_of(connection, run.id));
    const auto approvals = TRY(ledger::approvals_of(connection, run.id));
    if (program.json) {
      auto one = as_json(run);
      one["events"] = Json::array();
      for (const auto& event : events) {
        one["events"].push_back(
            {{"at", event.at}, {"level", event.level}, {"code", event.code}, {"message", event.message}});
      }
      list.push_back(one);
      continue;
    }
    print_line(fmt::format("{}  {}  {}  by {} on {}  plan {}  {} rows", run.started_at.substr(0, 19), run.migration,
                           run.state, run.started_by, run.host, run.plan_hash.substr(0, 8), with_commas(run.rows)));
    for (const auto& one : approvals) {
      print_line(fmt::format("    {} {} '{}'{}{}", one.person, one.kind, one.gate,
                             one.role.empty() ? "" : " as " + one.role, one.note.empty() ? "" : ": " + one.note));
    }
    if (!name.empty()) {
      for (const auto& event : events)
        print_line(fmt::format("    {}  {}  {}", event.at.substr(0, 19), event.code, event.message));
    }
  }
  if (program.json) print_json(list);
  return Exit::done;
}

Result<Exit> pause(const Program& program) {
  auto connection = TRY(program.connect());
  if (!TRY(ledger::exists(connection)) || !TRY(ledger::runner_is_there(connection))) {
    return usage_error("nobody runs a migration on this database now", "segue status tells where it stands");
  }
  TRY(ledger::request_pause(connection));
  if (program.json) {
    print_json({{"asked", true}});
    return Exit::done;
  }
  print_line("asked to stop after what is under way; segue run goes on");
  return Exit::done;
}

}  // namespace

void add_status(Program& program) {
  auto name = std::make_shared<std::string>();
  auto* command =
      add_command(program, "status", "where it stands", [&program, name] { return status(program, *name); });
  command->add_option("NAME", *name, "which migration; the one under way without");
}

void add_history(Program& program) {
  auto name = std::make_shared<std::string>();
  auto* command =
      add_command(program, "history", "who did what when", [&program, name] { return history(program, *name); });
  command->add_option("NAME", *name, "only this migration, with all its events");
}

void add_pause(Program& program) {
  auto name = std::make_shared<std::string>();
  auto* command = add_command(program, "pause", "stop after what is under way", [&program] { return pause(program); });
  command->add_option("NAME", *name, "which migration; the one under way without");
}

}  // namespace segue::cli
