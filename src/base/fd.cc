#include "base/fd.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

namespace segue {

Result<Pipe> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return failure("no-pipe", std::string("no pipe: ") + std::strerror(errno));
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

}  // namespace segue
