#include "cli/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/json.h"
#include "base/terminal.h"

namespace segue::cli {
namespace {
bool lost = false;
}

void print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written && errno != EPIPE) lost = true;
}

bool all_was_printed() {
  return !lost;
}

void print_line(std::string_view text) {
  print(std::string(text) + "\n");
}

void end_typed_line() {
  if (is_terminal(STDERR_FILENO)) (void)!::write(STDERR_FILENO, "\n", 1);
}

void print_json(const Json& value) {
  print_line(value.dump(is_terminal(STDOUT_FILENO) ? 2 : -1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace segue::cli
