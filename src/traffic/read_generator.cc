#include "traffic/read_generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace segue::traffic {
namespace {

struct Kind {
  std::string name;
  std::vector<std::string> options;
  Result<Generator> (*read)(const Node& value, const Node::Members& all, Scope& scope);
};

Result<Generator> read_int(const Node& value, const Node::Members&, Scope&) {
  const auto [lo, hi] = TRY(value.range());
  return Generator{IntRange{lo, hi}};
}

Result<double> read_skew(const Node::Members& all, double unless_said) {
  const auto* skew = find(all, "skew");
  return skew == nullptr ? unless_said : skew->number(0.5, 3);
}

Result<Generator> read_zipf(const Node& value, const Node::Members& all, Scope&) {
  const auto [lo, hi] = TRY(value.range());
  return Generator{ZipfRange{lo, hi, TRY(read_skew(all, 1.1))}};
}

Result<Generator> read_decimal(const Node& value, const Node::Members& all, Scope&) {
  const auto [lo, hi] = TRY(value.range());
  const auto* digits = find(all, "digits");
  const int count = digits == nullptr ? 2 : static_cast<int>(TRY(digits->number(0, 9)));
  const auto scale = static_cast<std::int64_t>(std::pow(10, count));
  constexpr std::int64_t most = 1'000'000'000;
  if (lo < -most || hi > most) return value.error("decimals go from -1000000000 to 1000000000");
  return Generator{DecimalRange{lo * scale, hi * scale, count}};
}

Result<Generator> read_length(const Node& value, const Node::Members&, Scope&) {
  const auto [lo, hi] = TRY(value.range());
  if (lo < 0 || hi > 10'000'000) return value.error("a text has from 0 to 10000000 characters");
  return Generator{TextLength{lo, hi}};
}

Result<Generator> read_uuid(const Node& value, const Node::Members&, Scope&) {
  if (TRY(value.text()) != "random") return value.error("`uuid: random` is the only kind");
  return Generator{RandomUuid{}};
}

Result<Generator> read_serial(const Node& value, const Node::Members&, Scope& scope) {
  const auto text = TRY(value.text());
  const bool number = value.is_plain() && text.find_first_not_of("0123456789") == std::string::npos;
  const std::size_t counter = scope.file.counters++;
  if (number) return Generator{Serial{counter, TRY(value.range()).first, ""}};
  if (text.find("{n}") != std::string::npos) return Generator{Serial{counter, 1, text}};
  return value.error("a serial is a whole number to begin at, or a text with {n} in it");
}

Result<Generator> read_choice(const Node& value, const Node::Members&, Scope& scope) {
  Choice choice;
  if (value.is_list()) {
    for (const auto& item : TRY(value.items())) choice.items.push_back(TRY(read_generator(item, scope)));
    if (choice.items.empty()) return value.error("there is nothing to choose from");
    return Generator{std::move(choice)};
  }
  if (!value.is_map()) return value.error("a list of values, or a map of value: weight, is expected here");
  double total = 0;
  for (const auto& [word, weight] : TRY(value.members())) {
    choice.items.push_back(Generator{Drawn{word, false}});
    choice.weights.push_back(total += TRY(weight.number(0, 1e9)));
  }
  if (total <= 0) return value.error("the weights add up to nothing");
  return Generator{std::move(choice)};
}

// "now", "-30d", "15 min"
Result<std::int64_t> read_moment(const Node& node, std::string_view text) {
  text = trim(text);
  if (text == "now" || text == "0") return std::int64_t{0};
  const auto digits_end = text.find_first_not_of("0123456789", text.starts_with('-') || text.starts_with('+') ? 1 : 0);
  const auto unit = digits_end == std::string_view::npos ? std::string_view() : trim(text.substr(digits_end));
  const std::int64_t seconds = unit == "s" ? 1 : unit == "min" ? 60 : unit == "h" ? 3600 : unit == "d" ? 86400 : 0;
  const bool has_digits = digits_end != std::string_view::npos && digits_end > 0 && text[digits_end - 1] >= '0' &&
                          text[digits_end - 1] <= '9' && digits_end < 9;
  if (seconds == 0 || !has_digits) {
    return node.error(fmt::format("`{}` is not a moment", text), "now, or a number with s, min, h or d: -30d");
  }
  return std::stoll(std::string(text.substr(0, digits_end))) * seconds;
}

Result<Generator> read_moments(const Node& value, bool date_only) {
  const auto text = TRY(value.text());
  const auto dots = text.find("..");
  const auto lo = TRY(read_moment(value, text.substr(0, dots)));
  const auto hi = dots == std::string::npos ? lo : TRY(read_moment(value, text.substr(dots + 2)));
  if (hi < lo) return value.error(fmt::format("the range {} ends before it begins", text));
  return Generator{TimeRange{lo, hi, date_only}};
}

Result<Generator> read_time(const Node& value, const Node::Members&, Scope&) {
  return read_moments(value, false);
}

Result<Generator> read_date(const Node& value, const Node::Members&, Scope&) {
  return read_moments(value, true);
}

Result<Generator> read_json(const Node& value, const Node::Members&, Scope& scope) {
  return read_json_object(value, scope);
}

// "job.id" → job, id
std::pair<std::string, std::string> name_and_column(const std::string& text) {
  const auto dot = text.find('.');
  if (dot == std::string::npos) return {text, {}};
  return {text.substr(0, dot), text.substr(dot + 1)};
}

template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& list) {
  std::vector<std::string> names;
  names.reserve(list.size());
  for (const auto& one : list) names.push_back(one.name);
  return names;
}

