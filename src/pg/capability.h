// What a server and a user can do for segue: `doctor` prints it, preflight decides by it.
//
// Nothing in the core needs a superuser. A capability that is missing has a fallback, which the message names, and is
// no finding; a finding (ok = false) hinders a migration and says how to mend it. What cannot be read for want of
// rights is named and hinders nothing.
#pragma once

#include <string>
#include <vector>

#include "pg/connection.h"

namespace segue::pg {

struct Capability {
  std::string name;
  bool ok = true;
  std::string message;
  std::string fix;  // empty where nothing is to be done
};

// Asks the server; fails only when the connection is lost.
Result<std::vector<Capability>> capabilities(Connection& connection);

}  // namespace segue::pg
