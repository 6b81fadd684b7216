#include "base/identity.h"

#include <pwd.h>
#include <unistd.h>

#include <array>

namespace segue {

std::string host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::string user_name() {
  const auto* entry = ::getpwuid(::getuid());
  return entry == nullptr ? std::to_string(::getuid()) : entry->pw_name;
}

}  // namespace segue
