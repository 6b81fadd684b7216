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

std::vector<std::string> lines_of(const std::optional<engine::Standing>& now, std::size_t width) {
  if (!now) return {"nothing was run on this database yet"};
  const auto back = now->direction == "down" && now->state != "rolled_back" ? ", on the way back" : "";
  std::vector<std::string> lines = {fmt::format("{}  {}{}, {}: {} of {} steps", now->migration, now->state, back,
                                                now->phase, now->steps_done, now->steps_total)};
  if (auto progress = now->progress) {
    progress->title = now->step_title;
    lines.push_back(Display::progress_line(*progress, width - 1));
    if (!progress->slowed.empty()) lines.push_back("  slowed to " + progress->slowed);
    if (!progress->message.empty()) lines.push_back("  holds still: " + progress->message);
  } else if (now->running && !now->step.empty()) {
    lines.push_back(fmt::format("  {}: {}", now->step, now->step_title));
  }
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
