// The values of a migration file as later stages use them: each knows where it was written.
//
// Text is a string, most often a name or SQL. It behaves as a std::string where one is wanted. Text that was given as
// FILE.sql holds the file's content; `source` then names the file as written, and positions inside it point there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "migration/position.h"

namespace segue::migration {

struct Text {
  std::string value;
  Position at;         // where the value stands in the .yaml file
  std::string source;  // "clients.sql" when it came from a file beside the migration, else empty

  // Where the first byte of `value` stands, and the columns that every further line is set in by. Exact for files,
  // `|` blocks and text on one line; elsewhere (folded text, escapes) `body` is `at` and only the place is known.
  Position body;
  int indent = 0;
  bool exact = false;

  bool empty() const { return value.empty(); }
  operator const std::string&() const { return value; }
  operator std::string_view() const { return value; }
};

inline bool operator==(const Text& text, std::string_view other) {
  return text.value == other;
}

// Where byte `offset` of the text stands: what a linter or the server says about SQL, told in the user's own file.
Position position_in(const Text& text, std::size_t offset);

// A value of the data: `null` (written so, without quotes) is NULL; everything else is the text as written, for the
// server to read as the column's type. `no`, `on`, 007 and dates stay what they are.
struct Value {
  Text text;
  bool is_null = false;
};

// A setting that has a default: `at` is known only if the file gives it.
template <class T>
struct Setting {
  T value{};
  Position at;

  bool given() const { return at.known(); }
  operator const T&() const { return value; }
};

// ${…} in a text. ${first} is the key of the first tenant; anything else is a query that gives one value.
struct Placeholder {
  std::string inside;  // without ${ and }
  bool is_first = false;
  std::size_t offset = 0;  // in the text, of the $
  std::size_t length = 0;  // of the whole, braces included
  Position at;
};

// ${NAME}: a variable of the environment, where what is said goes out of the database (hooks and gates).
bool names_a_variable(std::string_view inside);

// In their order. Braces inside SQL strings, quoted names, comments and nested braces are skipped over. One that is
// not closed has length 0.
std::vector<Placeholder> find_placeholders(const Text& text);

}  // namespace segue::migration
