#include "traffic/generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "base/json.h"
#include "traffic/pool.h"

namespace segue::traffic {
namespace {

constexpr std::string_view words[] = {"pump",  "valve", "north", "repair", "order",  "leak",   "door",  "panel",
                                      "check", "cable", "roof",  "quick",  "client", "visit",  "lift",  "window",
                                      "green", "level", "motor", "report", "street", "garden", "light", "filter"};

std::string text_of(Random& random, std::int64_t length) {
  std::string text;
  while (static_cast<std::int64_t>(text.size()) < length) {
    if (!text.empty()) text += ' ';
    text += words[random.below(std::size(words))];
  }
  text.resize(static_cast<std::size_t>(std::max<std::int64_t>(length, 0)));
  // A blank at the end would be lost in a char(n).
  if (!text.empty() && text.back() == ' ') text.back() = 's';
  return text;
}

std::string uuid_of(Random& random) {
  const auto high = (random.next() & ~0xF000ULL) | 0x4000ULL;                 // version 4
  const auto low = (random.next() & ~(0xC000ULL << 48)) | (0x8000ULL << 48);  // the variant of RFC 4122
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xFFFF, high & 0xFFFF, low >> 48,
                     low & 0xFFFFFFFFFFFFULL);
}

std::string time_of(std::int64_t seconds, bool date_only) {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  const std::time_t moment = now + static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&moment, &parts);
  char text[40];
  std::strftime(text, sizeof text, date_only ? "%Y-%m-%d" : "%Y-%m-%d %H:%M:%S+00", &parts);
  return text;
}

std::string decimal_of(std::int64_t units, int digits) {
  if (digits == 0) return std::to_string(units);
  std::int64_t scale = 1;
  for (int i = 0; i < digits; ++i) scale *= 10;
  return fmt::format("{}{}.{:0{}}", units < 0 ? "-" : "", std::abs(units) / scale, std::abs(units) % scale, digits);
}

std::string replaced(std::string text, std::string_view name, const std::string& value) {
  for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size())) {
    text.replace(at, name.size(), value);
  }
  return text;
}

std::string quoted(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

struct Drawer {
  Draw& draw;
  Random& random = draw.random;

  Drawn operator()(const Drawn& constant) const { return constant; }
  Drawn operator()(const IntRange& range) const { return {std::to_string(random.between(range.lo, range.hi)), true}; }
  Drawn operator()(const ZipfRange& range) const {
    const auto count = static_cast<std::uint64_t>(range.hi - range.lo) + 1;
    const auto offset = static_cast<std::int64_t>(random.zipf(count, range.skew)) - 1;
    return {std::to_string(range.lo + offset), true};
  }
  Drawn operator()(const DecimalRange& range) const {
    return {decimal_of(random.between(range.lo, range.hi), range.digits), true};
  }
  Drawn operator()(const TextLength& range) const { return {text_of(random, random.between(range.lo, range.hi))}; }
  Drawn operator()(const RandomUuid&) const { return {uuid_of(random)}; }

  Drawn operator()(const Serial& serial) const {
    const auto number = std::to_string(serial.first + draw.shared.counters[serial.counter]++);
    if (serial.format.empty()) return {number, true};
    auto text = replaced(serial.format, "{n}", number);
    text = replaced(std::move(text), "{c}", std::to_string(draw.connection));
    return {replaced(std::move(text), "{run}", draw.shared.run)};
  }

  Drawn operator()(const Choice& choice) const {
    if (choice.weights.empty()) return draw.value(choice.items[random.below(choice.items.size())]);
    const double point = random.unit() * choice.weights.back();
    const auto chosen = std::upper_bound(choice.weights.begin(), choice.weights.end(), point) - choice.weights.begin();
    return draw.value(choice.items[std::min<std::size_t>(static_cast<std::size_t>(chosen), choice.items.size() - 1)]);
  }

  Drawn operator()(const TimeRange& range) const {
    return {time_of(random.between(range.lo, range.hi), range.date_only)};
  }

  Drawn operator()(const JsonObject& object) const {
    std::string text = "{";
    for (std::size_t i = 0; i < object.names.size(); ++i) {
      if (i > 0) text += ", ";
      text += quoted(object.names[i]) + ": ";
      const auto member = draw.value(object.values[i]);
      const bool is_object = std::holds_alternative<JsonObject>(object.values[i].kind);
      if (!member.value) {
        text += "null";
      } else {
        text += member.bare || is_object ? *member.value : quoted(*member.value);
      }
    }
    return {text + "}"};
  }

  Drawn operator()(const PoolPick& pick) const {
    const auto& pool = *draw.shared.pools[pick.pool];
    const auto row = pool.pick(random, pick.skew, pick.own, draw.connection, draw.shared.connections);
    return column_of(pool, row, pick.column);
  }

  Drawn operator()(const LetValue& let) const {
    const auto& slot = draw.slots[let.slot];
    return slot.pool == nullptr ? slot.value : column_of(*slot.pool, slot.row, let.column);
  }

  Drawn operator()(const VarValue& var) const { return draw.shared.vars[var.var]; }

  Drawn operator()(const ReturnedValue& returned) const {
    const auto& rows = draw.returned[returned.action];
    for (std::size_t column = 0; column < rows.columns(); ++column) {
      if (rows.column_name(column) != returned.column) continue;
      if (rows.empty()) return none(Missing::no_row, returned.column);
      return {rows.maybe(0, column), is_bare_type(rows.column_type(column))};
    }
    return none(Missing::no_column, returned.column);
  }

  Drawn column_of(const Pool& pool, const PoolRow& row, const std::string& name) const {
    if (row == nullptr) return none(Missing::no_row, name);
    const int column = pool.column(name);
    if (column < 0) return none(Missing::no_column, name);
    return (*row)[static_cast<std::size_t>(column)];
  }

  Drawn none(Missing why, const std::string& column) const {
    draw.missing = why;
    draw.missing_column = column;
    return {};
  }
};

}  // namespace

Drawn Draw::value(const Generator& generator) {
  return std::visit(Drawer{*this}, generator.kind);
}

Slot Draw::slot(const Generator& generator) {
  const auto* pick = std::get_if<PoolPick>(&generator.kind);
  if (pick == nullptr || !pick->column.empty()) return {value(generator), nullptr, nullptr};
  const auto& pool = *shared.pools[pick->pool];
  return {{}, pool.pick(random, pick->skew, pick->own, connection, shared.connections), &pool};
}

std::vector<Value> Draw::values(const std::vector<Generator>& generators) {
  std::vector<Value> drawn;
  drawn.reserve(generators.size());
  for (const auto& generator : generators) drawn.push_back(value(generator).value);
  return drawn;
}

bool is_bare_type(std::uint32_t oid) {
  constexpr std::uint32_t bare[] = {20, 21, 23, 700, 701, 1700};  // int8, int2, int4, float4, float8, numeric
  return std::find(std::begin(bare), std::end(bare), oid) != std::end(bare);
}

}  // namespace segue::traffic
