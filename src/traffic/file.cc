#include "traffic/file.h"

#include <algorithm>

namespace segue::traffic {

std::string_view name_of(Protocol protocol) {
  return protocol == Protocol::simple ? "simple" : "prepared";
}

std::string_view name_of(JournalRule::Kind kind) {
  if (kind == JournalRule::Kind::insert) return "insert";
  return kind == JournalRule::Kind::update ? "update" : "delete";
}

bool JournalRule::key_is_returned() const {
  return std::any_of(key.begin(), key.end(),
                     [](const auto& column) { return column.second.from == JournalValue::From::returned; });
}

}  // namespace segue::traffic
