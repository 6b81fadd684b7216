#include "base/log.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/terminal.h"

namespace segue::log {
namespace {

struct Settings {
  Format format = Format::text;
  Level least = Level::info;
};
Settings settings;  // NOLINT: written once by setup(), before threads start

std::string_view name(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "error";
}

void put(const std::string& text) {
  // One write a line, so that lines of two threads or processes do not mix.
  const std::string whole = text + "\n";
  if (::write(STDERR_FILENO, whole.data(), whole.size()) < 0) return;  // nobody listens: nothing to be done
}

void write(Level level, std::string_view message, Fields fields) {
  if (level < settings.least) return;
  put(line(settings.format, level, message, fields, now_text()));
}

}  // namespace

void setup(Format format, Level least) {
  settings = {format, least};
}

std::string line(Format format, Level level, std::string_view message, Fields fields, std::string_view time) {
  if (format == Format::json) {
    Json object = {{"at", time}, {"level", name(level)}, {"message", message}};
    for (const auto& [key, value] : fields) object[std::string(key)] = value;
    return object.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  std::string text = level == Level::info ? std::string() : fmt::format("{}: ", name(level));
  text += message;
  for (const auto& [key, value] : fields) text += fmt::format("  {}={}", key, value);
  return text;
}

void debug(std::string_view message, Fields fields) {
  write(Level::debug, message, fields);
}
void info(std::string_view message, Fields fields) {
  write(Level::info, message, fields);
}
void warning(std::string_view message, Fields fields) {
  write(Level::warning, message, fields);
}
void error(std::string_view message, Fields fields) {
  write(Level::error, message, fields);
}

void report(const Error& problem) {
  if (settings.format == Format::json) {
    put(line(settings.format, Level::error, problem.message,
             {{"code", problem.code}, {"where", problem.where}, {"hint", problem.hint}, {"sqlstate", problem.sqlstate}},
             now_text()));
    return;
  }
  const Paint paint(STDERR_FILENO);
  put(fmt::format("{} {}", paint.red("segue:"), to_text(problem)));
}

}  // namespace segue::log
