// Reads a traffic file. Strict: an unknown key, a wrong type, a name that does not exist is an error with its
// file:line:column and the nearest right word. Nothing is asked from a database.
#pragma once

#include <string>

#include "base/error.h"
#include "traffic/file.h"

namespace segue::traffic {

Result<File> read_file(const std::string& path);
// `path` is what errors call the text.
Result<File> read_text(const std::string& text, const std::string& path);

}  // namespace segue::traffic
