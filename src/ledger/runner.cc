#include "ledger/runner.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/clock.h"
#include "base/identity.h"

namespace segue::ledger {
namespace {

// Two numbers of our own, so that no application's advisory lock meets ours.
constexpr const char* lock_key = "7305803, 2";

tl::unexpected<Error> another_runner(pg::Connection& connection) {
  const auto runner = last_runner(connection);
  const std::string who = runner && *runner ? fmt::format("{} is running '{}'; its last sign of life was {} s ago",
                                                          (*runner)->who, (*runner)->migration, (*runner)->silent_s)
                                            : "somebody else is running";
  return tl::unexpected(
      Error{"another-runner",
            who,
            {},
            "wait for it (segue status shows how far it is), or segue pause; a dead one is taken over "
            "as soon as the server has noticed",
            {},
            Exit::stopped});
}

}  // namespace

Result<std::optional<Runner>> last_runner(pg::Connection& connection) {
  const auto rows = TRY(connection.query(
      "SELECT owner, host, pid::text, migration, extract(epoch FROM now() - heartbeat)::numeric(10, 1)::text, "
      "backend_pid::text, coalesce(to_jsonb(r) ->> 'progress', '') FROM segue.runner r"));
  if (rows.empty()) return std::optional<Runner>();
  Runner runner;
  runner.who = fmt::format("{} on {} (process {})", rows.text(0, 0), rows.text(0, 1), rows.text(0, 2));
  runner.migration = rows.string(0, 3);
  runner.silent_s = rows.string(0, 4);
  runner.backend_pid = rows.string(0, 5);
  runner.progress = rows.string(0, 6);
  return std::optional(std::move(runner));
}

Result<std::int64_t> become_runner(pg::Connection& connection, const std::string& migration, int patience_ms) {
  const Stopwatch waited;
  const auto lock = fmt::format("SELECT pg_try_advisory_lock({})", lock_key);
  std::string heard_first;
  while (TRY(connection.value(lock)) != "t") {
    // Whose heart beats is alive, and waiting would not help; whose does not has just been killed, and is gone soon.
    const auto heard = connection.value("SELECT heartbeat::text FROM segue.runner");
    if (heard && heard_first.empty()) heard_first = *heard;
    const bool alive = heard && *heard != heard_first;
    if (alive || waited.seconds() * 1000 > patience_ms) return another_runner(connection);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  const auto epoch = TRY(connection.query(
      "INSERT INTO segue.runner (pid, host, owner, backend_pid, migration) VALUES ($1, $2, $3, pg_backend_pid(), $4) "
      "ON "
      "CONFLICT (singleton) DO UPDATE SET pid = excluded.pid, host = excluded.host, owner = excluded.owner, "
      "backend_pid = "
      "excluded.backend_pid, migration = excluded.migration, heartbeat = now(), progress = '', epoch = "
      "segue.runner.epoch + 1, "
      "pause_requested = false RETURNING epoch",
      {static_cast<int>(::getpid()), host_name(), user_name(), migration}));
  return epoch.integer(0, 0);
}

Status heartbeat(pg::Connection& connection, std::int64_t epoch, const std::string& progress) {
  return connection.execute("UPDATE segue.runner SET heartbeat = now(), progress = $2 WHERE epoch = $1",
                            {epoch, progress});
}

Status request_pause(pg::Connection& connection) {
  return connection.execute("UPDATE segue.runner SET pause_requested = true");
}

Result<bool> pause_requested(pg::Connection& connection, std::int64_t epoch) {
  const auto rows = TRY(connection.query("SELECT pause_requested FROM segue.runner WHERE epoch = $1", {epoch}));
  return !rows.empty() && rows.boolean(0, 0);
}

Result<bool> runner_is_there(pg::Connection& connection) {
  return TRY(connection.value(
             "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 7305803 AND "
             "objid = 2 AND objsubid = 2 AND granted AND database = (SELECT oid FROM pg_database WHERE "
             "datname = current_database()))")) == "t";
}

}  // namespace segue::ledger
