#include "engine/tuning.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "base/text.h"

namespace segue::engine {
namespace {

struct Suffix {
  std::string_view name;
  double factor;
};

// A number with one of these behind it.
std::optional<double> number(std::string_view text, const std::vector<Suffix>& suffixes) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || value < 0) return std::nullopt;
  const std::string_view rest = text.substr(static_cast<std::size_t>(read.ptr - text.data()));
  for (const auto& suffix : suffixes) {
    if (rest == suffix.name) return value * suffix.factor;
  }
  return std::nullopt;
}

const std::vector<Suffix> whole = {{"", 1}};
const std::vector<Suffix> bytes = {{"", 1},           {"kB", 1 << 10},   {"MB", 1 << 20},  {"GB", 1 << 30},
                                   {"kB/s", 1 << 10}, {"MB/s", 1 << 20}, {"GB/s", 1 << 30}};
const std::vector<Suffix> times = {{"ms", 0.001}, {"s", 1}, {"min", 60}, {"m", 60}};

constexpr double most_workers = 64, most_rows = 10000000;

// Nothing where it cannot be read.
std::optional<double> value_of(const std::string& name, const std::string& text) {
  if (text == "auto") return 0;
  if (name == "batch") {
    const auto rows = number(text, whole);
    return rows && *rows >= 1 && *rows <= most_rows ? rows : std::nullopt;
  }
  if (name == "workers") {
    const auto workers = number(text, whole);
    return workers && *workers >= 1 && *workers <= most_workers ? workers : std::nullopt;
  }
  if (name == "wal_rate") return number(text, bytes);
  if (name == "replication_lag") return number(text, times);
  if (name == "throttle") return text == "on" ? std::optional(1.0) : text == "off" ? std::optional(0.0) : std::nullopt;
  return std::nullopt;
}

const std::vector<std::string> names = {"batch", "workers", "wal_rate", "replication_lag", "throttle"};

}  // namespace

Status check_setting(const std::string& name, const std::string& value) {
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    const auto near = nearest_word(name, names);
    return tl::unexpected(Error{"bad-setting",
                                fmt::format("there is nothing called '{}' to be set", name),
                                {},
                                near.empty() ? "there are: " + join(names, ", ") : "did you mean " + near + "?",
                                {},
                                Exit::usage});
  }
  if (value_of(name, value)) return {};
  return tl::unexpected(Error{"bad-setting",
                              fmt::format("{}={} cannot be read", name, value),
                              {},
                              "batch=5000, workers=4 (1 to 64), wal_rate=20MB, replication_lag=5s, throttle=off; auto "
                              "gives the word back to the file",
                              {},
                              Exit::usage});
}

backfill::Tuning tuning_from(const plan::Plan& plan, const std::map<std::string, std::string>& set) {
  backfill::Tuning tuning{0, plan.workers, plan.wal_rate, plan.replication_lag_s, true};
  for (const auto& [name, text] : set) {
    const auto value = value_of(name, text);
    if (!value || text == "auto") continue;
    if (name == "batch") tuning.batch = static_cast<std::int64_t>(*value);
    if (name == "workers") tuning.workers = static_cast<int>(*value);
    if (name == "wal_rate") tuning.wal_rate = static_cast<std::int64_t>(*value);
    if (name == "replication_lag") tuning.replication_lag_s = *value;
    if (name == "throttle") tuning.throttle = *value > 0;
  }
  return tuning;
}

}  // namespace segue::engine
