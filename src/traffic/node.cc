#include "traffic/node.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/text.h"

namespace segue::traffic {
namespace {

template <class Number>
bool parse_whole(std::string_view text, Number& number) {
  text = trim(text);
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc() && end == text.data() + text.size();
}

bool is_name(const std::string& word) {
  const auto letter = [](char sign) {
    return (sign >= 'a' && sign <= 'z') || (sign >= 'A' && sign <= 'Z') || sign == '_';
  };
  return !word.empty() && letter(word[0]) && std::all_of(word.begin(), word.end(), [&](char sign) {
    return letter(sign) || (sign >= '0' && sign <= '9') || sign == '-';
  });
}

}  // namespace

std::string Node::where() const {
  const auto mark = yaml_.Mark();
  return mark.is_null() ? path_ : fmt::format("{}:{}:{}", path_, mark.line + 1, mark.column + 1);
}

tl::unexpected<Error> Node::error(std::string message, std::string hint) const {
  return usage_error(std::move(message), std::move(hint), where());
}

tl::unexpected<Error> Node::unknown(const std::string& what, const std::string& word,
                                    const std::vector<std::string>& candidates) const {
  return unknown_word(what, word, candidates, where());
}

bool Node::is_null() const {
  if (!yaml_.IsDefined() || yaml_.IsNull()) return true;
  return yaml_.IsScalar() && is_plain() && yaml_.Scalar().empty();
}

Result<Node::Members> Node::members(const std::vector<std::string>& keys) const {
  if (!is_map()) return error("a map of `key: value` is expected here");
  Members found;
  for (const auto& entry : yaml_) {
    const Node key(entry.first, path_);
    auto word = TRY(key.text());
    if (find(found, word) != nullptr) return key.error(fmt::format("`{}` stands here twice", word));
    if (!keys.empty() && std::find(keys.begin(), keys.end(), word) == keys.end()) return key.unknown("key", word, keys);
    found.emplace_back(std::move(word), Node(entry.second, path_));
  }
  return found;
}

Result<std::vector<Node>> Node::items() const {
  if (!is_list()) return error("a list is expected here");
  std::vector<Node> found;
  for (const auto& item : yaml_) found.emplace_back(item, path_);
  return found;
}

Result<std::string> Node::text() const {
  if (!is_scalar() || is_null()) return error("a text is expected here");
  return yaml_.Scalar();
}

Result<std::string> Node::name() const {
  auto word = TRY(text());
  if (!is_name(word)) return error(fmt::format("`{}` is not a name", word), "letters, digits, _ and -, a letter first");
  return word;
}

Result<bool> Node::truth() const {
  const auto word = TRY(text());
  if (word == "true" || word == "false") return word == "true";
  return error("`true` or `false` is expected here");
}

Result<double> Node::number(double least, double most) const {
  const auto word = TRY(text());
  char* end = nullptr;
  const double value = std::strtod(word.c_str(), &end);
  const bool whole = !word.empty() && *end == '\0' && value == value;
  if (whole && value >= least && value <= most) return value;
  return error(fmt::format("`{}` is not a number from {} to {}", word, least, most));
}

Result<std::pair<std::int64_t, std::int64_t>> Node::range(bool open_end) const {
  const auto word = TRY(text());
  const auto dots = word.find("..");
  std::int64_t lo = 0, hi = std::numeric_limits<std::int64_t>::max();
  const bool lo_right = parse_whole(std::string_view(word).substr(0, dots), lo);
  const auto after = dots == std::string::npos ? std::string_view() : trim(std::string_view(word).substr(dots + 2));
  if (dots == std::string::npos) hi = lo;
  const bool hi_right = dots == std::string::npos || (after.empty() && open_end) || parse_whole(after, hi);
  if (!lo_right || !hi_right) {
    return error(fmt::format("`{}` is not a range", word), open_end ? "e.g. 5, 1..9 or 1.." : "e.g. 5 or 1..9");
  }
  if (hi < lo) return error(fmt::format("the range {} ends before it begins", word));
  return std::pair(lo, hi);
}

tl::unexpected<Error> unknown_word(const std::string& what, const std::string& word,
                                   const std::vector<std::string>& candidates, const std::string& where) {
  const auto near = nearest_word(word, candidates);
  std::string hint;
  if (!near.empty()) {
    hint = fmt::format("did you mean `{}`?", near);
  } else if (!candidates.empty()) {
    hint = fmt::format("known here: {}", join(candidates, ", "));
  }
  return usage_error(fmt::format("there is no {} `{}`", what, word), hint, where);
}

const Node* find(const Node::Members& members, std::string_view key) {
  for (const auto& [name, node] : members) {
    if (name == key) return &node;
  }
  return nullptr;
}

}  // namespace segue::traffic
