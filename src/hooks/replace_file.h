// A small text file that is read, and later written whole or not at all.
//
// Used inside this room only.
#pragma once

#include <sys/stat.h>

#include <string>

#include "base/error.h"

namespace segue::hooks {

struct TextFile {
  std::string path;    // as it was given, for messages
  std::string target;  // behind all symbolic links
  std::string text;
  struct stat state{};  // when it was read
};

// Only what can also be written: a regular file with one name and a right to write, of 1 MB at most.
Result<TextFile> read_text_file(const std::string& path);

// Mode, owner, attributes and access list stay. An error where somebody changed the file since it was read.
Status replace_text(const TextFile& file, const std::string& text);

}  // namespace segue::hooks
