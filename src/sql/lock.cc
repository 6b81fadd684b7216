#include "sql/lock.h"

#include <array>

namespace segue::sql {
namespace {

struct Names {
  std::string_view name;
  std::string_view mode;
};
constexpr std::array<Names, 9> all_names = {{
    {"", ""},
    {"ACCESS SHARE", "AccessShareLock"},
    {"ROW SHARE", "RowShareLock"},
    {"ROW EXCLUSIVE", "RowExclusiveLock"},
    {"SHARE UPDATE EXCLUSIVE", "ShareUpdateExclusiveLock"},
    {"SHARE", "ShareLock"},
    {"SHARE ROW EXCLUSIVE", "ShareRowExclusiveLock"},
    {"EXCLUSIVE", "ExclusiveLock"},
    {"ACCESS EXCLUSIVE", "AccessExclusiveLock"},
}};

}  // namespace

std::string_view name_of(Lock lock) {
  return all_names[static_cast<std::size_t>(lock)].name;
}

std::string_view mode_of(Lock lock) {
  return all_names[static_cast<std::size_t>(lock)].mode;
}

std::string_view name_of(Blocks blocks) {
  constexpr std::array<std::string_view, 3> names = {"none", "writes", "reads_and_writes"};
  return names[static_cast<std::size_t>(blocks)];
}

Blocks blocks_of(Lock lock) {
  if (lock == Lock::access_exclusive) return Blocks::reads_and_writes;
  return lock >= Lock::share ? Blocks::writes : Blocks::none;
}

Lock lock_of(std::string_view mode) {
  for (std::size_t index = 1; index < all_names.size(); ++index) {
    if (mode == all_names[index].name || mode == all_names[index].mode) return static_cast<Lock>(index);
  }
  return Lock::none;
}

}  // namespace segue::sql
