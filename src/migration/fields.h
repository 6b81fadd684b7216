// Takes values out of a mapping by key, as the structs want them.
//
// Works on what validate() has looked at, also where that found problems: a value that is missing or wrong becomes the
// empty or default one, so that reading goes on and finds what else is wrong. It notes no problem itself, save for
// files that cannot be had.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "migration/reading.h"
#include "migration/units.h"
#include "migration/viewpoint.h"

namespace segue::migration {

class Fields {
 public:
  // A null node, or one that is no mapping, has no fields.
  Fields(Reading& reading, const Source& source, const Node* node);

  Position at() const;
  bool has(std::string_view key) const { return find(key) != nullptr; }
  const Node* find(std::string_view key) const;
  Position at(std::string_view key) const;  // of the value

  Fields mapping(std::string_view key) const { return {reading_, source_, find(key)}; }

  Text text(std::string_view key) const;
  Text text_or(std::string_view key, std::string_view otherwise) const;
  Text sql(std::string_view key) const;
  Value value(std::string_view key) const;
  std::vector<Text> texts(std::string_view key) const;  // one, or a list
  std::vector<NamedText> pairs(std::string_view key) const;
  // The items of a list, or of a single value.
  std::vector<const Node*> items(std::string_view key) const;
  // A list of mappings.
  std::vector<Fields> mappings(std::string_view key) const;

  Setting<bool> flag(std::string_view key, bool otherwise) const;
  Setting<Phase> phase(std::string_view key, Phase otherwise) const;
  std::optional<Setting<Duration>> duration(std::string_view key) const;
  std::optional<Setting<std::int64_t>> count(std::string_view key) const;
  std::optional<Setting<std::int64_t>> size(std::string_view key) const;
  std::optional<Setting<std::int64_t>> time(std::string_view key) const;
  std::optional<Setting<Hours>> hours(std::string_view key) const;
  std::optional<Setting<double>> percent(std::string_view key) const;

  // The one of `words` (in the order of the enum E) that stands there.
  template <class E>
  Setting<E> choice(std::string_view key, const std::vector<std::string_view>& words, E otherwise) const {
    const auto* node = find(key);
    if (node == nullptr) return {otherwise, {}};
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (node->text == words[i]) return {static_cast<E>(i), source_.position(node->at)};
    }
    return {otherwise, source_.position(node->at)};
  }

  Text text_of(const Node& node) const;
  Text sql_of(const Node& node) const;
  Value value_of(const Node& node) const;

  Reading& reading() const { return reading_; }
  const Source& source() const { return source_; }

 private:
  template <class T, class Read>
  std::optional<Setting<T>> read(std::string_view key, Read read_text) const {
    const auto* node = find(key);
    if (node == nullptr) return std::nullopt;
    const auto value = read_text(node->text);
    if (!value) return std::nullopt;
    return Setting<T>{*value, source_.position(node->at)};
  }

  Reading& reading_;
  const Source& source_;
  const Node* node_;
};

}  // namespace segue::migration
