// What a backfill looks at to leave others their due: each a question to the server, a limit, and words for both.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backfill/tuning.h"
#include "pg/connection.h"

namespace segue::backfill {

// value: what the question answers. rate: it grows, and how fast is what counts. lag: it answers how far the slowest is
// and how far the first, in bytes; since when the slowest has not been there is what counts.
enum class Kind { value, rate, lag };
enum class Unit { seconds, bytes, bytes_a_second, number };

struct Signal {
  std::string name;
  std::string sql;  // one value as float8; NULL: there is nothing to be seen; $1, if it is there, is the table
  double limit = 0;
  Unit unit = Unit::number;
  Kind kind = Kind::value;
  bool asked_for = false;  // by the user: where it cannot be read, it holds
};

// Those that are looked at under this tuning.
std::vector<Signal> signals(const Tuning& tuning);

// "replication lag 12 s, limit 10 s"
std::string to_text(const Signal& signal, double value);

}  // namespace segue::backfill