std::size_t place_of(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

Result<Generator> read_pool(const Node& value, const Node::Members& all, Scope& scope) {
  const auto [name, column] = name_and_column(TRY(value.text()));
  const auto names = names_of(scope.file.pools);
  const auto pool = place_of(names, name);
  if (pool == names.size()) return value.unknown("pool", name, names);
  if (!column.empty()) scope.file.pool_uses.push_back({pool, column, value.where()});
  const auto* own = find(all, "own");
  return Generator{PoolPick{pool, column, TRY(read_skew(all, 0)), own != nullptr && TRY(own->truth())}};
}

Result<Generator> read_let(const Node& value, const Node::Members&, Scope& scope) {
  const auto [name, column] = name_and_column(TRY(value.text()));
  const auto slot = place_of(scope.lets, name);
  if (slot == scope.lets.size()) return value.unknown("`let`", name, scope.lets);
  if (!column.empty()) {
    const int pool = scope.let_pools[slot];
    if (pool < 0) return value.error(fmt::format("`{}` is one value, not a row: it has no column", name));
    scope.file.pool_uses.push_back({static_cast<std::size_t>(pool), column, value.where()});
  }
  return Generator{LetValue{slot, column}};
}

Result<Generator> read_var(const Node& value, const Node::Members&, Scope& scope) {
  const auto name = TRY(value.text());
  const auto names = names_of(scope.file.vars);
  const auto var = place_of(names, name);
  if (var == names.size()) return value.unknown("variable", name, names);
  return Generator{VarValue{var}};
}

Result<Generator> read_returned(const Node& value, const Node::Members&, Scope& scope) {
  const auto [name, column] = name_and_column(TRY(value.text()));
  if (column.empty()) return value.error("`returned` takes statement.column", "e.g. { returned: look.id }");
  const auto action = place_of(scope.actions, name);
  if (action == scope.actions.size()) {
    return value.unknown("earlier statement in this transaction called", name, scope.actions);
  }
  return Generator{ReturnedValue{action, column}};
}

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"int", {}, read_int},
      {"zipf", {"skew"}, read_zipf},
      {"decimal", {"digits"}, read_decimal},
      {"text", {}, read_length},
      {"uuid", {}, read_uuid},
      {"serial", {}, read_serial},
      {"choice", {}, read_choice},
      {"time", {}, read_time},
      {"date", {}, read_date},
      {"json", {}, read_json},
      {"pool", {"skew", "own"}, read_pool},
      {"let", {}, read_let},
      {"var", {}, read_var},
      {"returned", {}, read_returned},
  };
  return all;
}

}  // namespace

Result<Value> read_constant(const Node& node) {
  if (node.is_null()) return Value();
  return TRY(node.text());
}

Result<Generator> read_generator(const Node& node, Scope& scope) {
  if (!node.is_map()) {
    if (node.is_list())
      return node.error("a value is expected here, not a list", "to pick from a list: { choice: [a, b] }");
    const auto text = TRY(read_constant(node));
    const auto looks_bare = [](const std::string& word) {
      char* end = nullptr;
      (void)std::strtod(word.c_str(), &end);
      const bool number = *end == '\0' && word.find_first_not_of("0123456789+-.eE") == std::string::npos;
      return word == "true" || word == "false" || number;
    };
    return Generator{Drawn{text, text && node.is_plain() && looks_bare(*text)}};
  }
  const auto members = TRY(node.members());
  std::vector<std::string> names;
  for (const auto& kind : kinds()) names.push_back(kind.name);
  for (const auto& kind : kinds()) {
    const auto* value = find(members, kind.name);
    if (value == nullptr) continue;
    auto allowed = kind.options;
    allowed.push_back(kind.name);
    TRY(node.members(allowed));
    return kind.read(*value, members, scope);
  }
  if (members.empty()) return node.error("a value is expected here");
  return node.unknown("kind of value", members.front().first, names);
}

Result<Generator> read_json_object(const Node& node, Scope& scope) {
  JsonObject object;
  for (auto& [name, generator] : TRY(read_named_generators(node, scope))) {
    object.names.push_back(name);
    object.values.push_back(std::move(generator));
  }
  return Generator{std::move(object)};
}

Result<NamedGenerators> read_named_generators(const Node& node, Scope& scope) {
  NamedGenerators found;
  for (const auto& [name, value] : TRY(node.members())) {
    found.emplace_back(name, TRY(read_generator(value, scope)));
  }
  return found;
}

}  // namespace segue::traffic
