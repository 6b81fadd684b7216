#include "engine/hooks.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/clock.h"
#include "base/text.h"
#include "hooks/command.h"
#include "hooks/env_file.h"
#include "hooks/http.h"
#include "hooks/redis.h"
#include "hooks/url.h"
#include "pg/quote.h"

namespace segue::engine {
namespace {

using migration::Phase;
using plan::PlannedHook;

Result<std::vector<std::string>> filled(Work& work, const std::vector<std::string>& words) {
  std::vector<std::string> out;
  for (const auto& word : words) out.push_back(TRY(work.fill(word)));
  return out;
}

std::vector<hooks::EnvRename> renames_of(const PlannedHook& hook) {
  std::vector<hooks::EnvRename> list;
  for (const auto& [from, to] : hook.renames) list.push_back({from, to});
  return list;
}

Result<std::string> file_of(const Work& work, const PlannedHook& hook) {
  const std::filesystem::path file = hook.file;
  if (work.folder().empty() && file.is_relative()) {
    return failure("no-project", "the file is named from the project's folder, and there is none at hand",
                   "run it in the project, or name it with -C DIR", hook.file);
  }
  return (work.folder() / file).string();
}

Result<std::string> call_http(Work& work, const PlannedHook& hook, std::size_t ordinal) {
  hooks::HttpRequest request;
  request.url = TRY(work.fill(hook.url));
  request.method = hook.method;
  request.body = TRY(work.fill(hook.body));
  request.headers.emplace_back("Idempotency-Key", fmt::format("segue-{}-{}", work.run.id, ordinal));
  for (const auto& [name, value] : hook.headers) request.headers.emplace_back(name, TRY(work.fill(value)));
  const auto answer = TRY(hooks::ask(request, work.stop_flag()));
  if (answer.status >= 400) {
    return failure("refused-by-peer", fmt::format("it answered {}: {}", answer.status, one_line(answer.body)), {},
                   hooks::shown_url(request.url));
  }
  return fmt::format("answered {}", answer.status);
}

Result<std::string> run_command(Work& work, const PlannedHook& hook) {
  hooks::Command command;
  command.words = TRY(filled(work, hook.words));
  command.folder = work.folder();
  command.environment = {{"SEGUE_MIGRATION", work.run.migration},
                         {"SEGUE_RUN", std::to_string(work.run.id)},
                         {"SEGUE_BOUNDARY", hook.boundary}};
  const auto ended = TRY(hooks::run(command, work.stop_flag()));
  if (ended.exit_code != 0) {
    return failure("command-failed", fmt::format("it ended with {}: {}", ended.exit_code, one_line(ended.output)));
  }
  return ended.output.empty() ? "ended with 0" : one_line(ended.output);
}

// An attempt that was killed leaves an invalid index behind, which keeps being written to.
Status drop_leftovers(Work& work, const std::string& name) {
  const auto rows = TRY(work.connection.query(
      "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN "
      "pg_index i ON i.indexrelid = c.oid WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND i.indrelid "
      "IN (to_regclass($1), (SELECT indrelid FROM pg_index WHERE indexrelid = to_regclass($1)))",
      {name}));
  for (std::size_t row = 0; row < rows.size(); ++row) {
    TRY(work.connection.execute("DROP INDEX CONCURRENTLY IF EXISTS " + rows.string(row, 0)));
  }
  return {};
}

struct Relation {
  std::string quoted, kind;
  bool populated = false;
};

Result<Relation> relation(Work& work, const std::string& name) {
  const auto rows =
      TRY(work.connection.query("SELECT format('%I.%I', n.nspname, c.relname), c.relkind, c.relispopulated FROM "
                                "pg_class c JOIN pg_namespace n ON "
                                "n.oid = c.relnamespace WHERE c.oid = to_regclass($1)",
                                {name}));
  if (rows.empty()) return failure("no-such-relation", fmt::format("there is no {}", name));
  return Relation{rows.string(0, 0), rows.string(0, 1), rows.boolean(0, 2)};
}

Result<std::string> rebuild(Work& work, const PlannedHook& hook) {
  for (const auto& name : hook.words) {
    const auto found = TRY(relation(work, name));
    TRY(drop_leftovers(work, name));
    const bool index = found.kind == "i" || found.kind == "I";
    TRY(work.connection.execute(fmt::format("REINDEX {} CONCURRENTLY {}", index ? "INDEX" : "TABLE", found.quoted)));
  }
  return "rebuilt";
}

Result<std::string> refresh(Work& work, const PlannedHook& hook) {
  for (const auto& name : hook.words) {
    const auto found = TRY(relation(work, name));
    TRY(work.connection.execute(
        fmt::format("REFRESH MATERIALIZED VIEW {}{}", found.populated ? "CONCURRENTLY " : "", found.quoted)));
  }
  return "refreshed";
}

Result<std::string> forget(Work& work, const PlannedHook& hook) {
  const auto gone = TRY(hooks::forget_keys(TRY(work.fill(hook.url)), TRY(filled(work, hook.words)), work.stop_flag()));
  return fmt::format("{} keys forgotten", with_commas(gone.keys));
}

std::string told(const hooks::EnvChange& change) {
  std::string names;
  for (const auto& one : change.changed) names += fmt::format("{}{}", names.empty() ? "" : ", ", one.to);
  for (const auto& one : change.carried) names += fmt::format("; {} got the value that {} had", one.from, one.to);
  return names.empty() ? "nothing to change" : names;
}

Result<std::string> call(Work& work, const PlannedHook& hook, std::size_t ordinal) {
  if (hook.kind == "http") return call_http(work, hook, ordinal);
  if (hook.kind == "command") return run_command(work, hook);
  if (hook.kind == "redis") return forget(work, hook);
  if (hook.kind == "reindex") return rebuild(work, hook);
  if (hook.kind == "refresh") return refresh(work, hook);
  return told(TRY(hooks::rename_variables(TRY(file_of(work, hook)), renames_of(hook))));
}

Result<bool> has_answered(Work& work, std::size_t ordinal) {
  return TRY(work.connection.value(
             "SELECT EXISTS (SELECT FROM segue.hook_result WHERE run_id = $1 AND ordinal = $2 AND state = 'done')",
             {work.run.id, ordinal})) == "t";
}

// Before anything outside is told, that it will be is safe on disk.
Result<std::int64_t> note_intent(Work& work, const PlannedHook& hook, std::size_t ordinal) {
  TRY(work.connection.begin());
  TRY(work.connection.execute("SET LOCAL synchronous_commit = on"));
  const auto row = work.connection.query(
      "INSERT INTO segue.hook_result (run_id, ordinal, hook, phase, ok, state) VALUES ($1, $2, $3, "
      "$4, false, 'begun') RETURNING id",
      {work.run.id, ordinal, hook.title, hook.boundary});
  if (!row) {
    work.connection.rollback();
    return tl::unexpected(row.error());
  }
  const auto commit = work.connection.commit();
  if (commit.outcome != pg::CommitOutcome::committed) return tl::unexpected(commit.error);
  return row->integer(0, 0);
}

void tell(Work& work, const PlannedHook& hook, bool ok, const std::string& message, double seconds, bool down) {
  Event event;
  event.kind = Event::Kind::hook;
  event.title = hook.title;
  event.phase = hook.boundary;
  event.ok = ok;
  event.message = message;
  event.seconds = seconds;
  event.down = down;
  work.tell(event);
}

Error hook_failed(const Work& work, const PlannedHook& hook, const Error& error) {
  const bool stopped = error.exit == Exit::stopped;
  return {stopped ? error.code : "hook-failed",
          fmt::format("the hook '{}' {}: {}{}", hook.title, hook.boundary, error.message,
                      error.where.empty() ? "" : " (" + error.where + ")"),
          hook.where,
          fmt::format("{}both applications go on working: mend it and run the same command again, or let it be a "
                      "warning (on_failure: warn, before the run begins), or go back: segue rollback {}",
                      error.hint.empty() ? "" : error.hint + "; ", work.plan.migration),
          error.sqlstate,
          stopped ? Exit::stopped : Exit::failed};
}

Status run_hook(Work& work, const PlannedHook& hook, std::size_t ordinal) {
  const auto row = TRY(note_intent(work, hook, ordinal));
  const Stopwatch watch;
  const auto answer = call(work, hook, ordinal);
  if (!answer && work.connection.lost()) return tl::unexpected(answer.error());
  const auto message = answer ? *answer : answer.error().message;
  TRY(
      work.connection.execute("UPDATE segue.hook_result SET ok = $2, message = $3, seconds = $4, state = CASE WHEN $2 "
                              "THEN 'done' ELSE 'failed' "
                              "END WHERE id = $1",
                              {row, answer.has_value(), message, watch.seconds()}));
  tell(work, hook, answer.has_value(), message, watch.seconds(), false);
  if (answer) return {};
  if (hook.stops || answer.error().exit == Exit::stopped)
    return tl::unexpected(hook_failed(work, hook, answer.error()));
  return work.log("warning", "hook-failed", fmt::format("{}: {}", hook.title, message));
}

// "after switch" belongs to the switch, "before switch" too: both lie above the end of the phase before.
bool lies_above(const PlannedHook& hook, Phase to) {
  const auto phase = migration::phase_named(hook.boundary.substr(hook.boundary.rfind(' ') + 1));
  return phase && *phase > to;
}

Result<std::string> take_back(Work& work, const PlannedHook& hook) {
  if (hook.kind == "env") return told(TRY(hooks::take_back(TRY(file_of(work, hook)), renames_of(hook))));
  if (hook.kind == "redis") return forget(work, hook);
  if (hook.kind == "reindex") return rebuild(work, hook);
  if (hook.kind == "refresh") return refresh(work, hook);
  return std::string("it was told and is not told of the way back: do what is needed by hand");
}

}  // namespace

Status run_hooks(Work& work, const std::string& boundary) {
  for (std::size_t at = 0; at < work.plan.hooks.size(); ++at) {
    const auto& hook = work.plan.hooks[at];
    if (hook.boundary != boundary || TRY(has_answered(work, at + 1))) continue;
    if (work.asked_to_stop()) return tl::unexpected(work.stopped());
    TRY(run_hook(work, hook, at + 1));
  }
  return {};
}

Status take_back_hooks(Work& work, Phase to) {
  for (auto at = work.plan.hooks.size(); at-- > 0;) {
    const auto& hook = work.plan.hooks[at];
    if (!lies_above(hook, to)) continue;
    const auto called = TRY(work.connection.query(
        "SELECT EXISTS (SELECT FROM segue.hook_result WHERE run_id = $1 AND ordinal = $2 AND state <> 'undone')",
        {work.run.id, at + 1}));
    if (!called.boolean(0, 0)) continue;
    const auto answer = take_back(work, hook);
    if (!answer && work.connection.lost()) return tl::unexpected(answer.error());
    const bool by_hand = hook.kind == "http" || hook.kind == "command";
    tell(work, hook, answer && !by_hand, answer ? *answer : answer.error().message, 0, true);
    if (!answer) TRY(work.log("warning", "hook-not-taken-back", hook.title + ": " + answer.error().message));
    TRY(work.connection.execute("UPDATE segue.hook_result SET state = 'undone' WHERE run_id = $1 AND ordinal = $2",
                                {work.run.id, at + 1}));
  }
  return {};
}

}  // namespace segue::engine
