// URLs of what stands around a database: their parts, and how they are shown without their secrets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace segue::hooks {

struct Url {
  std::string scheme;  // in small letters
  std::optional<std::string> user, password;
  std::string host;        // without the brackets of an IPv6 address; may be empty
  std::uint16_t port = 0;  // 0: none is given
  std::string path;        // with its slash
  std::string query;       // without its question mark
};

// Strict where a lenient reading could take a piece of a password for a host: a slash, question mark or number sign in
// a password must be percent-encoded. User, password and path are decoded. No message quotes a secret.
Result<Url> read_url(const std::string& text);

// The URL as it may stand in output, logs and messages: user and password, query and fragment are "***". Works on any
// text, also on what read_url refuses; in doubt it hides too much. A token in the path stays: it cannot be told from a
// path.
std::string shown_url(std::string_view text);

// "host:port", with the port that is meant where none is written.
std::string host_and_port(const Url& url, std::uint16_t standard_port);

// %41 is A; nothing where a percent sign is not followed by two digits.
std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace segue::hooks
