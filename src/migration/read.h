// Reads a migration from its folder.
//
// Strict: an unknown key, a wrong type, a missing or unsafe name, two keys that exclude each other, a file that is not
// there are problems, and all of them are reported, by place. Whatever the bytes are, the answer is a migration or
// problems, soon. Reads only files inside the folder.
#pragma once

#include <filesystem>
#include <string_view>

#include "migration/migration.h"

namespace segue::migration {

tl::expected<Migration, Problems> read_migration(const std::filesystem::path& folder);

// The same with the text of migration.yaml given; SQL files are still read from the folder.
tl::expected<Migration, Problems> read_migration_text(std::string_view text, const std::filesystem::path& folder);

}  // namespace segue::migration
