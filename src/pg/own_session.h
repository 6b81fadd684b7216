// A session whose settings are segue's own, whatever the role, the database or the environment have as default.
//
// A server before 14 does not know all of them, and is refused here by that (Connection says so in words).
//
// No timeout ends what it does, it may write where a default forbids it, dates and numbers come in one form. Rows that
// a policy would hide are an error, never silently missing.
#pragma once

#include <string>

#include "pg/connection.h"

namespace segue::pg {

Result<Connection> open_own_session(const std::string& url, const std::string& application_name);

}  // namespace segue::pg
