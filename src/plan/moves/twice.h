// A column that lives twice, under its old name and a new one, until contract: both applications write their own, two
// triggers hold them equal. With the contract the old one is parked where it stands, as segue_trash_<name>, and only
// purge drops it.
#pragma once

#include <optional>
#include <string>

#include "plan/draft.h"

namespace segue::plan {

struct Twice {
  std::string move;  // "convert deals"
  Table table;
  std::string old_name, new_name;  // unquoted
  std::string type;                // of the new one, as SQL
  migration::Text forth, back;     // new from old, old from new
  bool total = false;              // every value that the old one can hold has an image
};

// Hazards say what cannot be carried: keys, uniques, views and policies that hang on the old column.
Status add_twice(Draft& draft, const Twice& twice, const migration::Position& at);

}  // namespace segue::plan
