#include "backup/tool_run.h"

#include <fmt/format.h>
#include <unistd.h>

#include "backup/program.h"
#include "base/text.h"
#include "catalog/cancel_on_stop.h"
#include "pg/connect_string.h"
#include "pg/embedded/places.h"

namespace segue::backup {
namespace {

constexpr const char* kLockers = R"(
  SELECT l.relation::regclass::text, l.pid, coalesce(a.usename, '?'), coalesce(nullif(a.application_name, ''), '?'),
    coalesce(left(regexp_replace(a.query, '\s+', ' ', 'g'), 100), '?')
  FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
  WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.granted
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.pid <> pg_backend_pid()
  LIMIT 3)";

// The lines that tell what went wrong, in one: "pg_dump: error: …", "pg_dump: detail: …" without the program's name.
std::string in_one_line(const std::string& messages) {
  std::vector<std::string> told;
  for (const std::string& line : split(messages, '\n')) {
    std::string_view rest = trim(line);
    const bool error = rest.find(": error: ") != std::string_view::npos;
    const bool detail = rest.find(": detail: ") != std::string_view::npos;
    if (!error && !detail && told.empty() && rest.find("ERROR:") == std::string_view::npos) continue;
    if (rest.starts_with("Command was:") || rest.starts_with("Query was:")) rest = rest.substr(0, 200);
    for (const std::string_view start : {"pg_dump: ", "pg_restore: ", "error: ", "detail: "}) {
      if (rest.starts_with(start)) rest.remove_prefix(start.size());
    }
    if (!rest.empty()) told.emplace_back(rest);
    if (told.size() == 6) break;
  }
  return told.empty() ? std::string(trim(messages)) : join(told, "; ");
}

std::string lockers(pg::Connection& asker) {
  const auto rows = asker.query(kLockers);
  std::vector<std::string> who;
  for (std::size_t row = 0; rows && row < rows->size(); ++row) {
    who.push_back(fmt::format("{} is locked by pid {} ({}, {}): {}", rows->text(row, 0), rows->text(row, 1),
                              rows->text(row, 2), rows->text(row, 3), rows->text(row, 4)));
  }
  return join(who, "; ");
}

Error full_disk(const std::string& message, const std::filesystem::path& folder) {
  return {"disk-full", message, folder, "free some, or name a folder on another disk with --to", {}, Exit::failed};
}

// Also what a server that was stopped or that ended our sessions says.
bool speaks_of_lost_connection(const std::string& said) {
  for (const char* words : {"server closed the connection", "terminating connection", "connection to server"}) {
    if (said.find(words) != std::string::npos) return true;
  }
  return false;
}

Error lost_connection(const std::string& message, const std::string& where) {
  return {"connection-lost", message, where, "run the same command again", {}, Exit::stopped};
}

Error dump_error(const std::string& messages, const Dump& dump, pg::Connection& asker) {
  const std::string said = pg::without_secrets(in_one_line(messages), dump.address.secrets());
  if (pg::embedded::speaks_of_full_disk(said))
    return full_disk("the disk filled up during the dump: " + said, dump.folder);
  const bool lock = (said.find("timeout") != std::string::npos && said.find("LOCK TABLE") != std::string::npos) ||
                    said.find("lock timeout") != std::string::npos ||
                    said.find("could not obtain lock") != std::string::npos;
  if (lock) {
    const std::string who = lockers(asker);
    return {"locked",
            fmt::format("the dump needs a look at every table, and one was locked for longer than {}: {}",
                        duration_text(dump.lock_wait_ms / 1000.0), who.empty() ? said : who),
            asker.target(),
            "wait until that is over (or end it), then the same command again",
            {},
            Exit::stopped};
  }
  if (speaks_of_lost_connection(said)) return lost_connection("pg_dump lost its connection: " + said, asker.target());
  return {"dump-failed",
          "pg_dump gave up: " + said,
          asker.target(),
          said.find("permission denied") != std::string::npos
              ? "take the backup as the owner, or GRANT pg_read_all_data"
              : "",
          {},
          Exit::failed};
}

}  // namespace

