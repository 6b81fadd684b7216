#include "engine/preflight.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "engine/asked.h"
#include "ledger/schema.h"
#include "pg/capability_room.h"
#include "proof/stars.h"

namespace segue::engine {
namespace {

using Weight = Finding::Weight;

constexpr std::size_t most_shown = 10;  // statements with a star

// As people write it.
std::string shown(const std::string& table) {
  return table.starts_with("public.") ? table.substr(7) : table;
}

Finding about_stars(const proof::Stars& stars) {
  Finding finding{stars_finding};
  finding.count = static_cast<std::int64_t>(stars.statements.size() + stars.functions.size());
  std::vector<std::string> named;
  for (const auto& star : stars.statements) {
    if (named.size() == most_shown) break;
    named.push_back(fmt::format("{} by {}, {} calls: {}", shown(star.table), star.role, with_commas(star.calls),
                                one_line(star.text, 100)));
  }
  for (const auto& star : stars.functions) {
    if (named.size() == most_shown) break;
    named.push_back(fmt::format("{} in the function {}", shown(star.table), star.text));
  }
  if (finding.count > 0) {
    finding.weight = Weight::warning;
    finding.message = fmt::format(
        "{} take the columns of tables that get other columns as they come; a prepared one fails then until it is "
        "prepared again: {}{}",
        finding.count, join(named, "; "),
        static_cast<std::size_t>(finding.count) > named.size()
            ? fmt::format("; and {} more", static_cast<std::size_t>(finding.count) - named.size())
            : "");
    finding.fix = "name the columns, or recycle the connection pools of the applications after expand";
    if (!stars.readable) finding.message += " (not all could be read: " + stars.message + ")";
    return finding;
  }
  if (!stars.readable) finding.weight = Weight::unread;
  finding.message = stars.readable ? "none of the recorded statements and functions is one over these tables"
                                   : "could not be read: " + stars.message;
  return finding;
}

// Approved was one plan, and this may be another: the file or the catalog has changed since.
Result<Finding> approved_plan(Work& work) {
  Finding finding{"approved plan"};
  const auto rows = TRY(work.connection.query(
      "SELECT plan_hash, person, role, at::timestamp(0)::text FROM segue.approval WHERE migration = $1 AND kind = "
      "'plan' AND NOT void ORDER BY id DESC LIMIT 1",
      {work.run.migration}));
  if (rows.empty()) {
    finding.message = "nobody has approved one";
    return finding;
  }
  const bool same = rows.text(0, 0) == work.plan.hash;
  finding.message = fmt::format("{} as {} approved {} the plan {}", rows.text(0, 1), rows.text(0, 2), rows.text(0, 3),
                                rows.text(0, 0));
  if (same) return finding;
  finding.weight = Weight::warning;
  finding.message += fmt::format("; this one is {}: the file or the catalog has changed since", work.plan.hash);
  finding.fix = fmt::format("look at it and approve it again: segue plan {0}; segue approve {0} plan --as ROLE",
                            work.run.migration);
  return finding;
}

// Where standbys are waited for that are not there, this must not wait too.
Status keep(Work& work, const std::vector<Finding>& found) {
  TRY(work.connection.begin());
  auto kept = work.connection.execute("SET LOCAL synchronous_commit = local");
  for (const auto& one : found) {
    if (!kept) break;
    kept = work.connection.execute(
        "INSERT INTO segue.preflight_result (run_id, name, ok, message) VALUES ($1, $2, $3, $4)",
        {work.run.id, one.name, !one.hinders(), one.message});
  }
  if (!kept) {
    work.connection.rollback();
    return kept;
  }
  const auto commit = work.connection.commit();
  if (commit.outcome != pg::CommitOutcome::committed) return tl::unexpected(commit.error);
  return {};
}

Error error_of(const Finding& finding) {
  return {"preflight", fmt::format("{}: {}", finding.name, finding.message),
          {},          finding.fix + " (segue doctor asks again)",
          {},          Exit::usage};
}

}  // namespace

Result<Finding> whose_ledger(pg::Connection& connection) {
  Finding finding{"ledger"};
  if (!TRY(ledger::exists(connection))) {
    finding.message = "there is none yet";
    return finding;
  }
  // pg_control_system() needs rights that a managed server may not give.
  const bool may = TRY(connection.value("SELECT has_function_privilege('pg_control_system()', 'EXECUTE')")) == "t";
  const auto rows = connection.query(
      fmt::format("SELECT l.database_oid = d.oid, l.system_identifier = '' OR l.system_identifier = {} FROM "
                  "segue.ledger_version l, "
                  "pg_database d WHERE d.datname = current_database()",
                  may ? "(SELECT system_identifier::text FROM pg_control_system())" : "l.system_identifier"));
  if (!rows || rows->empty()) {
    if (connection.lost()) return tl::unexpected(rows.error());
    finding.weight = Weight::unread;
    finding.message = "could not be read: " + (rows ? std::string("it is not made yet") : rows.error().message);
    return finding;
  }
  if (rows->boolean(0, 0) && rows->boolean(0, 1)) {
    finding.message = "it belongs to this database";
    return finding;
  }
  finding.weight = Weight::stops;
  finding.message =
      fmt::format("this is a copy: the ledger in it was made in {}",
                  rows->boolean(0, 1) ? "another database of this server" : "a database of another server");
  finding.fix =
      "on a copy: DROP SCHEMA segue CASCADE. Where this is the database itself, moved or upgraded: UPDATE "
      "segue.ledger_version SET database_oid = (SELECT oid FROM pg_database WHERE datname = current_database()), "
      "system_identifier = (SELECT system_identifier::text FROM pg_control_system())";
  return finding;
}

Status fit_to_begin(pg::Connection& connection) {
  const auto commits = TRY(pg::commits_return(connection));
  if (commits.weight == Weight::stops) return tl::unexpected(error_of(commits));
  const auto ledger = TRY(whose_ledger(connection));
  if (ledger.weight == Weight::stops) return tl::unexpected(error_of(ledger));
  return {};
}

Result<std::vector<Finding>> preflight(Work& work) {
  const auto asked = asked_by(work.plan);
  auto found = TRY(pg::capabilities(work.connection, asked.scope));
  for (auto& one : found) {
    if (one.name == "direct connection" && one.hinders() && work.proxy_is_session()) one.weight = Weight::warning;
  }
  found.push_back(TRY(pg::room(work.connection, asked.writes)));
  found.push_back(TRY(whose_ledger(work.connection)));
  found.push_back(TRY(approved_plan(work)));
  found.push_back(about_stars(TRY(proof::find_stars(work.connection, asked.reshaped))));
  return found;
}

Status pass_preflight(Work& work) {
  const auto found = TRY(preflight(work));
  TRY(keep(work, found));
  for (const auto& one : found) {
    if (one.weight != Weight::warning) continue;
    Event event;
    event.ok = false;
    event.message = fmt::format("{}: {}", one.name, one.message);
    work.tell(event);
  }
  const auto stop =
      std::find_if(found.begin(), found.end(), [](const auto& one) { return one.weight == Weight::stops; });
  if (stop != found.end()) return tl::unexpected(error_of(*stop));
  return {};
}

}  // namespace segue::engine
