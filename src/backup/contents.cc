#include "backup/contents.h"

#include <fmt/format.h>

#include "base/text.h"
#include "catalog/cancel_on_stop.h"
#include "catalog/diff.h"
#include "catalog/fingerprint.h"
#include "pg/own_session.h"

namespace segue::backup {
namespace {

using catalog::TableData;

constexpr std::size_t kSaid = 12;  // differences in an error; more help nobody

// The bytes by md5, since a hash of rows needs them as one value anyway; sums do not depend on the order.
constexpr const char* kLargeObjects = R"(
  SELECT count(*), coalesce(sum(hashtextextended(oid::text || ' ' || md5(lo_get(oid)), 0)::numeric) % 18446744073709551616, 0)
  FROM pg_largeobject_metadata)";

Result<TableData> read_large_objects(pg::Connection& connection) {
  const auto rows = TRY(connection.query(kLargeObjects));
  return TableData{rows.integer(0, 0), rows.string(0, 1)};
}

void say_table(const std::string& name, const TableData* before, const TableData* after,
               std::vector<std::string>& said) {
  if (before != nullptr && after != nullptr && *before == *after) return;
  if (after == nullptr) {
    said.push_back(fmt::format("{} is missing ({} rows)", name, with_commas(before->rows)));
  } else if (before == nullptr) {
    said.push_back(fmt::format("{} is there, with {} rows, and was not", name, with_commas(after->rows)));
  } else if (before->rows != after->rows) {
    said.push_back(fmt::format("{}: {} rows became {}", name, with_commas(before->rows), with_commas(after->rows)));
  } else {
    said.push_back(fmt::format("{}: {} rows, but not the same values (hash {} became {})", name,
                               with_commas(before->rows), before->hash, after->hash));
  }
}

catalog::Snapshot without_tablespaces(catalog::Snapshot snapshot) {
  for (auto& [key, object] : snapshot.objects) object.attributes.erase("tablespace");
  return snapshot;
}

}  // namespace

std::string Contents::fingerprint() const {
  return catalog::fingerprint(catalog);
}

Result<Contents> read_contents(const std::string& url, const ContentsOptions& options) {
  auto connection = TRY(pg::open_own_session(url, "segue backup"));
  catalog::CancelOnStop cancel(options.stop);
  cancel.watch(connection);
  const auto read = [&]() -> Result<Contents> {
    Contents contents;
    TRY(connection.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY"));
    // The name comes from the server itself: hexadecimal digits and dashes.
    if (!options.snapshot.empty()) TRY(connection.execute("SET TRANSACTION SNAPSHOT '" + options.snapshot + "'"));
    contents.catalog = TRY(catalog::take_snapshot(connection));
    std::erase_if(contents.catalog.objects, [](const auto& one) { return one.first.first == "subscription"; });
    contents.large_objects = TRY(read_large_objects(connection));
    // Done with the catalog: the locks that it took go, so that nobody's DDL waits for the reading of rows.
    connection.rollback();
    const pg::ConnectOptions connect{
        .url = url, .application_name = "segue backup", .settings = {{"lock_timeout", "10s"}}};
    catalog::DataFingerprintOptions rows;
    rows.workers = options.workers;
    rows.snapshot = options.snapshot;
    rows.own_schemas = true;
    rows.stop = options.stop;
    contents.tables = TRY(catalog::data_fingerprint(connect, rows));
    return contents;
  };
  auto contents = read();
  if (!contents && options.stop != nullptr && *options.stop) return tl::unexpected(catalog::stopped_error());
  return contents;
}

std::vector<std::string> differences(const Contents& expected, const Contents& found, Leave leave) {
  auto said = catalog::sentences(
      leave.tablespaces ? catalog::diff(without_tablespaces(expected.catalog), without_tablespaces(found.catalog))
                        : catalog::diff(expected.catalog, found.catalog));
  const auto find = [](const catalog::DataFingerprint& tables, const std::string& name) {
    const auto at = tables.find(name);
    return at == tables.end() ? nullptr : &at->second;
  };
  for (const auto& [name, data] : expected.tables) say_table(name, &data, find(found.tables, name), said);
  for (const auto& [name, data] : found.tables) {
    if (!expected.tables.contains(name)) say_table(name, nullptr, &data, said);
  }
  say_table("large objects", &expected.large_objects, &found.large_objects, said);
  return said;
}

Status compare(const Contents& expected, const Contents& found, const std::string& where, Leave leave) {
  auto said = differences(expected, found, leave);
  if (said.empty()) return {};
  const std::size_t all = said.size();
  if (all > kSaid) said.resize(kSaid);
  return failure("backup-differs",
                 fmt::format("what was read back from the backup is not what the database holds: {}{}",
                             join(said, "; "), all > kSaid ? fmt::format("; and {} more", all - kSaid) : ""),
                 "this backup must not be relied on: take another one, and tell what differs if it does so again",
                 where);
}

}  // namespace segue::backup
