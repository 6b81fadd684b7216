// Values with a unit as people write them: 50ms, 48h, 30d; 1%; 20MB.
//
// Each reader takes exactly what CONTRACT, section 1 allows and returns nothing for anything else.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace segue::migration {

using Duration = std::chrono::milliseconds;

// A whole or decimal number and one of ms, s, min, h, d.
std::optional<Duration> read_duration(std::string_view text);

// A whole number without sign, at most 2^63 - 1.
std::optional<std::int64_t> read_count(std::string_view text);

// "10%", "0.5%": the share, 0.1 and 0.005.
std::optional<double> read_percent(std::string_view text);

// Bytes: "20MB", "512kB", "1GB", units of 1,024 as in PostgreSQL; "/s" may follow.
std::optional<std::int64_t> read_size(std::string_view text);

// An instant with its zone: 2026-03-01T02:00:00Z, 2026-03-01 02:00+01:00. Milliseconds since 1970.
std::optional<std::int64_t> read_time(std::string_view text);

// A time of each day, from minute to minute since midnight; over midnight where the end is not after the beginning.
struct Hours {
  int from = 0, to = 0;
};

// "22:00-06:00"
std::optional<Hours> read_hours(std::string_view text);

// So many, or such a share: `failed_rows: 0`, `warnings: 1%`.
struct Allowance {
  std::optional<std::int64_t> count;
  std::optional<double> share;

  // Whether `found` of `total` is still allowed.
  bool allows(std::int64_t found, std::int64_t total) const;
  bool operator==(const Allowance&) const = default;
};

std::optional<Allowance> read_allowance(std::string_view text);
std::string to_text(const Allowance& allowance);

// "48h", "90min", "50ms": the largest unit that leaves nothing over.
std::string to_text(Duration duration);

}  // namespace segue::migration
