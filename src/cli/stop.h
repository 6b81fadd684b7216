// Stopping when asked to: Ctrl-C, SIGTERM, a window that is closed.
#pragma once

#include <atomic>
#include <string>

namespace segue::cli {

// Set by the first signal: stop after what is under way. The second one ends the program at once.
std::atomic<bool>* stop_on_signals();

// A folder that goes with the program: also when a second signal ends it at once. One of them at a time.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::string& name);  // "segue-demo": /tmp/segue-demo-XXXXXX
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace segue::cli
