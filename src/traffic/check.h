// Asks the database whether what a journal says was acknowledged is there.
//
// The traffic file's `checks` say how the journaled tables look in its shape, so a journal that one application wrote
// can be checked in the shape of another.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/json_fwd.h"
#include "pg/connection.h"
#include "traffic/file.h"
#include "traffic/journal.h"

namespace segue::traffic {

struct Finding {
  enum class Kind {
    lost,    // the row is not there
    wrong,   // the row has another value
    undead,  // a deleted row is there
    twice,   // the key names more than one row
  } kind = Kind::lost;
  std::string table;
  NamedValues key;
  std::string column;           // of a wrong value
  std::vector<Value> expected;  // any one of these
  Value actual;
  std::string statement;  // of the traffic: the newest acknowledged write to the key
};

struct CheckReport {
  std::int64_t writes = 0;
  std::int64_t acknowledged = 0;
  std::int64_t failed = 0;
  std::int64_t unknown = 0;
  std::int64_t unnamed = 0;  // of the unknown: those without a key, which cannot be asked for
  std::int64_t keys = 0;
  std::int64_t right = 0;
  std::int64_t kept = 0;          // of the right ones: set aside, not in their table
  std::int64_t wrong = 0;         // keys with a finding
  std::vector<Finding> findings;  // the first thousand

  bool good() const { return wrong == 0; }
};

Result<CheckReport> check_journals(const File& file, const std::vector<std::string>& journals,
                                   const pg::ConnectOptions& options);

std::string to_text(const CheckReport& report);
Json to_json(const CheckReport& report);

}  // namespace segue::traffic
