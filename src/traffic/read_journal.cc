#include "traffic/read_journal.h"

#include <fmt/format.h>

#include "traffic/read_generator.h"

namespace segue::traffic {
namespace {

Result<JournalValue> read_value(const Node& node, std::size_t params) {
  JournalValue value;
  const auto text = TRY(read_constant(node));
  constexpr std::string_view returned = "returned.";
  if (text && text->starts_with('$')) {
    const auto digits = text->substr(1);
    const bool number =
        !digits.empty() && digits.size() < 6 && digits.find_first_not_of("0123456789") == std::string::npos;
    if (!number || std::stoul(digits) == 0 || std::stoul(digits) > params) {
      return node.error(fmt::format("the statement has no parameter {}", *text),
                        params == 0 ? "it has none" : fmt::format("it has $1 to ${}", params));
    }
    value.from = JournalValue::From::param;
    value.param = std::stoul(digits);
  } else if (text && text->starts_with(returned)) {
    value.from = JournalValue::From::returned;
    value.column = text->substr(returned.size());
  } else {
    value.constant = text;
  }
  return value;
}

Result<std::vector<std::pair<std::string, JournalValue>>> read_columns(const Node& node, std::size_t params) {
  std::vector<std::pair<std::string, JournalValue>> columns;
  for (const auto& [column, value] : TRY(node.members())) columns.emplace_back(column, TRY(read_value(value, params)));
  return columns;
}

}  // namespace

Result<JournalRule> read_journal(const Node& node, std::size_t params) {
  const auto members = TRY(node.members({"table", "kind", "key", "set"}));
  const auto *table = find(members, "table"), *kind = find(members, "kind"), *key = find(members, "key"),
             *set = find(members, "set");
  if (table == nullptr || kind == nullptr || key == nullptr) {
    return node.error("a journal needs `table`, `kind` and `key`");
  }
  JournalRule rule;
  rule.table = TRY(table->text());
  const auto word = TRY(kind->text());
  if (word == "insert") {
    rule.kind = JournalRule::Kind::insert;
  } else if (word == "update") {
    rule.kind = JournalRule::Kind::update;
  } else if (word == "delete") {
    rule.kind = JournalRule::Kind::erase;
  } else {
    return kind->unknown("kind of write", word, {"insert", "update", "delete"});
  }
  rule.key = TRY(read_columns(*key, params));
  if (rule.key.empty()) return key->error("a key has at least one column");
  if (set != nullptr) rule.set = TRY(read_columns(*set, params));
  if (rule.kind == JournalRule::Kind::erase && set != nullptr) return set->error("a delete sets nothing");
  if (rule.kind == JournalRule::Kind::update && rule.set.empty()) {
    return node.error("the journal of an update says what it sets", "e.g. set: { status: $1 }");
  }
  return rule;
}

}  // namespace segue::traffic
