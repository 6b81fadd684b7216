#include "migration/fields.h"

namespace segue::migration {

Fields::Fields(Reading& reading, const Source& source, const Node* node)
    : reading_(reading), source_(source), node_(node) {}

const Node* Fields::find(std::string_view key) const {
  return node_ == nullptr ? nullptr : node_->find(key);
}

Position Fields::at() const {
  return node_ == nullptr ? Position{} : source_.position(node_->at);
}

Position Fields::at(std::string_view key) const {
  const auto* node = find(key);
  return node == nullptr ? Position{} : source_.position(node->at);
}

Text Fields::text_of(const Node& node) const {
  if (node.kind != Node::Kind::scalar && !node.is_written_null()) {
    Text nothing;
    nothing.at = nothing.body = source_.position(node.at);
    return nothing;
  }
  return source_.text_of(node);
}

Text Fields::sql_of(const Node& node) const {
  if (node.kind == Node::Kind::scalar) return reading_.sql(source_, node);
  auto text = text_of(node);
  if (node.is_written_null()) text.value = "NULL";
  return text;
}

Value Fields::value_of(const Node& node) const {
  return {text_of(node), node.kind == Node::Kind::empty};
}

Text Fields::text(std::string_view key) const {
  const auto* node = find(key);
  return node == nullptr ? Text{} : text_of(*node);
}

Text Fields::text_or(std::string_view key, std::string_view otherwise) const {
  auto found = text(key);
  if (found.empty()) found.value = otherwise;
  return found;
}

Text Fields::sql(std::string_view key) const {
  const auto* node = find(key);
  return node == nullptr ? Text{} : sql_of(*node);
}

Value Fields::value(std::string_view key) const {
  const auto* node = find(key);
  return node == nullptr ? Value{} : value_of(*node);
}

std::vector<const Node*> Fields::items(std::string_view key) const {
  const auto* node = find(key);
  if (node == nullptr || node->kind == Node::Kind::empty) return {};
  if (node->kind != Node::Kind::list) return {node};
  std::vector<const Node*> items;
  items.reserve(node->items.size());
  for (const auto& item : node->items) items.push_back(&item);
  return items;
}

std::vector<Text> Fields::texts(std::string_view key) const {
  std::vector<Text> texts;
  for (const auto* item : items(key)) texts.push_back(text_of(*item));
  return texts;
}

std::vector<NamedText> Fields::pairs(std::string_view key) const {
  std::vector<NamedText> pairs;
  const auto* node = find(key);
  if (node == nullptr) return pairs;
  for (const auto& entry : node->entries) pairs.push_back({text_of(entry.key), text_of(entry.value)});
  return pairs;
}

std::vector<Fields> Fields::mappings(std::string_view key) const {
  std::vector<Fields> mappings;
  for (const auto* item : items(key)) mappings.emplace_back(reading_, source_, item);
  return mappings;
}

Setting<bool> Fields::flag(std::string_view key, bool otherwise) const {
  const auto* node = find(key);
  if (node == nullptr) return {otherwise, {}};
  return {node->text == "true", source_.position(node->at)};
}

Setting<Phase> Fields::phase(std::string_view key, Phase otherwise) const {
  const auto* node = find(key);
  if (node == nullptr) return {otherwise, {}};
  return {phase_named(node->text).value_or(otherwise), source_.position(node->at)};
}

std::optional<Setting<Duration>> Fields::duration(std::string_view key) const {
  return read<Duration>(key, read_duration);
}

std::optional<Setting<std::int64_t>> Fields::count(std::string_view key) const {
  return read<std::int64_t>(key, read_count);
}

std::optional<Setting<std::int64_t>> Fields::size(std::string_view key) const {
  return read<std::int64_t>(key, read_size);
}

std::optional<Setting<std::int64_t>> Fields::time(std::string_view key) const {
  return read<std::int64_t>(key, read_time);
}

std::optional<Setting<Hours>> Fields::hours(std::string_view key) const {
  return read<Hours>(key, read_hours);
}

std::optional<Setting<double>> Fields::percent(std::string_view key) const {
  return read<double>(key, read_percent);
}

}  // namespace segue::migration
