// Which name a variable gets, and the comment that tells a reader, and segue itself, of it.
//
// Used inside this room only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "hooks/env_file.h"

namespace segue::hooks {

Status check_renames(const std::vector<EnvRename>& renames);

// By the longest beginning that fits; nothing where none does.
std::optional<std::string> new_name(std::string_view name, const std::vector<EnvRename>& renames);

bool is_env_name(std::string_view name);

// "# segue: DEAL_HOST is deprecated, use OPPORTUNITY_HOST", without a line end.
std::string deprecation(const EnvName& name);

// The names in such a comment, if these renames make it.
std::optional<EnvName> read_deprecation(std::string_view line, const std::vector<EnvRename>& renames);

}  // namespace segue::hooks
