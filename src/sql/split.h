// A text as statements: where each begins and ends, as psql would send them.
//
// psql's own lines (\connect, \restrict, \if …), its :variables and the rows after COPY … FROM stdin are not SQL: in
// `plain` they are replaced by blanks or by something that the parser takes, sign for sign, so that every offset
// into `plain` is an offset into the text. Variables in quotes become constants, bare ones $1; what they hold is not
// known. Signs that are no UTF-8, and NUL, become `?` and are reported.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace segue::sql {

// Where a byte stands, as people and editors count: from 1, columns in characters.
struct Position {
  int line = 1;
  int column = 1;
};

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(const Range&) const = default;
};

// One statement in the text, without the blanks and comments before it and without its semicolon.
struct Piece {
  std::size_t lead = 0;    // right after what came before: comments that belong to this statement stand from here
  std::size_t begin = 0;   // its first word
  std::size_t end = 0;     // behind its last sign
  std::size_t close = 0;   // behind its semicolon, or `end` where it has none
  bool variables = false;  // psql variables stand in it
  bool broken = false;     // NUL or no UTF-8 stands in it
  bool unclosed = false;   // a quote or comment in it is never closed
  std::size_t depth = 0;   // how deep its tree can be at most, counted in tokens
};

struct Script {
  std::string text;
  std::string plain;
  std::vector<Piece> pieces;
  std::vector<Range> comments;
  std::vector<Range> meta_lines;
  std::vector<Range> variables;          // the bare ones
  std::vector<std::size_t> line_starts;  // the first stands behind a byte order mark

  static constexpr std::size_t mark_every = 128;
  // Characters before every 128th byte, so that no position costs much; none where every byte is one.
  std::vector<std::size_t> signs_before;

  Position position(std::size_t byte) const;
  std::size_t signs_until(std::size_t byte) const;
  std::string_view text_of(const Piece& piece) const;
  // The piece's plain text, its bare variables read as names instead of values: :table → _table.
  std::string with_named_variables(const Piece& piece) const;
  std::string_view line(int number) const;  // without its line feed
};

Script split_script(std::string text);

// The length of the UTF-8 sign that begins at this byte; 0 where none does.
std::size_t utf8_length(std::string_view text, std::size_t at);

}  // namespace segue::sql
