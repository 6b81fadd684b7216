// PostgreSQL's table locks, by the names that its documentation and pg_locks give them, and what each makes wait.
#pragma once

#include <cstdint>
#include <string_view>

namespace segue::sql {

// From weakest to strongest; each but the last two conflicts with fewer than the next one.
enum class Lock : std::uint8_t {
  none,
  access_share,
  row_share,
  row_exclusive,
  share_update_exclusive,
  share,
  share_row_exclusive,
  exclusive,
  access_exclusive,
};

// Whose statements wait while the lock is held, or queued.
enum class Blocks : std::uint8_t { none, writes, reads_and_writes };

std::string_view name_of(Lock lock);      // "ACCESS EXCLUSIVE"; empty for none
std::string_view mode_of(Lock lock);      // "AccessExclusiveLock", as pg_locks has it
std::string_view name_of(Blocks blocks);  // "none", "writes", "reads_and_writes"
Blocks blocks_of(Lock lock);
Lock lock_of(std::string_view mode);  // of a name or a mode; none where it is neither

}  // namespace segue::sql
