// Where the values of parameters come from: what the file says of one, and drawing it.
//
// A generator is plain data, shared by all connections; what differs between connections and executions is in Draw.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "pg/rows.h"
#include "traffic/placeholder.h"
#include "traffic/random.h"

namespace segue::traffic {

class Pool;

// A value, and whether it stands in JSON without quotes (a number; in the file also true and false).
struct Drawn {
  Value value;
  bool bare = false;
};

struct Generator;

struct IntRange {
  std::int64_t lo, hi;
};
struct ZipfRange {
  std::int64_t lo, hi;
  double skew;
};
struct DecimalRange {
  std::int64_t lo, hi;  // in units of the last digit
  int digits;
};
struct TextLength {
  std::int64_t lo, hi;
};
struct RandomUuid {};
// A number from `first` on, or a text with {n}, {run} and {c}.
struct Serial {
  std::size_t counter;  // which of the run's counters
  std::int64_t first;
  std::string format;  // empty: the number alone
};
struct Choice {
  std::vector<Generator> items;
  std::vector<double> weights;  // running totals; empty: all alike
};
struct TimeRange {
  std::int64_t lo, hi;  // seconds from now
  bool date_only;
};
struct JsonObject {
  std::vector<std::string> names;
  std::vector<Generator> values;  // one for each name
};
struct PoolPick {
  std::size_t pool;
  std::string column;  // empty: the first
  double skew;         // 0: uniform
  bool own;
};
struct LetValue {
  std::size_t slot;
  std::string column;  // empty: the value itself, or the first column of a picked row
};
struct VarValue {
  std::size_t var;
};
struct ReturnedValue {
  std::size_t action;  // which of the transaction's statements
  std::string column;
};

struct Generator {
  std::variant<Drawn, IntRange, ZipfRange, DecimalRange, TextLength, RandomUuid, Serial, Choice, TimeRange, JsonObject,
               PoolPick, LetValue, VarValue, ReturnedValue>
      kind;
};

// What `let` drew: a value, or a whole row of a pool.
using PoolRow = std::shared_ptr<const std::vector<Drawn>>;
struct Slot {
  Drawn value;
  PoolRow row;
  const Pool* pool = nullptr;
};

// What one run shares.
struct RunValues {
  std::string run;  // {run}
  std::vector<std::unique_ptr<Pool>> pools;
  std::vector<Drawn> vars;
  std::deque<std::atomic<std::int64_t>> counters;
  int connections = 1;
};

// Why no value could be drawn.
enum class Missing { no, no_row, no_column };

// One execution of one statement on one connection.
struct Draw {
  RunValues& shared;
  Random& random;
  int connection;
  std::vector<Slot> slots;
  std::vector<pg::Rows> returned;  // of the transaction's statements so far
  Missing missing = Missing::no;
  std::string missing_column;

  Drawn value(const Generator& generator);
  Slot slot(const Generator& generator);
  std::vector<Value> values(const std::vector<Generator>& generators);
};

// Whether values of this type (an oid) stand in JSON without quotes.
bool is_bare_type(std::uint32_t oid);

}  // namespace segue::traffic
