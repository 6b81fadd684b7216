// What stands at the other end of a file descriptor: a terminal of some width, or not; coloured, or not.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace segue {

bool is_terminal(int fd);

// A terminal whose last line can be written over: not one that calls itself dumb.
bool can_move(int fd);

// Columns: COLUMNS if set, else what the terminal says, else 80.
std::size_t terminal_width(int fd);

// Colours where there is a terminal and NO_COLOR is not set; otherwise the text as it is.
class Paint {
 public:
  explicit Paint(int fd);
  std::string red(std::string_view text) const { return wrap("31", text); }
  std::string green(std::string_view text) const { return wrap("32", text); }
  std::string yellow(std::string_view text) const { return wrap("33", text); }
  std::string cyan(std::string_view text) const { return wrap("36", text); }
  std::string bold(std::string_view text) const { return wrap("1", text); }
  std::string dim(std::string_view text) const { return wrap("2", text); }
  bool on() const { return on_; }

 private:
  std::string wrap(std::string_view code, std::string_view text) const;
  bool on_;
};

}  // namespace segue
