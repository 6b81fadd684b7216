// Whether a backfill should hold still now, and why.
//
// By the clock and the files of this machine, and by what the server says of itself.
//
// A signal that cannot be read at the first look (a managed server keeps it to itself) is named and left out; one that
// could be read and then cannot holds everything still: what is not seen is not safe.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "backfill/signal.h"
#include "base/clock.h"
#include "pg/connection.h"

namespace segue::backfill {

// The minutes from `from` to `to`, over midnight where they are that way round.
bool within_hours(int minute, int from, int to);

class Throttle {
 public:
  explicit Throttle(std::string table) : table_(std::move(table)) {}

  // Empty: go on. Fails only when the connection is lost.
  Result<std::string> look(pg::Connection& connection, const Tuning& tuning);

  // Named once: what cannot be read here.
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  struct Seen {
    bool readable = true;
    bool ever = false;                              // had a value
    double last = 0, at = -1;                       // of a rate
    std::deque<std::pair<double, double>> written;  // of a lag: when, and how far the first was
  };
  std::string rate(const Signal& signal, Seen& seen, double value);
  std::string lag(const Signal& signal, Seen& seen, double slowest, double first) const;
  Result<std::string> ask(pg::Connection& connection, const Signal& signal, Seen& seen);

  std::string table_;
  std::map<std::string, Seen> seen_;
  std::vector<std::string> left_out_;
  Stopwatch watch_;
  double limit_ = 0;        // of the rate, at the last look
  double still_until_ = 0;  // by the watch: so that a rate comes out right on average
};

}  // namespace segue::backfill
