// A stream to a server over TCP or a unix socket, that neither waits longer than it is told nor raises SIGPIPE.
//
// Used inside this room only.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/fd.h"

namespace segue::hooks {

// How long something may take, and who can end it before.
struct Patience {
  Patience(std::chrono::milliseconds longest_wait, const std::atomic<bool>* stop_flag)
      : longest(longest_wait), until(std::chrono::steady_clock::now() + longest_wait), stop(stop_flag) {}
  std::chrono::milliseconds longest;
  std::chrono::steady_clock::time_point until;
  const std::atomic<bool>* stop;
};

class Socket {
 public:
  // Each of the host's addresses is tried until one takes the connection. The name service is the system's and cannot
  // be stopped while it looks.
  static Result<Socket> to_host(const std::string& host, std::uint16_t port, const Patience& patience);
  static Result<Socket> to_file(const std::string& path, const Patience& patience);

  // All of it, or an error.
  Status send(std::string_view bytes, const Patience& patience);
  // At least one byte.
  Result<std::string> receive(const Patience& patience);

 private:
  Socket(Fd descriptor, std::string where) : descriptor_(std::move(descriptor)), where_(std::move(where)) {}

  Fd descriptor_;
  std::string where_;
};

}  // namespace segue::hooks
