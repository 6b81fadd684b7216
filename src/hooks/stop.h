// How a hook that somebody stops says so.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <utility>

#include "base/error.h"

namespace segue::hooks {

// So often whoever waits for something outside looks at the stop flag.
inline constexpr std::chrono::milliseconds stop_interval{50};

inline bool asked_to_stop(const std::atomic<bool>* stop) {
  return stop != nullptr && stop->load();
}

inline tl::unexpected<Error> stopped(std::string message, std::string where) {
  return tl::unexpected(
      Error{"stopped", std::move(message), std::move(where), "run the same command again to go on", {}, Exit::stopped});
}

}  // namespace segue::hooks
