#include "engine/tuning.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

#include "base/text.h"
#include "migration/units.h"

namespace segue::engine {
namespace {

constexpr std::int64_t most_workers = 64, most_rows = 10000000;

// Nothing where it cannot be read.
std::optional<double> value_of(const std::string& name, const std::string& text) {
  if (text == "auto") return 0;
  if (name == "batch" || name == "workers") {
    const auto count = migration::read_count(text);
    const bool fits = count && *count >= 1 && *count <= (name == "batch" ? most_rows : most_workers);
    return fits ? std::optional(static_cast<double>(*count)) : std::nullopt;
  }
  if (name == "wal_rate") {
    const auto bytes = migration::read_size(text);
    return bytes ? std::optional(static_cast<double>(*bytes)) : std::nullopt;
  }
  if (name == "replication_lag") {
    const auto lag = migration::read_duration(text);
    return lag ? std::optional(std::chrono::duration<double>(*lag).count()) : std::nullopt;
  }
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
  backfill::Tuning tuning{0,
                          plan.workers,
                          plan.wal_rate,
                          plan.replication_lag_s,
                          true,
                          plan.hold_while,
                          plan.hold_file,
                          plan.hours_from,
                          plan.hours_to};
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
