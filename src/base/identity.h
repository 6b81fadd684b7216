// Who runs this program, and where.
#pragma once

#include <string>

namespace segue {

std::string host_name();
std::string user_name();  // of the operating system; its number where it has no name

}  // namespace segue
