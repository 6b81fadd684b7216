#include "pg/embedded/port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace segue::pg::embedded {
namespace {

void share(const Fd& socket) {
  const int yes = 1;
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

// 0 or errno.
int bind_loopback(const Fd& socket, int number) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(number));
  return ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
}

Fd new_socket() {
  return Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

}  // namespace

Result<Port> any_port() {
  Port port{0, new_socket()};
  // Alone while it is bound, so that two owners never get the same; shared after that, or the server could not bind.
  const int error = port.reservation.open() ? bind_loopback(port.reservation, 0) : errno;
  sockaddr_in address = {};
  socklen_t size = sizeof address;
  if (error != 0 || getsockname(port.reservation.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return failure("no-port", std::string("no free port on 127.0.0.1: ") + std::strerror(error != 0 ? error : errno));
  }
  share(port.reservation);
  port.number = ntohs(address.sin_port);
  return port;
}

Result<Port> this_port(int number) {
  if (number < 1 || number > 65535)
    return usage_error("a port is a number from 1 to 65535, not " + std::to_string(number));
  Port port{number, new_socket()};
  share(port.reservation);
  const int error = port.reservation.open() ? bind_loopback(port.reservation, number) : errno;
  if (error == EADDRINUSE) return tl::unexpected(port_taken(number));
  if (error != 0) {
    return failure("no-port",
                   "port " + std::to_string(number) + " of 127.0.0.1 cannot be used: " + std::strerror(error),
                   "give another port, or none: a free one is taken then");
  }
  return port;
}

Error port_taken(int number) {
  return Error{"port-taken", "port " + std::to_string(number) + " of 127.0.0.1 is taken by another program",
               "",           "give another port, or none: a free one is taken then",
               "",           Exit::failed};
}

}  // namespace segue::pg::embedded
