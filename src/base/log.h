// The log: one line an event, on stderr; text for people, or one JSON object a line with `--log json`.
// Answers never go here (they go to stdout), and a value that could be a secret is never a field.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace segue::log {

enum class Level { debug, info, warning, error };
enum class Format { text, json };

using Fields = std::initializer_list<std::pair<std::string_view, std::string>>;

// Called once, before threads start.
void setup(Format format, Level least);

void debug(std::string_view message, Fields fields = {});
void info(std::string_view message, Fields fields = {});
void warning(std::string_view message, Fields fields = {});
void error(std::string_view message, Fields fields = {});

// An error as the last word of a command.
void report(const Error& error);

// The line that would be written, without the newline; for tests.
std::string line(Format format, Level level, std::string_view message, Fields fields, std::string_view time);

}  // namespace segue::log
