// What a backup tells while it works. The callback runs on the thread that called, a few times a second.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

namespace segue::backup {

enum class Stage { dumping, reading_back, comparing };
const char* name_of(Stage stage);  // "reading back"

struct Progress {
  Stage stage = Stage::dumping;
  std::uint64_t done = 0;   // bytes of the folder, or of the database that is filled
  std::uint64_t total = 0;  // an estimate, from the size of the database; 0: not known
};

using ProgressListener = std::function<void(const Progress&)>;

// How the caller is told, and how he stops it. A stop is the error "stopped" (exit 4), within 200 ms of statements of
// the server; nothing half-done stays behind.
struct Watch {
  ProgressListener progress;                // may be empty
  const std::atomic<bool>* stop = nullptr;  // may be absent

  bool stopped() const { return stop != nullptr && *stop; }
};

}  // namespace segue::backup
