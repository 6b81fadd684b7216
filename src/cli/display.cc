#include "cli/display.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "base/clock.h"
#include "base/log.h"
#include "base/terminal.h"
#include "base/text.h"
#include "base/wrap.h"

namespace segue::cli {
namespace {

using engine::Event;
constexpr int out = STDERR_FILENO;  // stdout is for answers
// Where nothing moves, a line after so long, and then less and less often.
constexpr double soon_s = 0.2, lines_every = 5.0;

std::string bar(double share, std::size_t width) {
  const auto full = static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * static_cast<double>(width)));
  std::string text;
  for (std::size_t at = 0; at < width; ++at) text += at < full ? "█" : "░";
  return text;
}

std::string code_of(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::phase_begins:
      return "phase-begins";
    case Event::Kind::phase_done:
      return "phase-done";
    case Event::Kind::step_begins:
      return "step-begins";
    case Event::Kind::step_done:
      return "step-done";
    case Event::Kind::progress:
      return "progress";
    case Event::Kind::lock_wait:
      return "lock-wait";
    case Event::Kind::check:
      return "check";
    case Event::Kind::probe:
      return "probe";
    case Event::Kind::gate:
      return "gate";
    case Event::Kind::hook:
      return "hook";
    case Event::Kind::kept:
      return "kept";
    case Event::Kind::busy:
      return "busy";
    case Event::Kind::note:
      return "note";
  }
  return "note";
}

void log_event(const Event& event) {
  log::info(code_of(event.kind), {{"phase", event.phase},
                                  {"step", event.step},
                                  {"title", event.title},
                                  {"text", event.message},
                                  {"ok", event.ok ? "true" : "false"},
                                  {"rows", std::to_string(event.rows)},
                                  {"seconds", fmt::format("{:.3f}", event.seconds)}});
}

// What is left, as a span where the pace changes: "20 s left", "20 s to 1 min left".
std::string left_text(const Event& event) {
  if (!event.message.empty()) return "holds still";
  if (event.most_s <= 0) return {};
  const bool steady = event.most_s < 1.5 * event.least_s || event.most_s < 2;
  if (steady || event.least_s <= 0) return duration_text(event.most_s) + " left";
  return fmt::format("{} to {} left", duration_text(event.least_s), duration_text(event.most_s));
}

}  // namespace

struct Display::State {
  State(bool as_json, std::function<std::string()> words)
      : json(as_json), beside(std::move(words)), paint(out), moving(can_move(out)) {}
  bool json;
  std::function<std::string()> beside;
  Paint paint;
  bool moving;        // a terminal: the last line may be written over
  bool open = false;  // such a line stands there now
  int checks_ok = 0;
  Stopwatch since_line;
  bool first_progress = true;
  std::int64_t rows_at_line = 0;
  double next_line_s = soon_s;
  std::string held;    // why the backfill holds still, as it was told last
  std::string slowed;  // how much it took beside others, last

  void put(const std::string& text) { (void)!::write(out, text.data(), text.size()); }
  void line(const std::string& text) {
    put((open ? "\r\033[K" : "") + text + "\n");
    open = false;
  }
  // Broken where it would not fit; all lines but the first are indented.
  template <class Painter>
  void message(const std::string& text, Painter painted) {
    for (const auto& one : wrapped(text)) line(painted(one));
  }
  void message(const std::string& mark, const std::string& text) {
    // The mark's colours take no columns: it stands in for two of them.
    auto lines = wrapped("    " + text);
    lines.front() = "  " + mark + lines.front().substr(3);
    for (const auto& one : lines) line(one);
  }
  std::vector<std::string> wrapped(const std::string& text) const {
    if (!moving) return {text};
    return wrap(text, terminal_width(out) - 1, 4);
  }
  void over(const std::string& text) {
    put("\r\033[K" + text);
    open = true;
  }
};

Display::Display(bool json, std::function<std::string()> beside)
    : state_(std::make_unique<State>(json, std::move(beside))) {}

Display::~Display() {
  settle();
}

void Display::settle() {
  if (state_->open) state_->put("\r\033[K");
  state_->open = false;
}

void Display::say(const std::string& text) {
  for (const auto& one : split(text, '\n')) state_->message(one, [](const auto& line) { return line; });
}

void Display::headline(const std::string& text) {
  state_->line("");
  state_->message(text, [&](const auto& line) { return state_->paint.bold(line); });
}

void Display::show(const std::string& text) {
  if (state_->moving) state_->over(cut(text, terminal_width(out) - 1));
}

std::string Display::progress_line(const Event& event, std::size_t width) {
  const double share = event.share > 0        ? event.share
                       : event.rows_total > 0 ? static_cast<double>(event.rows) / static_cast<double>(event.rows_total)
                                              : 0;
  // The same width from frame to frame, or the bar would jump.
  const auto rows_room = std::max(with_commas(event.rows).size(), with_commas(event.rows_total).size());
  const auto right =
      fmt::format(" {:3.0f} %  {:>{}} rows  {:>7}/s  {:>10}", std::min(share, 1.0) * 100, with_commas(event.rows),
                  rows_room, with_commas(static_cast<std::int64_t>(event.rate)), left_text(event));
  const auto taken = display_width(right);
  if (width <= taken + 12) return cut("  " + event.title + right, width);
  const auto room = width - taken - 4;
  const auto title_room = std::min<std::size_t>(room / 2, 32);
  const auto title = cut(event.comparing ? "comparing " + event.title : event.title, title_room);
  return fmt::format("  {}{} {}{}", title, std::string(title_room - display_width(title), ' '),
                     bar(share, room - title_room), right);
}

