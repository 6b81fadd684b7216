#include "catalog/words.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace segue::catalog::words {
namespace {

constexpr std::size_t kLongestValue = 200;
constexpr std::size_t kLongestSummary = 120;

// The pieces of a name between " on " outside quotes.
std::vector<std::string> parts_of(const std::string& name) {
  std::vector<std::string> parts;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '"') quoted = !quoted;
    if (!quoted && name.compare(i, 4, " on ") == 0) {
      parts.push_back(name.substr(begin, i - begin));
      begin = i + 4;
      i = begin - 1;
    }
  }
  parts.push_back(name.substr(begin));
  return parts;
}

// tenant read from "tenant read", if the whole is one quoted name.
std::string without_quotes(const std::string& part) {
  if (part.size() < 2 || part.front() != '"' || part.back() != '"') return part;
  std::string inner;
  for (std::size_t i = 1; i + 1 < part.size(); ++i) {
    if (part[i] == '"') {
      if (i + 2 >= part.size() || part[i + 1] != '"') return part;
      ++i;
    }
    inner += part[i];
  }
  return inner;
}

std::string shown_part(const std::string& part) {
  // "table public.orders": the word for what it is stays outside the backticks.
  const auto space = part.find(' ');
  const auto first_word = part.substr(0, space);
  const bool has_word = space != std::string::npos && part.front() != '"' &&
                        std::all_of(first_word.begin(), first_word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  const std::string before = has_word ? first_word + " " : "";
  std::string name = has_word ? part.substr(space + 1) : part;
  constexpr std::string_view usual = "public.";
  if (name.size() > usual.size() && name.compare(0, usual.size(), usual) == 0) name.erase(0, usual.size());
  return before + "`" + without_quotes(name) + "`";
}

std::string on_one_line(const std::string& value) {
  std::string line;
  for (const char sign : value) {
    const bool blank = sign == ' ' || sign == '\n' || sign == '\t' || sign == '\r';
    if (!blank) {
      line += sign;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  return std::string(trim(line));
}

}  // namespace

std::string shown_name(const std::string& name) {
  std::vector<std::string> parts = parts_of(name);
  std::transform(parts.begin(), parts.end(), parts.begin(), shown_part);
  return join(parts, " on ");
}

std::string shown_attribute(const std::string& attribute) {
  static constexpr std::array words = {"using", "with check", "not null", "where"};
  if (std::find(words.begin(), words.end(), attribute) == words.end()) return attribute;
  std::string capitals = attribute;
  std::transform(capitals.begin(), capitals.end(), capitals.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return capitals;
}

std::string shown_value(const std::string& value) {
  return "`" + cut(on_one_line(value), kLongestValue) + "`";
}

std::string in_short(const Object& object) {
  static constexpr std::array unsaid = {"owner", "position", "comment"};
  // What says most comes first and needs no name.
  static constexpr std::array first = {"type", "definition", "command", "privileges", "labels", "query", "version"};
  std::vector<std::string> said;
  for (const char* attribute : first) {
    auto found = object.attributes.find(attribute);
    if (found != object.attributes.end()) said.push_back(on_one_line(found->second));
  }
  for (const auto& [attribute, value] : object.attributes) {
    if (std::find(first.begin(), first.end(), attribute) != first.end()) continue;
    if (std::find(unsaid.begin(), unsaid.end(), attribute) != unsaid.end()) continue;
    said.push_back(value == "yes" ? attribute : attribute + " " + on_one_line(value));
  }
  return cut(join(said, ", "), kLongestSummary);
}

}  // namespace segue::catalog::words