Status run_dump(const Dump& dump, pg::Connection& asker, const std::function<bool()>& go_on) {
  Program program;
  program.words = {dump.tools.pg_dump(),
                   "--format=directory",
                   fmt::format("--jobs={}", dump.jobs),
                   "--file=" + dump.folder.string(),
                   "--snapshot=" + dump.snapshot,
                   "--no-password",
                   fmt::format("--lock-wait-timeout={}", dump.lock_wait_ms),
                   "--compress=1",
                   "--no-sync"};
  if (const auto to = dump.address.argument(); !to.empty()) program.words.push_back("--dbname=" + to);
  program.environment = dump.address.environment();
  program.environment.push_back("PGAPPNAME=segue backup");
  const Ended ended = TRY(run_watched(program, go_on));
  if (ended.stopped) return tl::unexpected(catalog::stopped_error());
  if (ended.exit_code != 0) return tl::unexpected(dump_error(ended.messages, dump, asker));
  return {};
}

bool only_unknown_settings(const std::string& messages) {
  int errors = 0, unknown = 0;
  for (const std::string& line : split(messages, '\n')) {
    const bool error = line.find("pg_restore: error: ") != std::string::npos;
    errors += error ? 1 : 0;
    unknown += error && line.find("unrecognized configuration parameter") != std::string::npos ? 1 : 0;
  }
  return errors > 0 && errors == unknown && messages.find("errors ignored on restore") != std::string::npos;
}

Status run_restore(const Restore& restore, const std::function<bool()>& go_on) {
  const bool sets_too_much = restore.tools.version >= 17 && restore.tools.version > restore.server_major;
  Program program;
  program.words = {restore.tools.pg_restore(), fmt::format("--jobs={}", restore.jobs), "--no-password",
                   "--no-subscriptions", "--dbname=" + restore.address.argument(restore.database, restore.settings)};
  if (!sets_too_much) program.words.emplace_back("--exit-on-error");
  if (!restore.tablespaces) program.words.emplace_back("--no-tablespaces");
  program.words.push_back(restore.folder.string());
  program.environment = restore.address.environment();
  program.environment.push_back("PGAPPNAME=segue backup");
  const Ended ended = TRY(run_watched(program, go_on));
  if (ended.stopped) return tl::unexpected(catalog::stopped_error());
  if (ended.exit_code == 0) return {};
  if (sets_too_much && ended.exit_code == 1 && only_unknown_settings(ended.messages)) return {};
  const std::string said = pg::without_secrets(in_one_line(ended.messages), restore.address.secrets());
  if (pg::embedded::speaks_of_full_disk(said)) {
    return tl::unexpected(full_disk("the disk filled up during the restore: " + said, restore.folder));
  }
  if (speaks_of_lost_connection(said)) {
    return tl::unexpected(lost_connection("pg_restore lost its connection: " + said, restore.database));
  }
  return failure("restore-failed", "pg_restore gave up: " + said, "", restore.folder);
}

Status run_extract(const Tools& tools, const std::filesystem::path& folder, const std::string& schema,
                   const std::string& table, const std::function<void(std::string_view)>& take,
                   const std::function<bool()>& go_on) {
  Program program;
  program.words = {tools.pg_restore(), "--data-only", "--schema=" + schema,
                   "--table=" + table, "--file=-",    folder.string()};
  for (char** one = environ; *one != nullptr; ++one) program.environment.emplace_back(*one);
  program.output = take;
  const Ended ended = TRY(run_watched(program, go_on));
  if (ended.stopped) return tl::unexpected(catalog::stopped_error());
  if (ended.exit_code != 0)
    return failure("restore-failed", "pg_restore gave up: " + in_one_line(ended.messages), "", folder);
  return {};
}

}  // namespace segue::backup
