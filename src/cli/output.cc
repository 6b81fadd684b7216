#include "cli/output.h"

#include <unistd.h>

#include <cstdio>

#include "base/json.h"
#include "base/terminal.h"

namespace segue::cli {

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void print_line(std::string_view text) {
  print(std::string(text) + "\n");
}

void print_json(const Json& value) {
  print_line(value.dump(is_terminal(STDOUT_FILENO) ? 2 : -1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace segue::cli
