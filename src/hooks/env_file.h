// Renames the variables of an environment file (.env, EnvironmentFile=, --env-file) by the beginning of their names,
// and takes that back.
//
// DEAL_HOST=db becomes
//
//   OPPORTUNITY_HOST=db
//   # segue: DEAL_HOST is deprecated, use OPPORTUNITY_HOST
//   DEAL_HOST=db
//
// so that the old application and the new one both find their name. Every other byte stays: blanks, quotes, comments,
// line ends, a byte order mark, no line end at the end. A value in quotes may go over several lines. One variable a
// line; what follows on the line belongs to the value. Both functions may be called twice.
//
// The file is written whole or not at all (a temporary file beside it, synced, renamed); its mode, owner, attributes
// and access list stay, and a symbolic link goes on pointing to it. A file that needs no change is not written. Errors
// name lines, never values.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace segue::hooks {

// Beginnings of names: DEAL_ → OPPORTUNITY_. Where several fit, the longest counts.
struct EnvRename {
  std::string from, to;
};

struct EnvName {
  std::string from, to;  // whole names
  bool operator==(const EnvName&) const = default;
};

struct EnvChange {
  std::vector<EnvName> changed;    // put in, or taken out again; each name once, in the order of the file
  std::vector<EnvName> unchanged;  // was there already; take_back: nothing
  std::vector<EnvName> carried;    // take_back: the old name got the value that the new one had meanwhile
};

// Refused, with nothing written: a new name that is there already with another value (both lines are named), a new name
// that would itself be renamed the next time, a value whose end is not certain (a quote that is not closed, a backslash
// at the end of the line).
Result<EnvChange> rename_variables(const std::string& file, const std::vector<EnvRename>& renames);

// Takes out what rename_variables put in, which its comment tells: the file is byte for byte what it was, where nobody
// edited it. A value that the new name got meanwhile goes to the old one, since the new name was in use; where somebody
// took the old line out, the new one becomes it.
Result<EnvChange> take_back(const std::string& file, const std::vector<EnvRename>& renames);

}  // namespace segue::hooks
