// Files read, split and parsed ahead by other threads, and handed out in order; who takes them helps where he would
// wait. Only lint.cc uses this.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "lint/lint.h"

namespace segue::lint {

class Reader {
 public:
  Reader(const Settings& settings, std::vector<std::string> paths, int workers);
  Reader(const Settings& settings, std::vector<Input> inputs);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  std::size_t size() const { return slots_.size(); }
  // Each number once, in order. A file that cannot be read comes as an empty one and leaves an error.
  File take(std::size_t number);
  const std::optional<Error>& error() const { return error_; }

 private:
  void work();
  void read_some();
  File make(std::size_t number);

  const Settings& settings_;
  std::vector<std::string> paths_;
  std::vector<Input> inputs_;
  std::vector<std::optional<File>> slots_;
  std::size_t next_ = 0;
  std::size_t taken_ = 0;
  bool stop_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Error> error_;
  std::vector<std::thread> threads_;
};

}  // namespace segue::lint
