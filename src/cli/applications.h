// The old and the new application of an example, at work beside a migration: each runs while its shape is served.
//
// It looks at the ledger as a deployment would be told: the old application stops when the gate "old application
// stopped" is reached and comes back when everything is rolled back; the new one starts in grace and withdraws when a
// rollback asks for it. Both journal what was acknowledged to them.
#pragma once

#include <memory>
#include <string>

#include "examples/example.h"
#include "traffic/traffic.h"

namespace segue::cli {

class Applications {
 public:
  struct Options {
    std::string url;
    std::string folder;  // for the journals
    double rate = 0;     // statements a second each; 0: what the file says
    int connections = 0;
  };
  Applications(examples::Example example, Options options);
  ~Applications();
  Applications(Applications&&) noexcept;

  Status start_old();
  Status start_new();
  Status stop_old();
  Status stop_new();

  struct Figures {
    std::string which;  // "old", "new", "old and new"; empty: none runs
    double rate = 0;
    double p99 = 0;
    double longest_stall_ms = 0;
    std::int64_t statements = 0;  // of all runs so far
    std::int64_t failed = 0;
    std::int64_t acknowledged = 0;
  };
  Figures now() const;

  // Whether every acknowledged write is there (or set aside), in the shape of the old or the new application.
  Result<bool> all_writes_are_there(bool in_new_shape, std::string& report) const;

  // Follows the ledger until the destructor.
  void follow();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace segue::cli
