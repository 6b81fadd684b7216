// The writes that the database has acknowledged, remembered outside of it: an append-only file, one JSON object a line.
//
// A write is appended before it can take effect (intend) and again when its outcome is known (settle), so a driver that
// is killed leaves no acknowledged write without a trace but those whose key only the server knew. Threads may share a
// journal. A line that cannot be written is not an error of the write: trouble() says so, and the run should end.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "traffic/file.h"

namespace segue::traffic {

// Microseconds since 1970, never going back within a process.
std::int64_t journal_time();

using NamedValues = std::vector<std::pair<std::string, Value>>;

struct Write {
  int connection = 0;
  std::string statement;
  std::string table;
  JournalRule::Kind kind = JournalRule::Kind::insert;
  NamedValues key;  // empty: only the server knows it, and it has not said
  NamedValues set;
  std::vector<std::string> open;  // set columns whose value only the server knows yet
  std::int64_t sent = 0;
};

enum class WriteOutcome { acknowledged, failed, unknown };
std::string_view name_of(WriteOutcome outcome);

class Journal {
 public:
  // Appends to the file if there is one. `run` tells the writes of different runs apart.
  static Result<std::unique_ptr<Journal>> open(const std::string& path, const std::string& run);
  Journal(std::string path, std::string run, int fd);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // The number of the write.
  std::int64_t intend(const Write& write);
  // `learned`: the values of the open columns.
  void settle(const std::vector<std::int64_t>& writes, WriteOutcome outcome, const NamedValues& learned = {});

  std::int64_t acknowledged() const { return acknowledged_; }
  std::int64_t unknown() const { return unknown_; }
  Status trouble() const;
  const std::string& path() const { return path_; }

 private:
  void append(const std::string& line);

  std::string path_;
  std::string run_;
  int fd_;
  std::atomic<std::int64_t> last_{0};
  std::atomic<std::int64_t> acknowledged_{0};
  std::atomic<std::int64_t> unknown_{0};
  mutable std::mutex mutex_;
  std::string trouble_;
};

}  // namespace segue::traffic