void Display::take(const Event& event) {
  auto& s = *state_;
  if (s.json) {
    log_event(event);
    return;
  }
  const auto width = terminal_width(out);
  switch (event.kind) {
    case Event::Kind::phase_begins:
      s.checks_ok = 0;
      s.line(s.paint.bold(event.phase));
      return;
    case Event::Kind::phase_done:
      if (s.checks_ok > 0) s.line(fmt::format("  {} {} checks hold", s.paint.green("✓"), s.checks_ok));
      if (s.beside) s.line("  " + s.paint.cyan(s.beside()));
      return;
    case Event::Kind::step_begins:
      s.first_progress = true;
      s.slowed.clear();
      s.rows_at_line = 0;
      s.since_line = Stopwatch();
      if (s.moving) s.over(s.paint.dim(cut("  … " + event.title, width - 1)));
      return;
    case Event::Kind::step_done: {
      // Most runs have nothing to bring back.
      if (event.title.starts_with("kept rows") && event.rows == 0) return settle();
      std::string right = event.rows > 0 ? with_commas(event.rows) + (event.rows == 1 ? " row, " : " rows, ") : "";
      right += duration_text(event.seconds);
      const auto mark = event.down ? "↩" : "✓";
      const auto room = width > right.size() + 8 ? width - right.size() - 8 : 10;
      const auto title = cut(event.title, room);
      s.line(fmt::format("  {} {}{}  {}", s.paint.green(mark), title, std::string(room - display_width(title), ' '),
                         s.paint.dim(right)));
      // Not in the middle of a bar.
      if (!s.slowed.empty()) {
        s.message("    beside others, at last " + s.slowed, [&](const auto& line) { return s.paint.dim(line); });
      }
      return;
    }
    case Event::Kind::progress: {
      // Told once for each signal, however its value changes.
      const auto held = event.message.substr(0, event.message.find_first_of("0123456789"));
      if (held != s.held && !held.empty()) {
        s.message("  holds still: " + event.message, [&](const auto& line) { return s.paint.yellow(line); });
      }
      s.held = held;
      if (!event.slowed.empty()) s.slowed = event.slowed;
      const auto since_line = event.rows - s.rows_at_line;
      const bool over_again = since_line < 0;  // another backfill
      if (s.first_progress || over_again) s.next_line_s = soon_s;
      const bool waited = since_line > 0 && s.since_line.seconds() >= s.next_line_s;
      if (!s.moving && !s.first_progress && !over_again && !waited) return;
      // A log is to be read: the longer it takes, the fewer the lines.
      s.next_line_s = std::min(lines_every, s.next_line_s * 1.2);
      const auto taken_s = s.since_line.seconds();
      const bool timed = !s.moving && !s.first_progress && since_line > 0;
      s.first_progress = false;
      s.rows_at_line = event.rows;
      s.since_line = Stopwatch();
      const auto words = s.beside ? "  " + s.beside() : std::string();
      const auto taken = display_width(words);
      const bool fits = width > taken + 60;
      const auto line = progress_line(event, width - 1 - (fits ? taken : 0)) + (fits ? s.paint.cyan(words) : "");
      if (s.moving) return s.over(line);
      return s.line(line + (timed ? fmt::format("  +{} in {}", with_commas(since_line), duration_text(taken_s)) : ""));
    }
    case Event::Kind::lock_wait:
      return s.message(fmt::format("  waiting for a lock for {}: {}", duration_text(event.seconds), event.message),
                       [&](const auto& line) { return s.paint.yellow(line); });
    case Event::Kind::check:
      if (event.ok) {
        ++s.checks_ok;
        return;
      }
      return s.message(s.paint.red("✗"), fmt::format("{}: {}", event.title, event.message));
    case Event::Kind::probe:
      return s.message(event.ok ? s.paint.green("✓") : s.paint.red("✗"),
                       fmt::format("probe {}: {}", event.title, event.message));
    case Event::Kind::gate:
      if (event.ok) return s.message(s.paint.green("✓"), fmt::format("gate {} is open", event.title));
      return s.message(fmt::format("  gate {} waits for {}", event.title, event.message),
                       [&](const auto& line) { return s.paint.yellow(line); });
    case Event::Kind::hook: {
      const auto text = fmt::format("{}{}: {}", event.down ? "taken back: " : "", event.title, event.message);
      return s.message(event.ok ? s.paint.green(event.down ? "↩" : "✓") : s.paint.red("✗"), text);
    }
    case Event::Kind::kept:
      if (event.down) {
        const auto* what = event.values ? "values" : "rows";
        return say(fmt::format("  {} {} set aside: {}", with_commas(event.rows), what, event.title));
      }
      say(fmt::format("  {} of {} {}", with_commas(event.rows), with_commas(event.rows_total), event.title));
      if (!event.ok) s.message(s.paint.red("✗"), event.message);
      return;
    case Event::Kind::busy: {
      const auto share = event.share > 0 ? fmt::format(", {:.0f} %", std::min(event.share, 1.0) * 100) : "";
      if (s.moving) s.over(s.paint.dim(cut(fmt::format("  … {}, {}{}", event.title, event.message, share), width - 1)));
      return;
    }
    case Event::Kind::note:
      return event.ok ? say("  " + event.message) : s.message(s.paint.red("✗"), event.message);
  }
}

}  // namespace segue::cli
