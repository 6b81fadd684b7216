#include "base/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace segue {

bool is_terminal(int fd) {
  return ::isatty(fd) == 1;
}

bool can_move(int fd) {
  const char* term = std::getenv("TERM");
  return is_terminal(fd) && (term == nullptr || std::string_view(term) != "dumb");
}

std::size_t terminal_width(int fd) {
  if (const char* columns = std::getenv("COLUMNS")) {
    const auto width = std::strtoul(columns, nullptr, 10);
    if (width >= 20 && width <= 1000) return width;
  }
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) return size.ws_col;
  return 80;
}

Paint::Paint(int fd) {
  const char* no_color = std::getenv("NO_COLOR");
  on_ = can_move(fd) && (no_color == nullptr || *no_color == '\0');
}

std::string Paint::wrap(std::string_view code, std::string_view text) const {
  if (!on_) return std::string(text);
  return fmt::format("\033[{}m{}\033[0m", code, text);
}

}  // namespace segue
