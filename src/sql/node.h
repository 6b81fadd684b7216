// PostgreSQL's parse tree, to be read: nodes with a tag, fields by name, lists.
//
// A Node is a view into a Tree and lives no longer than it. Asking for what is not there gives an empty Node, text ""
// and number 0, so that a chain of questions needs no checks: node["relation"]["relname"].text(). Names of tags and
// fields are PostgreSQL's own ("AlterTableStmt", "relname"). `location` fields hold byte offsets into the text that was
// parsed as a whole (the file), whatever part of it was given to the parser.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace segue::sql {

// What tells most words apart at a glance: their length, first and last sign.
constexpr std::uint32_t mark_of(std::string_view word) {
  return word.empty() ? 0
                      : static_cast<std::uint32_t>(word.size()) << 16 |
                            static_cast<std::uint32_t>(static_cast<unsigned char>(word.front())) << 8 |
                            static_cast<unsigned char>(word.back());
}

// One value of the tree in memory, kept small: a file of ten statements has a thousand. Only node.h, node.cc and
// tree_reader.cc look inside.
struct TreeValue {
  enum class Type : std::uint8_t { object, list, text, number, truth };
  const char* key = nullptr;         // the field that holds it
  const char* text = nullptr;        // of text, of a number as it was written; of a node its tag
  const TreeValue* first = nullptr;  // of an object or a list
  const TreeValue* next = nullptr;
  std::int64_t number = 0;
  std::uint32_t text_size = 0;
  std::uint32_t count = 0;
  std::uint32_t key_mark = 0;
  std::uint16_t key_size = 0;
  Type type = Type::object;

  std::string_view field() const { return {key, key_size}; }
  std::string_view words() const { return {text, text_size}; }
  void set_field(std::string_view name) {
    key = name.data();
    key_size = static_cast<std::uint16_t>(name.size());
    key_mark = mark_of(name);
  }
  void set_words(std::string_view words) {
    text = words.data();
    text_size = static_cast<std::uint32_t>(words.size());
  }
};

class Node {
 public:
  Node() = default;
  explicit Node(const TreeValue* value) : value_(value) {}

  explicit operator bool() const { return value_ != nullptr; }
  std::string_view tag() const {
    return value_ && value_->type == TreeValue::Type::object ? value_->words() : std::string_view();
  }
  bool is(std::string_view tag) const { return this->tag() == tag; }
  // The field of this name; empty where it is absent, which is also how the parser says false, 0 and NULL.
  Node operator[](std::string_view field) const {
    if (value_ == nullptr || value_->type != TreeValue::Type::object) return Node();
    const std::uint32_t mark = mark_of(field);
    for (const TreeValue* child = value_->first; child != nullptr; child = child->next) {
      if (child->key_mark == mark && child->field() == field) return Node(child);
    }
    return Node();
  }
  std::string_view field() const { return value_ ? value_->field() : std::string_view(); }  // the name it stands under

  std::string_view text() const;
  std::string string() const { return std::string(text()); }
  bool truth() const { return value_ && value_->type == TreeValue::Type::truth && value_->number != 0; }
  std::int64_t number(std::int64_t absent = 0) const;

  // Elements of a list, fields of a node.
  std::size_t size() const { return value_ ? value_->count : 0; }
  bool empty() const { return size() == 0; }
  Node at(std::size_t index) const;
  Node back() const;

  // Byte offset of the node in the text; `absent` where it carries none.
  std::size_t location(std::size_t absent = 0) const;

  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Node;
    using difference_type = std::ptrdiff_t;
    using pointer = const Node*;
    using reference = Node;
    Iterator() = default;
    explicit Iterator(const TreeValue* value) : value_(value) {}
    Node operator*() const { return Node(value_); }
    Iterator& operator++() {
      value_ = value_->next;
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator&) const = default;

   private:
    const TreeValue* value_ = nullptr;
  };
  Iterator begin() const { return Iterator(value_ ? value_->first : nullptr); }
  Iterator end() const { return Iterator(); }

  bool operator==(const Node&) const = default;

 private:
  const TreeValue* value_ = nullptr;
};

// Calls visit(node) for the node and everything below it, parents first; where it returns false, what lies below is
// left out. Without recursion, because trees can be as deep as a text is long.
template <class Visit>
void walk(Node root, Visit visit) {
  if (!root) return;
  if (root.empty()) {
    visit(root);
    return;
  }
  std::vector<Node> open;
  open.reserve(32);
  open.push_back(root);
  while (!open.empty()) {
    const Node node = open.back();
    open.pop_back();
    if (!visit(node)) continue;
    const std::size_t from = open.size();
    for (const Node child : node) {
      if (!child.empty() || !child.tag().empty()) open.push_back(child);
    }
    for (std::size_t low = from, high = open.size(); low + 1 < high; ++low, --high)
      std::swap(open[low], open[high - 1]);
  }
}

// The first node with this tag at or below `root`, in the order of the text's tree; empty if there is none.
Node find(Node root, std::string_view tag);

// Whether two trees say the same, positions aside.
bool same(Node a, Node b);

// The texts of a list of String nodes: {"public", "orders"}.
std::vector<std::string> names_of(Node list);
// The last of them, which is the name itself; empty if there is none.
std::string last_name(Node list);

}  // namespace segue::sql
