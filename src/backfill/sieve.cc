#include "backfill/sieve.h"

#include <fmt/format.h>

#include "backfill/quarantine.h"

namespace segue::backfill {
namespace {

constexpr std::int64_t most_beyond = 100;  // rows more than the limit allows

}  // namespace

plan::BackfillJob Sieve::job() const {
  return crew_.some_failed ? without_set_aside(job_, walk_.key(), settings_.step) : job_;
}

Status Sieve::read_types() {
  if (!types_.empty()) return {};
  std::vector<std::string> types;
  for (const auto& column : job_.columns) {
    types.push_back(TRY(connection_.value(
        "SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = $1::regclass AND attname = $2",
        {job_.table, unquoted(column)})));
  }
  types_ = std::move(types);
  return {};
}

Result<bool> Sieve::take_one(const std::optional<std::string>& after, const std::string& stop, Search how) {
  TRY(read_types());
  const auto rest = job();
  // Of all turns: the condition of one may be evaluated after what fails.
  const auto stretch = TRY(walk_.between(after, stop));
  const auto bad = TRY(find_bad_row(connection_, {rest, walk_.key(), stretch, types_}, how));
  if (!bad) return false;
  if (walk_.key().none()) return tl::unexpected(bad->error);
  TRY(set_aside(connection_, job_, walk_.key(), settings_.step, *bad));
  crew_.some_failed = true;
  const auto count = TRY(count_failed(connection_, settings_.step));
  if (count.failed <= settings_.failed_rows + most_beyond) return true;
  Error many = bad->error;
  many.message = fmt::format("{} rows cannot be carried so far: {}", count.failed, bad->error.message);
  return tl::unexpected(many);
}

}  // namespace segue::backfill
