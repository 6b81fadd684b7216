#include "backup/restore.h"

#include <fmt/format.h>

#include "backup/facts.h"
#include "backup/restore_table.h"
#include "backup/tool_run.h"
#include "base/clock.h"
#include "base/text.h"
#include "catalog/cancel_on_stop.h"
#include "pg/own_session.h"
#include "pg/quote.h"

namespace segue::backup {
namespace {

Status check_empty(pg::Connection& connection) {
  auto there = TRY(what_is_there(connection));
  if (there.empty()) return {};
  const std::size_t all = there.size();
  if (all > 5) there.resize(5);
  return refused("not-empty",
                 fmt::format("a backup is restored into an empty database only, and this one holds {}{}",
                             join(there, ", "), all > 5 ? " and more" : ""),
                 "make a new one: CREATE DATABASE … TEMPLATE template0", connection.target());
}

Status check_roles(pg::Connection& connection, const Record& record) {
  std::vector<std::string> missing;
  for (const auto& role : record.roles) {
    const auto there = TRY(connection.value("SELECT count(*) FROM pg_roles WHERE rolname = $1", {role}));
    if (there == "0") missing.push_back(pg::display_name(role));
  }
  if (missing.empty()) return {};
  std::vector<std::string> made;
  for (const auto& role : missing) made.push_back("CREATE ROLE " + role + ";");
  return refused("no-role", "the server lacks roles that own or use what the backup holds: " + join(missing, ", "),
                 "make them first: " + join(made, " "), connection.target());
}

// The dump of a pg_dump is read by a pg_restore that is not older.
Result<Tools> tools_for(const Record& record, int server_major, const std::string& given) {
  if (record.kind != "full") {
    return usage_error("this backup holds copies of single tables, not a whole database", "restore one: --table NAME");
  }
  return find_tools(std::max(std::atoi(record.pg_dump.c_str()), std::min(server_major, record.server_version / 10000)),
                    given);
}

Error with_part(Error error, const std::string& database) {
  error.hint +=
      std::string(error.hint.empty() ? "" : "; ") + "the database holds a part now: drop it and make a new one";
  if (error.where.empty()) error.where = database;
  return error;
}

}  // namespace

Result<Restored> restore(const RestoreRequest& request) {
  const Stopwatch clock;
  const Record record = TRY(read_record(request.folder));
  const Address address = TRY(Address::read(request.url));
  auto connection = TRY(pg::open_own_session(address.url(), "segue backup"));
  const Facts target = TRY(read_facts(connection));
  const Tools tools = TRY(tools_for(record, target.major(), request.pg_bin));
  const Contents expected = TRY(read_stored_contents(request.folder, record));
  TRY(check_empty(connection));
  TRY(check_roles(connection, record));
  if (expected.catalog.find("schema", "public") == nullptr) TRY(connection.execute("DROP SCHEMA IF EXISTS public"));

  const std::string settings = "-c default_transaction_read_only=off";
  const Restore job{address,      target.database, settings, tools, request.folder / "dump",
                    request.jobs, target.major(),  true};
  std::uint64_t total = 0;
  for (const auto& [name, data] : record.tables) total += static_cast<std::uint64_t>(data.rows);
  Stopwatch since_told;
  auto done = run_restore(job, [&] {
    if (request.watch.progress && since_told.seconds() > 0.5) {
      since_told = Stopwatch();
      const auto size = connection.value("SELECT pg_database_size(current_database())::text");
      request.watch.progress({Stage::reading_back, size ? std::stoull(*size) : 0, 0});
    }
    return !request.watch.stopped();
  });
  if (!done) return tl::unexpected(with_part(done.error(), connection.target()));
  if (request.watch.progress) request.watch.progress({Stage::comparing, 0, 0});
  ContentsOptions options;
  options.stop = request.watch.stop;
  const auto found = TRY(read_contents(address.url({}, settings), options));
  TRY(compare(expected, found, connection.target()));
  return Restored{connection.target(), static_cast<std::int64_t>(record.tables.size()),
                  static_cast<std::int64_t>(total), clock.seconds()};
}

namespace {

Result<ReadBack> verify_dump(const VerifyRequest& request, const Record& record) {
  ReadBackRequest back;
  std::optional<Address> address;
  if (!request.private_server) {
    address = TRY(Address::read(request.url));
    auto connection = TRY(pg::open_own_session(address->url(), "segue backup"));
    back.facts = TRY(read_facts(connection));
    back.address = &*address;
    TRY(check_roles(connection, record));
  } else {
    back.facts.version = record.server_version;
    back.facts.superuser = true;
  }
  back.facts.creation = record.create;
  back.facts.encoding_only = record.create_plain;
  back.facts.roles = record.roles;
  back.tools = TRY(tools_for(record, back.facts.major(), request.pg_bin));
  const Contents expected = TRY(read_stored_contents(request.folder, record));
  back.dump = request.folder / "dump";
  back.expected = &expected;
  back.jobs = request.jobs;
  back.on = request.private_server ? ReadBackOn::private_server : ReadBackOn::server_or_private;
  back.watch = request.watch;
  return ReadBack{true, TRY(read_back(back)), {}};
}

}  // namespace

Result<ReadBack> verify(const VerifyRequest& request) {
  Record record = TRY(read_record(request.folder));
  auto outcome = record.kind == "full" ? verify_dump(request, record)
                                       : load_all_copies(request.url, request.folder, record, request.watch.stop);
  if (!outcome && request.watch.stopped()) return tl::unexpected(catalog::stopped_error());
  if (!outcome && outcome.error().code != "backup-differs") return outcome;
  if (outcome) outcome->at = now_text();
  // A backup that does not come back equal is not one that was read back, whatever was so before.
  record.read_back = outcome ? *outcome : ReadBack{false, record.read_back.where, now_text()};
  TRY(write_record(request.folder, record));
  return outcome;
}

}  // namespace segue::backup
