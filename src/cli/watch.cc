// segue watch: where a migration stands, live, from any machine.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/json.h"
#include "base/terminal.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/display.h"
#include "cli/output.h"
#include "cli/project.h"
#include "cli/stop.h"
#include "engine/status.h"

namespace segue::cli {
namespace {

constexpr int tick_ms = 100, ticks_a_look = 10;

// The backfill that is under way, as the runner's own display shows it.
std::string bar_of(const engine::Standing& now, std::size_t width) {
  const auto told = Json::parse(now.progress, nullptr, false);
  if (!told.is_object()) return {};
  engine::Event event;
  event.title = now.step_title;
  event.rows = told.value("rows", std::int64_t{0});
  event.rows_total = told.value("rows_total", std::int64_t{0});
  event.share = told.value("share", 0.0);
  event.rate = told.value("rate", 0.0);
  event.least_s = told.value("least_s", 0.0);
  event.most_s = told.value("most_s", 0.0);
  event.comparing = told.value("comparing", false);
  event.message = told.value("held", std::string());
  return Display::progress_line(event, width);
}

std::string held_of(const engine::Standing& now) {
  const auto told = Json::parse(now.progress, nullptr, false);
  return told.is_object() ? told.value("held", std::string()) : std::string();
}

std::vector<std::string> lines_of(const std::optional<engine::Standing>& now, std::size_t width) {
  if (!now) return {"nothing was run on this database yet"};
  const auto back = now->direction == "down" && now->state != "rolled_back" ? ", on the way back" : "";
  std::vector<std::string> lines = {fmt::format("{}  {}{}, {}: {} of {} steps", now->migration, now->state, back,
                                                now->phase, now->steps_done, now->steps_total)};
  if (const auto bar = now->progress.empty() ? std::string() : bar_of(*now, width - 1); !bar.empty()) {
    lines.push_back(bar);
  } else if (now->running && !now->step.empty()) {
    lines.push_back(fmt::format("  {}: {}", now->step, now->step_title));
  }
  if (const auto held = held_of(*now); !held.empty()) lines.push_back("  holds still: " + held);
  for (const auto& blocker : now->blockers) lines.push_back("  blocked by " + blocker);
  if (!now->waiting_for.empty()) lines.push_back("  waits for the gate '" + now->waiting_for + "'");
  if (!now->error.empty()) lines.push_back("  went wrong: " + one_line(now->error));
  if (!now->running && !now->next_command.empty()) lines.push_back("  next: " + now->next_command);
  return lines;
}

class Picture {
 public:
  Picture() : moving_(can_move(STDOUT_FILENO)) {}

  void show(std::vector<std::string> lines) {
    if (!moving_) {
      // Elsewhere a line where something has changed.
      for (const auto& line : lines) {
        if (std::find(shown_.begin(), shown_.end(), line) == shown_.end()) print_line(line);
      }
    } else {
      std::string text = shown_.empty() ? "" : fmt::format("\033[{}A\r\033[J", shown_.size());
      for (const auto& line : lines) text += cut(line, terminal_width(STDOUT_FILENO) - 1) + "\n";
      print(text);
    }
    shown_ = std::move(lines);
  }

 private:
  bool moving_;
  std::vector<std::string> shown_;
};

Result<Exit> watch(const Program& program, const std::string& typed, bool to_the_end) {
  auto connection = TRY(program.connect());
  const auto name = TRY(migration_name(program, typed));
  const auto* stop = stop_on_signals();
  Picture picture;
  bool ran = false;
  while (!*stop && all_was_printed()) {
    const auto now = TRY(engine::standing(connection, name));
    if (program.json) {
      print_line(now ? engine::to_json(*now).dump() : std::string("null"));
    } else {
      picture.show(lines_of(now, terminal_width(STDOUT_FILENO)));
    }
    ran = ran || (now && now->running);
    if (to_the_end && (!now || !now->running) && (ran || !now)) break;
    if (to_the_end && now && !now->running && now->state != "running") break;
    for (int tick = 0; tick < ticks_a_look && !*stop; ++tick)
      std::this_thread::sleep_for(std::chrono::milliseconds(tick_ms));
  }
  return Exit::done;
}

}  // namespace

void add_watch(Program& program) {
  auto name = std::make_shared<std::string>();
  auto to_the_end = std::make_shared<bool>(false);
  auto* command = add_command(program, "watch", "where it stands, live: bars, rates, what is left, blockers",
                              [&program, name, to_the_end] { return watch(program, *name, *to_the_end); });
  command->add_option("NAME", *name, "which migration; the one under way without");
  command->add_flag("--until-it-stops", *to_the_end, "end when nobody runs it; without, only Ctrl-C ends it");
}

}  // namespace segue::cli
