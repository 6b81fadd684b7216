#include "migration/form.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "migration/phase.h"

namespace segue::migration {
namespace {

Type of_shape(Type::Shape shape) {
  Type type;
  type.shape = shape;
  return type;
}

std::string list_words(const std::vector<std::string>& words) {
  if (words.size() < 2) return join(words, "");
  const std::vector<std::string> head(words.begin(), words.end() - 1);
  return join(head, ", ") + " or " + words.back();
}

std::string plural_of(const Type& type) {
  if (type.shape == Type::Shape::scalar && type.words.empty()) return facts_of(type.kind).plural;
  if (type.shape == Type::Shape::list) return "lists of " + plural_of(type.parts.front());
  if (type.shape == Type::Shape::mapping) return fmt::format("`{}` mappings", type.form->name);
  if (type.shape != Type::Shape::either) return "values";
  std::vector<std::string> names;
  names.reserve(type.parts.size());
  for (const auto& part : type.parts) names.push_back(plural_of(part));
  return list_words(names);
}

}  // namespace

const Field* Form::find(std::string_view key) const {
  for (const auto& field : fields) {
    if (field.key == key) return &field;
  }
  return nullptr;
}

std::vector<std::string> Form::keys() const {
  std::vector<std::string> keys;
  keys.reserve(fields.size());
  for (const auto& field : fields) keys.push_back(field.key);
  return keys;
}

Field must(std::string key, Type type, std::string help) {
  return {std::move(key), std::move(type), true, std::move(help)};
}

Field may(std::string key, Type type, std::string help) {
  return {std::move(key), std::move(type), false, std::move(help)};
}

Type scalar(Kind kind) {
  Type type;
  type.kind = kind;
  return type;
}

Type word(std::vector<std::string> words) {
  return word_or(std::move(words), Kind::word);
}

Type word_or(std::vector<std::string> words, Kind kind) {
  auto type = scalar(kind);
  type.words = std::move(words);
  return type;
}

Type phase() {
  return word(phase_names());
}

Type list_of(Type item, std::size_t least, std::size_t most) {
  auto type = of_shape(Type::Shape::list);
  type.parts.push_back(std::move(item));
  type.least = least;
  type.most = most;
  return type;
}

Type map_of(Kind keys, Type values) {
  auto type = of_shape(Type::Shape::map);
  type.kind = keys;
  type.parts.push_back(std::move(values));
  type.least = 1;
  return type;
}

Type mapping(const Form& form) {
  auto type = of_shape(Type::Shape::mapping);
  type.form = &form;
  return type;
}

Type either(std::vector<Type> types) {
  auto type = of_shape(Type::Shape::either);
  type.parts = std::move(types);
  return type;
}

Type one_or_more(Type item) {
  auto list = list_of(item);
  return either({std::move(item), std::move(list)});
}

Type anything() {
  return of_shape(Type::Shape::anything);
}

std::string name_of(const Type& type) {
  switch (type.shape) {
    case Type::Shape::scalar:
      if (type.words.empty()) return facts_of(type.kind).name;
      if (type.kind == Kind::word) return list_words(type.words);
      return fmt::format("{} or {}", join(type.words, ", "), facts_of(type.kind).name);
    case Type::Shape::list:
      return "a list of " + plural_of(type.parts.front());
    case Type::Shape::map:
      return fmt::format("a mapping from {} to {}", facts_of(type.kind).plural, plural_of(type.parts.front()));
    case Type::Shape::mapping:
      return fmt::format("a mapping with keys such as `{}`", type.form->fields.front().key);
    case Type::Shape::either: {
      std::vector<std::string> names;
      names.reserve(type.parts.size());
      for (const auto& part : type.parts) names.push_back(name_of(part));
      return list_words(names);
    }
    case Type::Shape::anything:
      return "a value";
  }
  return {};
}

}  // namespace segue::migration
