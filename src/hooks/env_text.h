// The text of an environment file: its variables with their places, and what env_file.h does to it.
//
// Used inside this room only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "hooks/env_file.h"

namespace segue::hooks {

// A variable, or any other line; the entries of a text follow each other without a gap.
struct EnvEntry {
  std::size_t line = 1;       // of its first byte
  std::string_view all;       // with its line end
  std::string_view name;      // empty: blank, comment, anything else
  std::string_view value;     // everything after the '=' up to the line end
  std::string_view line_end;  // "\n", "\r\n", or empty in the last line
  bool quote_is_open = false;
  bool continues = false;  // ends in a backslash, which some readers take for a continuation
};

// The views point into `text`.
std::vector<EnvEntry> read_env(std::string_view text);

struct EnvText {
  std::string text;
  EnvChange change;
};

// `file` is for the messages.
Result<EnvText> renamed_env(std::string_view text, const std::vector<EnvRename>& renames, const std::string& file);
Result<EnvText> taken_back_env(std::string_view text, const std::vector<EnvRename>& renames);

}  // namespace segue::hooks
