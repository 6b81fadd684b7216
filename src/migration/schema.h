// The file format told to others, from the same tables that the reader checks by.
#pragma once

#include <string>

#include "base/json.h"

namespace segue::migration {

enum class File { migration, project, lint };

// JSON Schema, draft 2020-12: editors complete and check with it.
Json json_schema(File file);

// The reference of all three files as one page of Markdown.
std::string reference_markdown();

}  // namespace segue::migration
