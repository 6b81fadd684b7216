#include "pg/embedded/shared_memory.h"

#include <fcntl.h>
#include <sys/shm.h>
#include <unistd.h>

namespace segue::pg::embedded {
namespace {

// Reads a number and moves behind it; 0 where there is none.
long next_number(const char*& at) {
  while (*at == ' ') ++at;
  long number = 0;
  for (; *at >= '0' && *at <= '9'; ++at) number = number * 10 + (*at - '0');
  return number;
}

const char* line_of(const char* text, int wanted) {
  for (int line = 1; line < wanted; ++line) {
    while (*text != '\0' && *text != '\n') ++text;
    if (*text == '\n') ++text;
  }
  return text;
}

}  // namespace

void drop_shared_memory(const char* pid_file) {
  char text[8192];
  const int fd = ::open(pid_file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  const ssize_t size = ::read(fd, text, sizeof text - 1);
  ::close(fd);
  if (size <= 0) return;
  text[size] = '\0';
  const char* first = line_of(text, 1);
  const long postmaster = next_number(first);
  const char* seventh = line_of(text, 7);  // key and id
  if (next_number(seventh) == 0) return;
  const int id = static_cast<int>(next_number(seventh));
  shmid_ds facts = {};
  // The number alone could by now be that of somebody else's memory.
  if (shmctl(id, IPC_STAT, &facts) != 0 || facts.shm_cpid != postmaster || facts.shm_nattch != 0) return;
  shmctl(id, IPC_RMID, nullptr);
}

}  // namespace segue::pg::embedded
