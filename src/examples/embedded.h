// Files that are inside the program: those of the folder examples/, by their path below it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace segue::examples {

struct EmbeddedFile {
  const char* path;
  const char* begin;
  const char* end;
};

// Ended by one without a path; generated (cmake/embed.cmake).
extern const EmbeddedFile embedded_files[];

// "visionwest/migration.yaml"
std::optional<std::string_view> embedded(std::string_view path);

}  // namespace segue::examples
