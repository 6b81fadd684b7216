#include "hooks/command.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "base/text.h"
#include "hooks/child_process.h"
#include "hooks/stop.h"
#include "hooks/utf8.h"

namespace segue::hooks {
namespace {

constexpr std::size_t output_limit = 4096;
constexpr std::size_t line_limit = 200;

std::string last_line(const std::string& output) {
  const auto text = trim(output);
  const auto line = text.substr(text.rfind('\n') == std::string_view::npos ? 0 : text.rfind('\n') + 1);
  return cut(trim(line), line_limit);
}

}  // namespace

Result<Ended> run(const Command& command, const std::atomic<bool>* stop) {
  const Stopwatch watch;
  const auto until = std::chrono::steady_clock::now() + command.timeout;
  auto child = TRY(ChildProcess::start(command));
  for (;;) {
    if (const auto code = child.exit_code()) {
      return Ended{*code, clean_tail(child.output(), output_limit), watch.seconds() * 1000};
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (asked_to_stop(stop)) {
      child.end();
      return stopped("stopped while a command was running, which was ended", command.words.front());
    }
    if (left.count() <= 0) {
      child.end();
      const auto line = last_line(clean_tail(child.output(), output_limit));
      return failure("command-timeout",
                     fmt::format("the command did not end within {} and was ended{}",
                                 duration_text(static_cast<double>(command.timeout.count()) / 1000),
                                 line.empty() ? "; it wrote nothing" : "; its last line: " + line),
                     "find out what it waits for, or give it a longer timeout", command.words.front());
    }
    child.wait(std::min(left, stop_interval));
  }
}

}  // namespace segue::hooks
