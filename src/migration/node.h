// A file of values as a tree, before anything is known about keys: what YAML says, with the place of everything.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migration/value.h"

namespace segue::migration {

// Line and column from 0; the column counts bytes, as the parser does.
struct Mark {
  int line = 0;
  int column = 0;
};

struct Entry;

struct Node {
  enum class Kind { empty, scalar, list, map };
  Kind kind = Kind::empty;
  Mark at;
  std::string text;      // of a scalar, and of an empty value that was written out: null, ~
  bool quoted = false;   // a scalar in quotes or a block: never a number, a boolean or null
  bool refused = false;  // an alias, say: a problem was noted, and what it stands for is not known
  std::vector<Node> items;
  std::vector<Entry> entries;

  const Node* find(std::string_view key) const;  // the first entry of that key
  bool is_written_null() const { return kind == Kind::empty && !text.empty(); }
};

struct Entry {
  Node key;
  Node value;
};

// The bytes of a file and the names of its places.
class Source {
 public:
  Source(std::string shown, std::string text);

  const std::string& shown() const { return shown_; }
  const std::string& text() const { return text_; }

  Position position(Mark at) const;
  // The line without its end; empty past the last one.
  std::string_view line(int number) const;
  // Whether the quote that stands there is closed somewhere; true where no quote stands.
  bool is_closed(Mark at) const;
  // The scalar as a Text, exact where its bytes stand in the file as they are.
  Text text_of(const Node& scalar) const;

 private:
  bool stands_at(std::string_view value, Mark at, int indent) const;

  std::string shown_;
  std::string text_;
  std::vector<std::size_t> lines_;

  // Where the last question led: the next one mostly stands behind it, and lines can be very long.
  struct Seen {
    int line = 0;
    std::size_t bytes = 0;
    int signs = 0;
  };
  mutable Seen last_;
};

// The first thing that makes the bytes no text: a broken UTF-8 sign, a control character, too many bytes. Empty if
// fine.
Problems check_bytes(const Source& source);

// The tree of the one document in the file; nothing where there is none that could be told. Anchors, aliases, tags,
// merge keys and a second document are problems, since the file says everything out; so is nesting deeper than any use
// of it. A file without a value gives an empty node.
std::optional<Node> parse_yaml(const Source& source, Problems& problems);

// Every scalar below the node that is a value, not a key.
void each_scalar(const Node& node, const std::function<void(const Node&)>& visit);

}  // namespace segue::migration
