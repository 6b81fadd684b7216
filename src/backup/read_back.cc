#include "backup/read_back.h"

#include <fmt/format.h>

#include <algorithm>

#include "backup/folder.h"
#include "backup/scratch.h"
#include "backup/tool_run.h"
#include "base/clock.h"
#include "catalog/cancel_on_stop.h"
#include "pg/embedded/cluster.h"
#include "pg/own_session.h"
#include "pg/quote.h"

namespace segue::backup {
namespace {

// A standby need not wait for a database that goes in a minute. A login trigger of the dump must not meet our sessions;
// only a superuser can have restored one.
std::string scratch_settings(int major, bool superuser) {
  std::string settings = "-c synchronous_commit=off -c default_transaction_read_only=off";
  if (major >= 17 && superuser) settings += " -c event_triggers=off";
  return settings;
}

struct Place {
  Address address;
  std::string creation;
  bool superuser = false;
  bool same_server = true;
};

Status restore_and_compare(const ReadBackRequest& request, const Place& place) {
  auto made = Scratch::make(place.address, place.creation);
  if (!made) return tl::unexpected(made.error());
  const std::string settings = scratch_settings(request.facts.major(), place.superuser);
  const std::string url = place.address.url(made->name(), settings);
  if (request.expected->catalog.find("schema", "public") == nullptr) {
    auto connection = TRY(pg::open_own_session(url, "segue backup"));
    TRY(connection.execute("DROP SCHEMA public"));
  }

  Restore restore{place.address, made->name(),          settings,         request.tools, request.dump,
                  request.jobs,  request.facts.major(), place.same_server};
  Stopwatch since_told;
  TRY(run_restore(restore, [&] {
    if (request.watch.progress && since_told.seconds() > 0.5) {
      since_told = Stopwatch();
      request.watch.progress({Stage::reading_back, made->bytes(), request.facts.bytes});
    }
    return !request.watch.stopped();
  }));
  if (request.watch.progress) request.watch.progress({Stage::comparing, 0, 0});
  ContentsOptions options;
  options.stop = request.watch.stop;
  const auto found = TRY(read_contents(url, options));
  return compare(*request.expected, found, place.same_server ? kOnServer : kOnPrivate, {!place.same_server});
}

Result<pg::Cluster> private_server(const ReadBackRequest& request) {
  pg::ClusterOptions wanted;
  wanted.bin_dir = request.server_bin;
  if (wanted.bin_dir.empty()) {
    const auto servers = pg::all_servers();
    const auto found = std::find_if(servers.begin(), servers.end(),
                                    [&](const auto& server) { return server.version == request.facts.major(); });
    if (found == servers.end()) {
      return refused(
          "cannot-read-back",
          fmt::format("reading the backup back needs a PostgreSQL {} server on this machine, and there is none",
                      request.facts.major()),
          fmt::format("let the user create databases on the server (ALTER ROLE {} CREATEDB), install "
                      "postgresql-{}, or leave out the read-back: --no-read-back",
                      pg::display_name(request.facts.user), request.facts.major()));
    }
    wanted.bin_dir = found->bin_dir;
  }
  return pg::Cluster::start(wanted);
}

Status on_private_server(const ReadBackRequest& request) {
  const auto cluster = TRY(private_server(request));
  auto connection = TRY(pg::open_own_session(cluster.url(), "segue backup"));
  for (const auto& role : request.facts.roles) {
    const auto there = TRY(connection.value("SELECT count(*) FROM pg_roles WHERE rolname = $1", {role}));
    if (there == "0") TRY(connection.execute("CREATE ROLE " + pg::quote_name(role) + " NOLOGIN"));
  }
  Place place{TRY(Address::read(cluster.url())), request.facts.creation, true, false};
  auto outcome = restore_and_compare(request, place);
  // A locale that this machine lacks: the order of text is the machine's own, and no row depends on it.
  if (!outcome && (outcome.error().sqlstate == "22023" || outcome.error().sqlstate == "42809")) {
    place.creation = request.facts.encoding_only + " LC_COLLATE 'C' LC_CTYPE 'C'";
    if (request.notes != nullptr) {
      request.notes->push_back("this machine lacks the database's locale; the backup was read back in the locale C");
    }
    outcome = restore_and_compare(request, place);
  }
  return outcome;
}

// What another server could still do: the user lacks rights on this one.
bool for_want_of_rights(const ReadBackRequest& request, const Error& error) {
  return !request.facts.superuser && (error.code == "restore-failed" || error.sqlstate == "42501");
}

}  // namespace

Result<std::string> read_back(const ReadBackRequest& request) {
  if (request.watch.progress) request.watch.progress({Stage::reading_back, 0, request.facts.bytes});
  std::string why;
  if (request.on == ReadBackOn::server_or_private && request.address != nullptr && request.facts.may_create_database) {
    const auto done =
        restore_and_compare(request, {*request.address, request.facts.creation, request.facts.superuser, true});
    if (done) return std::string(kOnServer);
    if (request.watch.stopped()) return tl::unexpected(catalog::stopped_error());
    if (!for_want_of_rights(request, done.error())) return tl::unexpected(done.error());
    why = done.error().message;
  }
  auto done = on_private_server(request);
  if (done) return std::string(kOnPrivate);
  if (request.watch.stopped()) return tl::unexpected(catalog::stopped_error());
  Error error = done.error();
  if (!why.empty()) error.message += fmt::format(" (on the server itself it could not be done: {})", why);
  return tl::unexpected(std::move(error));
}

}  // namespace segue::backup
