// How migration tools lay out their files: which part goes up, which goes down, what runs in a transaction.
//
// Known: plain SQL, dbmate, goose, golang-migrate, Flyway, Sqitch, Supabase. The layout is told by markers in the text
// and by the path; each file is judged by itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/split.h"

namespace segue::lint {

enum class Layout { plain, dbmate, goose, golang_migrate, flyway, sqitch, supabase };
const char* name_of(Layout layout);

enum class Direction { up, down, verify };

struct Section {
  Direction direction = Direction::up;
  sql::Range range;
  bool in_transaction = false;  // the tool opens one around it
  bool one_message = false;  // that is what the server makes of several statements sent at once: BEGIN may stand there
};

struct FileLayout {
  Layout layout = Layout::plain;
  std::vector<Section> sections;  // in the order of the text, covering all of it
  std::string version;            // "20240101120000", "000012", "1.2"; empty where the name has none

  const Section& section_at(std::size_t byte) const;
};

FileLayout layout_of(const std::string& path, const sql::Script& script, bool plain_in_transaction);

// How many statements stand in a section.
std::size_t pieces_in(const sql::Script& script, const Section& section);

// The path of the number-th (from 1) new migration right after this one, with a version of its own; empty where that
// version is taken.
std::string sibling_path(const std::string& path, const FileLayout& layout, int number);

}  // namespace segue::lint
