// Why no session came about, in words that help: libpq's message in one line, and what to do.
//
// It goes by the texts of libpq and of the servers 14 to 18, in English; what it does not know gets a general hint. It
// takes nothing secret out: whoever calls it does that with what it returns.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace segue::pg {

struct ConnectAdvice {
  std::string code;  // no-server, refused-by-server, bad-connection-setting
  std::string hint;
  Exit exit = Exit::failed;  // usage where nobody but the user can mend it by typing something else
};

ConnectAdvice connect_advice(std::string_view message);

// A message of libpq's, whose lines may repeat themselves (one for each try) and go on after a tab, in one line.
std::string one_line(std::string_view text);

}  // namespace segue::pg
