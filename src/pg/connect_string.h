// Reading connection strings without ever showing what is secret in them.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace segue::pg {

struct Target {
  std::string display;               // fit to be shown
  std::string options;               // -c settings, of the URL or of PGOPTIONS
  std::vector<std::string> secrets;  // what must be taken out of any text before it is shown
};

// The error says what is wrong without quoting the string: a password with an unescaped '/' or '@' makes libpq take a
// piece of it for a host or a port, and its own messages would print that piece.
Result<Target> read_connect_string(const std::string& url);

// The text without the target's secrets.
std::string without_secrets(std::string text, const std::vector<std::string>& secrets);

// Overwrites the password of every connection string among the arguments of this process, so that the process list
// does not show it; the copies that were made before stay whole.
void hide_passwords(int argc, char** argv);

}  // namespace segue::pg
