// Text to tree: calls PostgreSQL's parser and reads what it gives into TreeValues. Only src/sql includes this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sql/node.h"

namespace segue::sql {

// Memory of one or more trees, given back all at once, to be used again by the next one.
class Arena {
 public:
  Arena() = default;
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  TreeValue* make() {
    if (used_ == block_size) add_block();
    return &blocks_.back()[used_++];
  }
  void own(char* from_parser);  // freed with free() at the end

 private:
  static constexpr std::size_t block_size = 128;
  using Block = std::unique_ptr<TreeValue[]>;
  static Block take_block();
  void add_block();

  std::vector<Block> blocks_;
  std::size_t used_ = block_size;
  std::vector<char*> buffers_;
};

struct ReadError {
  std::string message;
  std::size_t byte = 0;
};

struct ReadTree {
  Node statements;  // a list of RawStmt fields: {stmt, stmt_location, stmt_len}
  std::optional<ReadError> error;
};

// Parses `text`; every location in the tree is moved by `offset`. `deep`: the text may nest so far that a usual stack
// is too small; it is then read on a thread with a large one.
ReadTree read_tree(Arena& arena, const std::string& text, std::int64_t offset, bool deep);

}  // namespace segue::sql
