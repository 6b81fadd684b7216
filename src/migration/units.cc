#include "migration/units.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace segue::migration {
namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> duration_units = {
    {{"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> size_units = {
    {{"B", 1}, {"kB", 1LL << 10}, {"MB", 1LL << 20}, {"GB", 1LL << 30}, {"TB", 1LL << 40}}};

// Digits, at most one point between them; moves past what it read.
std::optional<double> leading_number(std::string_view& text) {
  std::size_t length = 0, points = 0;
  while (length < text.size() && ((text[length] >= '0' && text[length] <= '9') || text[length] == '.')) {
    points += text[length] == '.' ? 1 : 0;
    ++length;
  }
  if (length == 0 || points > 1 || text[0] == '.' || text[length - 1] == '.') return std::nullopt;
  double number = 0;
  const std::string digits(text.substr(0, length));
  const char* const end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  text.remove_prefix(length);
  return number;
}

template <std::size_t N>
std::optional<std::int64_t> read_with_unit(std::string_view text,
                                           const std::array<std::pair<std::string_view, std::int64_t>, N>& units) {
  const auto number = leading_number(text);
  if (!number) return std::nullopt;
  for (const auto& [unit, factor] : units) {
    if (unit != text) continue;
    const double product = *number * static_cast<double>(factor);
    if (product > 9e18) return std::nullopt;
    return std::llround(product);
  }
  return std::nullopt;
}

// Exactly `digits` digits from `at`, between least and most.
std::optional<int> digits_at(std::string_view text, std::size_t at, std::size_t digits, int least, int most) {
  if (at + digits > text.size()) return std::nullopt;
  int number = 0;
  for (std::size_t i = at; i < at + digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    number = number * 10 + (text[i] - '0');
  }
  if (number < least || number > most) return std::nullopt;
  return number;
}

// "Z", "+01:00", "+01": minutes ahead of UTC.
std::optional<int> read_zone(std::string_view zone) {
  if (zone == "Z") return 0;
  if (zone.size() != 3 && zone.size() != 6) return std::nullopt;
  if (zone[0] != '+' && zone[0] != '-') return std::nullopt;
  const auto hours = digits_at(zone, 1, 2, 0, 14);
  const auto minutes = zone.size() == 3 ? std::optional<int>(0) : digits_at(zone, 4, 2, 0, 59);
  if (!hours || !minutes || (zone.size() == 6 && zone[3] != ':')) return std::nullopt;
  return (zone[0] == '-' ? -1 : 1) * (*hours * 60 + *minutes);
}

}  // namespace

std::optional<Duration> read_duration(std::string_view text) {
  const auto milliseconds = read_with_unit(text, duration_units);
  if (!milliseconds) return std::nullopt;
  return Duration(*milliseconds);
}

std::optional<std::int64_t> read_count(std::string_view text) {
  if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> read_percent(std::string_view text) {
  const auto number = leading_number(text);
  if (!number || text != "%") return std::nullopt;
  return *number / 100;
}

std::optional<std::int64_t> read_size(std::string_view text) {
  if (text.ends_with("/s")) text.remove_suffix(2);
  return read_with_unit(text, size_units);
}

std::optional<Hours> read_hours(std::string_view text) {
  const auto hour = digits_at(text, 0, 2, 0, 23), minute = digits_at(text, 3, 2, 0, 59);
  const auto to_hour = digits_at(text, 6, 2, 0, 24), to_minute = digits_at(text, 9, 2, 0, 59);
  if (text.size() != 11 || !hour || !minute || !to_hour || !to_minute) return std::nullopt;
  if (text[2] != ':' || text[5] != '-' || text[8] != ':' || (*to_hour == 24 && *to_minute > 0)) return std::nullopt;
  return Hours{*hour * 60 + *minute, *to_hour * 60 + *to_minute};
}

std::optional<std::int64_t> read_time(std::string_view text) {
  const auto year = digits_at(text, 0, 4, 1970, 9999), month = digits_at(text, 5, 2, 1, 12);
  const auto day = digits_at(text, 8, 2, 1, 31), hour = digits_at(text, 11, 2, 0, 23);
  const auto minute = digits_at(text, 14, 2, 0, 59);
  if (!year || !month || !day || !hour || !minute) return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') || text[13] != ':') return std::nullopt;
  auto rest = text.substr(16);
  std::optional<int> second = 0;
  if (rest.starts_with(':')) {
    second = digits_at(rest, 1, 2, 0, 59);
    if (!second) return std::nullopt;
    rest.remove_prefix(3);
  }
  const auto zone = read_zone(rest);
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!zone || !date.ok()) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((days * 24 + *hour) * 60 + *minute - *zone) * 60'000LL + *second * 1000LL;
}

bool Allowance::allows(std::int64_t found, std::int64_t total) const {
  if (share) return static_cast<double>(found) <= *share * static_cast<double>(total);
  return found <= count.value_or(0);
}

std::optional<Allowance> read_allowance(std::string_view text) {
  if (const auto share = read_percent(text)) {
    if (*share > 1) return std::nullopt;
    return Allowance{{}, share};
  }
  if (const auto count = read_count(text)) return Allowance{count, {}};
  return std::nullopt;
}

std::string to_text(const Allowance& allowance) {
  if (allowance.share) return fmt::format("{:g}%", *allowance.share * 100);
  return std::to_string(allowance.count.value_or(0));
}

std::string to_text(Duration duration) {
  const auto milliseconds = duration.count();
  for (auto unit = duration_units.rbegin(); unit != duration_units.rend(); ++unit) {
    if (milliseconds != 0 && milliseconds % unit->second == 0) {
      return fmt::format("{}{}", milliseconds / unit->second, unit->first);
    }
  }
  return "0s";
}

}  // namespace segue::migration
