// A loopback port that stays ours, also while the server is down.
//
// The socket is bound but never listens: the server can bind beside it, but the kernel hands the port to nobody else
// who asks for any free one (a client's outgoing connection, say).
#pragma once

#include "base/error.h"
#include "base/fd.h"

namespace segue::pg::embedded {

struct Port {
  int number = 0;
  Fd reservation;
};

Result<Port> any_port();
// The error "port-taken" if somebody listens there.
Result<Port> this_port(int number);

Error port_taken(int number);

}  // namespace segue::pg::embedded
