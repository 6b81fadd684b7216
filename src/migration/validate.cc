#include "migration/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "migration/nearest.h"

namespace segue::migration {
namespace {

std::string what_stands(const Node& node) {
  switch (node.kind) {
    case Node::Kind::empty:
      return node.text.empty() ? "nothing stands here" : "here stands " + node.text;
    case Node::Kind::scalar:
      return "here stands " + shown(node.text);
    case Node::Kind::list:
      return "here stands a list";
    case Node::Kind::map:
      return "here stands a mapping";
  }
  return {};
}

// "`a`, `b` or `c`"
std::string ticked(const std::vector<std::string>& words, std::string_view last = " or ") {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += fmt::format("{}`{}`", i == 0 ? "" : i + 1 == words.size() ? last : ", ", words[i]);
  }
  return text;
}

class Validator {
 public:
  Validator(const Source& source, Reading& reading) : source_(source), reading_(reading) {}

  void check(const Node& node, const Type& type, const std::string& label) {
    if (reading_.full() || node.refused) return;
    switch (type.shape) {
      case Type::Shape::scalar:
        return check_scalar(node, type, label);
      case Type::Shape::list:
        return check_list(node, type, label);
      case Type::Shape::map:
        return check_map(node, type, label);
      case Type::Shape::mapping:
        return check_mapping(node, *type.form, type, label);
      case Type::Shape::either:
        return check_either(node, type, label);
      case Type::Shape::anything:
        return check_anything(node);
    }
  }

 private:
  void problem(std::string code, const Node& at, std::string message, std::string hint) {
    reading_.problem(std::move(code), source_.position(at.at), std::move(message), std::move(hint));
  }

  void wrong_type(const Node& node, const Type& type, const std::string& label) {
    const bool nothing = node.kind == Node::Kind::empty && node.text.empty();
    problem(nothing ? "empty" : "wrong-type", node,
            fmt::format("{} must be {}, but {}", label, name_of(type), what_stands(node)),
            nothing ? "write it, or take the key out" : hint_for(type, node));
  }

  static std::string hint_for(const Type& type, const Node& node) {
    if (type.shape == Type::Shape::list && node.kind == Node::Kind::scalar) {
      const auto& item = type.parts.front();
      const bool of_lists = item.shape == Type::Shape::either && item.parts.front().shape == Type::Shape::list;
      return fmt::format(fmt::runtime(of_lists ? "write [[{}]]" : "write [{}]"), cut(node.text, 40));
    }
    if (type.shape == Type::Shape::scalar && !type.words.empty()) return "write one of them";
    if (type.shape == Type::Shape::scalar && type.words.empty() && !facts_of(type.kind).example.empty()) {
      return fmt::format("for example {}", facts_of(type.kind).example);
    }
    if (type.shape == Type::Shape::mapping) return fmt::format("its keys are {}", ticked(type.form->keys(), " and "));
    return fmt::format("write {}", name_of(type));
  }

  void check_scalar(const Node& node, const Type& type, const std::string& label) {
    const bool null_is_fine = type.kind == Kind::value || type.kind == Kind::sql ||
                              std::find(type.words.begin(), type.words.end(), "null") != type.words.end();
    if (node.is_written_null() && null_is_fine) return;
    if (node.kind != Node::Kind::scalar) return wrong_type(node, type, label);
    if (std::find(type.words.begin(), type.words.end(), node.text) != type.words.end()) return;
    if (type.kind == Kind::word) {
      const auto near = nearest(node.text, type.words);
      return problem("wrong-word", node, fmt::format("{} is {}: it must be {}", label, shown(node.text), name_of(type)),
                     near.empty() ? "choose one of them" : fmt::format("did you mean `{}`?", near));
    }
    auto refusal = refuse(type.kind, node.text);
    if (!refusal) return;
    if (trim(node.text).empty()) return problem("empty", node, label + " is empty", std::move(refusal->hint));
    if (const auto near = nearest(node.text, type.words); !near.empty())
      refusal->hint = fmt::format("did you mean `{}`?", near);
    problem("wrong-value", node, fmt::format("{} is {}: {}", label, shown(node.text), refusal->why),
            std::move(refusal->hint));
  }

  void check_list(const Node& node, const Type& type, const std::string& label) {
    if (node.kind != Node::Kind::list) return wrong_type(node, type, label);
    check_count(node, node.items.size(), type, label);
    for (const auto& item : node.items) {
      if (reading_.full()) return;
      check(item, type.parts.front(), "an entry of " + label);
    }
  }

  void check_count(const Node& node, std::size_t count, const Type& type, const std::string& label) {
    if (count < type.least && count == 0) {
      problem("empty", node, fmt::format("{} is empty", label), "write at least one entry, or take the key out");
    } else if (count < type.least || (type.most > 0 && count > type.most)) {
      problem("wrong-count", node, fmt::format("{} has {} entries; it must have {}", label, count, type.least),
              fmt::format("write {} entries", type.least));
    }
  }

  void check_map(const Node& node, const Type& type, const std::string& label) {
    if (node.kind != Node::Kind::map) return wrong_type(node, type, label);
    check_count(node, node.entries.size(), type, label);
    check_twice(node);
    for (const auto& [key, value] : node.entries) {
      if (reading_.full()) return;
      if (const auto refusal = refuse(type.kind, key.text); refusal && type.kind != Kind::value) {
        problem("wrong-key", key, fmt::format("the key {} of {}: {}", shown(key.text), label, refusal->why),
                refusal->hint);
      }
      check(value, type.parts.front(), fmt::format("{} of {}", shown(key.text), label));
    }
  }

