#include "sql/node.h"

#include <utility>

namespace segue::sql {

std::string_view Node::text() const {
  if (value_ == nullptr) return {};
  if (value_->type == TreeValue::Type::text || value_->type == TreeValue::Type::number) return value_->words();
  // A String node is its text.
  return is("String") ? (*this)["sval"].text() : std::string_view();
}

std::int64_t Node::number(std::int64_t absent) const {
  if (value_ == nullptr) return absent;
  if (value_->type == TreeValue::Type::number) return value_->number;
  return is("Integer") ? (*this)["ival"].number() : absent;
}

Node Node::at(std::size_t index) const {
  for (const Node child : *this) {
    if (index-- == 0) return child;
  }
  return Node();
}

Node Node::back() const {
  return empty() ? Node() : at(size() - 1);
}

std::size_t Node::location(std::size_t absent) const {
  if (value_ == nullptr) return absent;
  const Node field = (*this)["location"];
  if (!field || field.number() < 0) return absent;
  return static_cast<std::size_t>(field.number());
}

Node find(Node root, std::string_view tag) {
  Node found;
  walk(root, [&](Node node) {
    if (!found && node.is(tag)) found = node;
    return !found;
  });
  return found;
}

namespace {

bool is_position(std::string_view field) {
  return field == "location" || field == "stmt_location" || field == "stmt_len";
}

}  // namespace

bool same(Node a, Node b) {
  std::vector<std::pair<Node, Node>> open{{a, b}};
  while (!open.empty()) {
    const auto [left, right] = open.back();
    open.pop_back();
    if (static_cast<bool>(left) != static_cast<bool>(right)) return false;
    if (!left) continue;
    if (left.tag() != right.tag() || left.field() != right.field()) return false;
    if (left.empty() && right.empty()) {
      if (left.text() != right.text() || left.truth() != right.truth()) return false;
      continue;
    }
    auto l = left.begin();
    auto r = right.begin();
    const auto skip = [](auto& at) {
      while (at != Node::Iterator() && is_position((*at).field())) ++at;
    };
    for (skip(l), skip(r); l != Node::Iterator() && r != Node::Iterator(); ++l, ++r, skip(l), skip(r)) {
      open.emplace_back(*l, *r);
    }
    if (l != Node::Iterator() || r != Node::Iterator()) return false;
  }
  return true;
}

std::vector<std::string> names_of(Node list) {
  if (list.is("List")) list = list["items"];
  std::vector<std::string> names;
  names.reserve(list.size());
  for (const Node name : list) names.push_back(name.string());
  return names;
}

std::string last_name(Node list) {
  if (list.is("List")) list = list["items"];
  return list.back().string();
}

}  // namespace segue::sql
