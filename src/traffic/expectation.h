// What a journal says must stand in the database: for each key the states that its row may be in.
//
// Writes of different connections to one key may overlap in time, and then the server alone knows their order. So a
// write may be the last word on a column unless another, acknowledged one was sent after it was acknowledged; a write
// whose outcome is unknown may be the last word or not have happened. What is left is exact for keys that one
// connection at a time writes to, and never a false alarm for the others.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "traffic/journal.h"

namespace segue::traffic {

struct ColumnExpectation {
  bool any = false;  // nothing is known about it
  std::vector<Value> values;
};

struct Expectation {
  std::string table;
  NamedValues key;
  bool may_be_there = true;
  bool may_be_gone = true;
  std::map<std::string, ColumnExpectation> columns;
  std::string statement;          // of the newest acknowledged write
  std::int64_t acknowledged = 0;  // when; 0: none was
};

struct JournalSummary {
  std::int64_t writes = 0;
  std::int64_t acknowledged = 0;
  std::int64_t failed = 0;
  std::int64_t unknown = 0;
  std::int64_t unnamed = 0;  // unknown, and without a key
  std::vector<Expectation> expectations;
};

// All the journals are read as one. A torn line, where a driver was killed, is passed over.
Result<JournalSummary> read_journals(const std::vector<std::string>& paths);

}  // namespace segue::traffic
