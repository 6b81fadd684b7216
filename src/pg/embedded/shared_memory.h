// The few bytes of System V shared memory that a postmaster leaves in the kernel when it is killed. The next start on
// the same data would take them back; where the data goes, somebody has to.
#pragma once

namespace segue::pg::embedded {

// Removes what the postmaster that wrote this postmaster.pid left, if nobody uses it. Does nothing where there is no
// such file, as after an orderly end. Async-signal-safe.
void drop_shared_memory(const char* pid_file);

}  // namespace segue::pg::embedded
