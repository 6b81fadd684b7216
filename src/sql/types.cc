#include "sql/types.h"

#include <charconv>
#include <optional>
#include <unordered_map>
#include <vector>

namespace segue::sql {
namespace {

// PostgreSQL's own names of types, and the names that SQL has for them.
const std::unordered_map<std::string_view, std::string_view>& spoken_names() {
  static const std::unordered_map<std::string_view, std::string_view> names = {
      {"int2", "smallint"},
      {"int4", "integer"},
      {"int", "integer"},
      {"int8", "bigint"},
      {"serial2", "smallint"},
      {"smallserial", "smallint"},
      {"serial4", "integer"},
      {"serial", "integer"},
      {"serial8", "bigint"},
      {"bigserial", "bigint"},
      {"float4", "real"},
      {"float8", "double precision"},
      {"bool", "boolean"},
      {"varchar", "character varying"},
      {"bpchar", "character"},
      {"char", "\"char\""},
      {"varbit", "bit varying"},
      {"decimal", "numeric"},
      {"timestamptz", "timestamp with time zone"},
      {"timestamp", "timestamp without time zone"},
      {"timetz", "time with time zone"},
      {"time", "time without time zone"},
  };
  return names;
}

struct Type {
  std::string base;
  std::vector<int> modifiers;
  std::string rest;  // "[]"
};

// "timestamp(3) without time zone" → base "timestamp without time zone", modifiers {3}.
Type read_type(const std::string& text) {
  Type type;
  std::string name = text;
  while (name.ends_with("[]")) {
    name.resize(name.size() - 2);
    type.rest += "[]";
  }
  const std::size_t open = name.find('(');
  const std::size_t close = name.find(')', open == std::string::npos ? 0 : open);
  if (open == std::string::npos || close == std::string::npos) {
    type.base = name;
    return type;
  }
  type.base = name.substr(0, open) + name.substr(close + 1);
  const char* at = name.data() + open + 1;
  const char* const end = name.data() + close;
  while (at < end) {
    int value = 0;
    const auto [next, error] = std::from_chars(at, end, value);
    if (error != std::errc()) break;
    type.modifiers.push_back(value);
    at = next < end ? next + 1 : end;
  }
  return type;
}

std::optional<int> modifier(const Type& type, std::size_t index = 0) {
  return index < type.modifiers.size() ? std::optional<int>(type.modifiers[index]) : std::nullopt;
}

// Not narrower: no limit, or one that is not lower.
bool widens(std::optional<int> before, std::optional<int> after) {
  return !after || (before && *after >= *before);
}

bool is_text(const Type& type) {
  return type.base == "text" || type.base == "character varying";
}

bool is_moment(const std::string& base) {
  return base.starts_with("timestamp") || base.starts_with("time ") || base == "interval";
}

}  // namespace

std::string type_text(Node type_name) {
  const std::vector<std::string> names = names_of(type_name["names"]);
  if (names.empty()) return {};
  std::string base = names.back();
  const auto& spoken = spoken_names();
  const bool builtin = names.size() == 1 || names.front() == "pg_catalog";
  if (const auto found = spoken.find(base); builtin && found != spoken.end()) {
    // char alone is bpchar to the parser; "char" in quotes is another type and comes as char without a schema.
    if (base != "char" || names.size() == 1) base = found->second;
  } else if (names.size() > 1 && names.front() != "pg_catalog") {
    base = names.front() + "." + base;
  }
  std::string modifiers;
  for (const Node modifier : type_name["typmods"]) {
    const Node value = modifier["ival"];
    if (!modifiers.empty()) modifiers += ',';
    modifiers += std::to_string(value["ival"].number());
  }
  // The parser says interval's field range as a modifier too, which is no precision.
  if (base == "interval") modifiers.clear();
  if (base == "character" && modifiers.empty()) modifiers = "1";
  if (!modifiers.empty()) {
    const std::size_t zone = base.find(" with");
    base = zone == std::string::npos || !base.starts_with("time")
               ? base + "(" + modifiers + ")"
               : base.substr(0, zone) + "(" + modifiers + ")" + base.substr(zone);
  }
  for (std::size_t index = 0; index < type_name["arrayBounds"].size(); ++index) base += "[]";
  return base;
}

bool is_serial(Node type_name) {
  const std::vector<std::string> names = names_of(type_name["names"]);
  if (names.size() != 1) return false;
  const std::string& name = names.front();
  return name.find("serial") != std::string::npos &&
         (name == "serial" || name == "bigserial" || name == "smallserial" || name == "serial2" || name == "serial4" ||
          name == "serial8");
}

bool keeps_rows(const std::string& before, const std::string& after, bool timezone_is_utc) {
  if (before == after) return true;
  const Type from = read_type(before);
  const Type to = read_type(after);
  if (from.rest != to.rest) return false;
  // An array is converted value by value unless its type is binary the same.
  if (!from.rest.empty()) return is_text(from) && is_text(to) && to.modifiers.empty();
  if (is_text(from) && is_text(to)) return widens(modifier(from), modifier(to));
  if (from.base == "numeric" && to.base == "numeric") {
    if (to.modifiers.empty()) return true;
    if (from.modifiers.empty()) return false;
    return widens(modifier(from), modifier(to)) && modifier(from, 1).value_or(0) == modifier(to, 1).value_or(0);
  }
  if (from.base == to.base && (is_moment(from.base) || from.base == "bit varying")) {
    const bool is_full = is_moment(from.base) && modifier(to).value_or(6) == 6;
    return is_full || widens(modifier(from), modifier(to));
  }
  if (from.base.starts_with("timestamp ") && to.base.starts_with("timestamp ")) {
    return timezone_is_utc && from.modifiers == to.modifiers;
  }
  return from.base == "cidr" && to.base == "inet";
}

}  // namespace segue::sql
