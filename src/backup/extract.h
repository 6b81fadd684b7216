// One table's rows out of a full dump, as they come from pg_restore: read from a script, given on in pieces.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace segue::backup {

// Takes a script as `pg_restore --data-only --table` writes it, in pieces of any size, and finds the COPY in it.
class CopyScript {
 public:
  // Gets the rows, without the line that ends them.
  std::function<void(std::string)> rows;
  // Called once, before the first row.
  std::function<void()> started;

  void take(std::string_view piece);

  bool found() const { return state_ != State::before; }
  const std::vector<std::string>& columns() const { return columns_; }  // unquoted
  const std::string& encoding() const { return encoding_; }

 private:
  enum class State { before, inside, after };
  void line(std::string_view text);

  State state_ = State::before;
  std::string rest_;  // of a line that is not whole yet
  std::string batch_;
  std::vector<std::string> columns_;
  std::string encoding_ = "UTF8";
};

// "COPY public.\"a b\" (x, \"y,\"\"z\") FROM stdin;" → x; y,"z. False where the line is no such statement.
bool read_copy_line(std::string_view line, std::vector<std::string>& columns);

}  // namespace segue::backup