  void check_twice(const Node& node) {
    std::map<std::string_view, const Node*> seen;
    for (const auto& entry : node.entries) {
      const auto [first, is_new] = seen.emplace(entry.key.text, &entry.key);
      if (is_new) continue;
      if (reading_.full()) return;
      problem("duplicate-key", entry.key,
              fmt::format("the key {} stands here for the second time; the first is on line {}", shown(entry.key.text),
                          first->second->at.line + 1),
              "keep one of them");
    }
  }

  void check_mapping(const Node& node, const Form& form, const Type& type, const std::string& label) {
    if (node.kind != Node::Kind::map) return wrong_type(node, type, label);
    check_twice(node);
    std::set<std::string> meant;  // keys that a misspelt one stands for: not missing as well
    const auto hollow = empty_parts(node, form);
    for (const auto& [key, value] : node.entries) {
      if (reading_.full()) return;
      if (const auto* field = form.find(key.text)) {
        check(value, field->type, fmt::format("`{}`", field->key));
        continue;
      }
      if (key.refused) continue;
      const auto near = nearest(key.text, form.keys());
      meant.insert(near);
      problem("unknown-key", key, fmt::format("unknown key {} in {}", shown(key.text), form.name),
              hint_for_unknown(hollow, form, key.text, near));
    }
    const auto present = [&](const std::string& key) { return node.find(key) != nullptr || meant.contains(key); };
    for (const auto& field : form.fields) {
      if (!field.required || present(field.key)) continue;
      problem("missing-key", node, fmt::format("`{}` is missing in {}", field.key, form.name),
              fmt::format("add `{}:` ({})", field.key, field.help));
    }
    for (const auto& rule : form.rules) check_rule(node, form, rule, meant);
  }

  // Keys whose mapping stands empty, each once.
  static std::vector<const Field*> empty_parts(const Node& node, const Form& form) {
    std::vector<const Field*> parts;
    for (const auto& field : form.fields) {
      const auto* value = field.type.shape == Type::Shape::mapping ? node.find(field.key) : nullptr;
      if (value != nullptr && value->kind == Node::Kind::empty) parts.push_back(&field);
    }
    return parts;
  }

  // A key that belongs to an empty sibling was not indented far enough.
  static std::string hint_for_unknown(const std::vector<const Field*>& hollow, const Form& form, std::string_view key,
                                      const std::string& near) {
    for (const auto* part : hollow) {
      if (part->type.form->find(key) != nullptr) {
        return fmt::format("indent it further: it belongs to `{}`", part->key);
      }
    }
    if (!near.empty()) return fmt::format("did you mean `{}`?", near);
    return fmt::format("the keys are {}", ticked(form.keys(), " and "));
  }

  void check_rule(const Node& node, const Form& form, const Rule& rule, const std::set<std::string>& meant) {
    std::vector<const Entry*> given;
    std::size_t possible = 0;
    for (const auto& entry : node.entries) {
      if (std::find(rule.keys.begin(), rule.keys.end(), entry.key.text) != rule.keys.end()) given.push_back(&entry);
    }
    for (const auto& key : rule.keys) possible += meant.contains(key) ? 1 : 0;

    if (rule.holds == Rule::Holds::needs) return check_needs(node, form, rule, meant);
    const bool none_is_wrong = rule.holds != Rule::Holds::at_most_one;
    const bool two_are_wrong = rule.holds != Rule::Holds::at_least_one;
    if (none_is_wrong && given.empty() && possible == 0) {
      problem("missing-key", node,
              fmt::format("{} of {} is missing in {}", two_are_wrong ? "one" : "at least one", ticked(rule.keys),
                          form.name),
              "add one of them");
    }
    if (!two_are_wrong) return;
    for (std::size_t i = 1; i < given.size(); ++i) {
      if (given[i]->key.text == given[0]->key.text) continue;
      problem("exclusive-keys", given[i]->key,
              fmt::format("`{}` and `{}` exclude each other in {}", given[0]->key.text, given[i]->key.text, form.name),
              "keep one of them");
    }
  }

  void check_needs(const Node& node, const Form& form, const Rule& rule, const std::set<std::string>& meant) {
    const auto asking = std::find_if(node.entries.begin(), node.entries.end(),
                                     [&](const Entry& entry) { return entry.key.text == rule.keys.front(); });
    if (asking == node.entries.end()) return;
    for (std::size_t i = 1; i < rule.keys.size(); ++i) {
      if (node.find(rule.keys[i]) != nullptr || meant.contains(rule.keys[i])) continue;
      problem("missing-key", asking->key,
              fmt::format("`{}` needs `{}` beside it in {}", rule.keys.front(), rule.keys[i], form.name),
              fmt::format("add `{}:`, or take `{}` out", rule.keys[i], rule.keys.front()));
    }
  }

  void check_either(const Node& node, const Type& type, const std::string& label) {
    for (const auto& part : type.parts) {
      const bool fits =
          (part.shape == Type::Shape::scalar &&
           (node.kind == Node::Kind::scalar || (node.is_written_null() && part.kind == Kind::value))) ||
          (part.shape == Type::Shape::list && node.kind == Node::Kind::list) ||
          ((part.shape == Type::Shape::map || part.shape == Type::Shape::mapping) && node.kind == Node::Kind::map);
      if (fits) return check(node, part, label);
    }
    wrong_type(node, type, label);
  }

  void check_anything(const Node& node) {
    if (node.kind == Node::Kind::map) check_twice(node);
    for (const auto& item : node.items) check_anything(item);
    for (const auto& entry : node.entries) check_anything(entry.value);
  }

  const Source& source_;
  Reading& reading_;
};

}  // namespace

void validate(const Node& node, const Type& type, const std::string& label, const Source& source, Reading& reading) {
  Validator(source, reading).check(node, type, label);
}

}  // namespace segue::migration
