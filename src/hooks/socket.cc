#include "hooks/socket.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/text.h"
#include "hooks/stop.h"

namespace segue::hooks {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

tl::unexpected<Error> broken(const std::string& where, int problem) {
  return failure("connection-lost", fmt::format("the connection broke off: {}", std::strerror(problem)),
                 "see the server's log", where);
}

tl::unexpected<Error> no_connection(const std::string& where, const std::string& reason) {
  return failure("no-connection", fmt::format("no connection: {}", reason),
                 "check that the server runs, and the place in the URL", where);
}

// Until the descriptor can be read from or written to.
Status wait_for(const Fd& descriptor, short events, const Patience& patience, const std::string& where) {
  for (;;) {
    if (asked_to_stop(patience.stop)) return stopped("stopped while waiting for the server", where);
    const auto left = std::chrono::ceil<milliseconds>(patience.until - Clock::now());
    if (left.count() <= 0) {
      return failure(
          "no-answer",
          fmt::format("no answer within {}", duration_text(static_cast<double>(patience.longest.count()) / 1000)),
          "check that the server is well, and that nothing on the way drops its packets", where);
    }
    pollfd watched{descriptor.get(), events, 0};
    const int ready = ::poll(&watched, 1, static_cast<int>(std::min(left, stop_interval).count()));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return broken(where, errno);
  }
}

Result<Fd> connected(int family, const sockaddr* address, socklen_t size, const Patience& patience,
                     const std::string& where) {
  Fd descriptor(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (descriptor.get() < 0) return no_connection(where, std::strerror(errno));
  if (::connect(descriptor.get(), address, size) == 0) return descriptor;
  if (errno != EINPROGRESS) return no_connection(where, std::strerror(errno));
  TRY(wait_for(descriptor, POLLOUT, patience, where));
  int problem = 0;
  socklen_t length = sizeof problem;
  ::getsockopt(descriptor.get(), SOL_SOCKET, SO_ERROR, &problem, &length);
  if (problem != 0) return no_connection(where, std::strerror(problem));
  return descriptor;
}

}  // namespace

Result<Socket> Socket::to_host(const std::string& host, std::uint16_t port, const Patience& patience) {
  const auto where = fmt::format("{}:{}", host.find(':') == std::string::npos ? host : "[" + host + "]", port);
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int problem = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found); problem != 0) {
    return failure("no-host", fmt::format("the name of the host is not known here: {}", ::gai_strerror(problem)),
                   "check the host in the URL, and this machine's name service", where);
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  Error last;
  for (const auto* one = found; one != nullptr; one = one->ai_next) {
    auto descriptor = connected(one->ai_family, one->ai_addr, one->ai_addrlen, patience, where);
    if (descriptor) {
      const int at_once = 1;
      ::setsockopt(descriptor->get(), IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
      return Socket(std::move(*descriptor), where);
    }
    last = std::move(descriptor.error());
    if (last.exit == Exit::stopped) break;
  }
  return tl::unexpected(std::move(last));
}

Result<Socket> Socket::to_file(const std::string& path, const Patience& patience) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return usage_error("the path of the socket is too long for the system", "at most 107 bytes", path);
  }
  std::copy(path.begin(), path.end(), std::begin(address.sun_path));
  return Socket(TRY(connected(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address, patience, path)),
                path);
}

Status Socket::send(std::string_view bytes, const Patience& patience) {
  while (!bytes.empty()) {
    const auto count = ::send(descriptor_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      TRY(wait_for(descriptor_, POLLOUT, patience, where_));
    } else if (errno != EINTR) {
      return broken(where_, errno);
    }
  }
  return {};
}

Result<std::string> Socket::receive(const Patience& patience) {
  std::array<char, 16384> piece{};
  for (;;) {
    TRY(wait_for(descriptor_, POLLIN, patience, where_));
    const auto count = ::recv(descriptor_.get(), piece.data(), piece.size(), 0);
    if (count > 0) return std::string(piece.data(), static_cast<std::size_t>(count));
    if (count == 0) return broken(where_, ECONNRESET);
    if (errno != EAGAIN && errno != EINTR) return broken(where_, errno);
  }
}

}  // namespace segue::hooks
