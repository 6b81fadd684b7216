#include "engine/work.h"

#include <fmt/format.h>

#include <cstdlib>
#include <functional>

#include "base/json.h"
#include "engine/settle.h"
#include "engine/tuning.h"
#include "ledger/event.h"
#include "ledger/runner.h"
#include "ledger/schema.h"
#include "ledger/tuning.h"
#include "migration/value.h"
#include "pg/own_session.h"
#include "pg/quote.h"

namespace segue::engine {
namespace {

Result<std::string> put_values(const std::string& text,
                               const std::function<Result<std::string>(const migration::Placeholder&)>& value_of) {
  const migration::Text wrapped{text, {}, {}, {}, 0, false};
  auto holes = migration::find_placeholders(wrapped);
  std::string out = text;
  for (auto hole = holes.rbegin(); hole != holes.rend(); ++hole) {
    if (hole->length > 0) out.replace(hole->offset, hole->length, TRY(value_of(*hole)));
  }
  return out;
}

constexpr int runner_patience_ms = 30000;  // a session whose client was just killed is gone by then

Status fit_for_a_runner(pg::Connection& connection, bool proxy_is_session) {
  const auto pid = TRY(connection.value("SELECT pg_backend_pid()"));
  if (pid != std::to_string(connection.backend_pid()) && !proxy_is_session) {
    return failure(
        "proxy", "a proxy shares sessions between clients: the session that answers is not the one that was opened",
        "connect to the server itself: a lock held by a session would be lost between two statements; a proxy "
        "that keeps one session for each client (session mode) is fine: --proxy-is-session");
  }
  if (TRY(connection.value("SELECT pg_is_in_recovery()")) == "t") {
    return failure("standby", "this server is a standby and cannot be written to", "connect to the primary");
  }
  return {};
}

// Autovacuum gives way to a lock request only after the requester's deadlock_timeout; setting it needs a right that a
// managed server may not give, and then we wait for the vacuum.
void shorten_deadlock_timeout(pg::Connection& connection) {
  (void)connection.execute("SET deadlock_timeout = '5ms'");
}

}  // namespace

Work::Work(const Options& options, pg::Connection first, pg::Connection second)
    : connection(std::move(first)),
      observer(std::move(second)),
      options_(options),
      stop_(options.stop != nullptr ? options.stop : &own_stop_) {}

Result<std::unique_ptr<Work>> Work::begin(const Options& options, const std::string& migration) {
  auto connection = TRY(pg::open_own_session(options.database, "segue"));
  TRY(fit_for_a_runner(connection, options.proxy_is_session));
  TRY(ledger::ensure(connection));
  auto observer = TRY(pg::open_own_session(options.database, "segue observer"));
  std::unique_ptr<Work> work(new Work(options, std::move(connection), std::move(observer)));
  work->epoch = TRY(ledger::become_runner(work->connection, migration, runner_patience_ms));
  shorten_deadlock_timeout(work->connection);
  work->heart_ = std::thread([raw = work.get(), database = options.database] { raw->beat(); });
  return work;
}

Result<std::unique_ptr<Work>> Work::look(const Options& options) {
  auto connection = TRY(pg::open_own_session(options.database, "segue"));
  auto observer = TRY(pg::open_own_session(options.database, "segue observer"));
  return std::unique_ptr<Work>(new Work(options, std::move(connection), std::move(observer)));
}

Work::~Work() {
  ending_ = true;
  if (heart_.joinable()) heart_.join();
}

// What changes of other tables have missed, within a second. Nobody waits for it, and it waits for nobody long.
void Work::settle_a_little(pg::Connection& session) {
  std::vector<std::string> functions;
  {
    const std::lock_guard<std::mutex> guard(set_mutex_);
    functions = settles_;
  }
  if (functions.empty()) return;
  (void)session.script("SET lock_timeout = '40ms'; SET statement_timeout = '200ms'");
  for (const auto& function : functions) (void)settle_once(session, function, few_changes);
  (void)session.script("RESET lock_timeout; RESET statement_timeout");
}

// A session of its own: the observer's belongs to the working thread.
void Work::beat() {
  auto session = pg::open_own_session(options_.database, "segue heartbeat");
  for (int tick = 0; !ending_; ++tick) {
    if (session && tick % 20 == 0) {
      if (session->lost() || !ledger::heartbeat(*session, epoch, progress()))
        session = pg::open_own_session(options_.database, "segue heartbeat");
      if (session) {
        const auto asked = ledger::pause_requested(*session, epoch);
        if (asked && *asked) {
          paused_ = true;
          *stop_ = true;
        }
        if (auto set = ledger::tuning_of(*session, run_id_)) {
          const std::lock_guard<std::mutex> guard(set_mutex_);
          set_ = std::move(*set);
        }
        settle_a_little(*session);
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

Status Work::use(const ledger::Run& which) {
  run = which;
  run_id_ = which.id;
  plan = TRY(plan::from_stored(which.plan));
  {
    const std::lock_guard<std::mutex> guard(set_mutex_);
    settles_ = plan.settles;
  }
  TRY(reload_steps());
  if (steps.size() == plan.steps.size()) return {};
  return failure("ledger-broken",
                 fmt::format("the ledger has {} steps of this run, its plan has {}", steps.size(), plan.steps.size()),
                 "somebody changed schema segue by hand, or it was restored in part: put segue.step back as it was",
                 "segue.step");
}

Status Work::reload_steps() {
  steps = TRY(ledger::steps_of(connection, run.id));
  return {};
}

std::string Work::progress() const {
  const std::lock_guard<std::mutex> guard(set_mutex_);
  return progress_ ? to_json(*progress_).dump() : std::string();
}

void Work::tell(const Event& event) const {
  if (event.kind == Event::Kind::progress || event.kind == Event::Kind::step_done) {
    const std::lock_guard<std::mutex> guard(set_mutex_);
    progress_.reset();
    if (event.kind == Event::Kind::progress) progress_ = event;
  }
  if (options_.listener) options_.listener(event);
}

Status Work::log(const std::string& level, const std::string& code, const std::string& message) {
  return ledger::add_event(connection, run.id, level, code, message);
}

bool Work::asked_to_stop() const {
  return *stop_;
}

backfill::Tuning Work::tuning() const {
  const std::lock_guard<std::mutex> guard(set_mutex_);
  return tuning_from(plan, set_);
}

Error Work::stopped() const {
  return {"stopped", paused_ ? "paused, as asked" : "stopped, as asked",
          {},        "run the same command again to go on",
          {},        Exit::stopped};
}

Error Work::as_told(Error error) const {
  if (error.code == "stopped" && paused_) error.message = stopped().message;
  return error;
}

// Noted by this run, or by an earlier one of this migration whose first row is there (again).
Result<std::optional<std::string>> Work::noted_first() {
  const auto noted = TRY(connection.query(
      "SELECT b.value, b.run_id = $2 FROM segue.baseline b JOIN segue.migration_history h ON h.id = b.run_id WHERE "
      "h.migration = $1 AND b.name = 'first' AND b.run_id <= $2 ORDER BY b.run_id DESC LIMIT 1",
      {run.migration, run.id}));
  if (noted.empty()) return std::optional<std::string>();
  if (noted.boolean(0, 1)) return std::optional(noted.string(0, 0));
  const auto found = TRY(connection.query(plan.first_by_key, {noted.string(0, 0)}));
  return found.empty() ? std::optional<std::string>() : std::optional(found.string(0, 0));
}

Result<bool> Work::first_is_there() {
  return TRY(noted_first()).has_value();
}

Result<bool> Work::comes_again(std::int64_t step_row) {
  return TRY(connection.value("SELECT EXISTS (SELECT FROM segue.baseline WHERE run_id = $1 AND name = 'again ' || $2)",
                              {run.id, step_row})) == "t";
}

Status Work::note_first_made() {
  return connection.execute(
      "INSERT INTO segue.baseline (run_id, name, value) SELECT $1, 'first was made', $2 ON CONFLICT DO NOTHING",
      {run.id, TRY(first_key())});
}

Result<bool> Work::first_was_made() {
  return TRY(connection.value(
             "SELECT EXISTS (SELECT FROM segue.baseline b JOIN segue.migration_history h ON h.id = b.run_id WHERE "
             "h.migration = $1 AND b.name = 'first was made' AND b.value = $2)",
             {run.migration, TRY(first_key())})) == "t";
}

Result<std::string> Work::first_key() {
  if (first_) return *first_;
  auto key = TRY(noted_first());
  if (!key) key = TRY(connection.value(plan.first_query));
  // A mere look changes nothing; only a runner has an epoch.
  if (epoch > 0) {
    TRY(connection.execute(
        "INSERT INTO segue.baseline (run_id, name, value) VALUES ($1, 'first', $2) ON CONFLICT DO NOTHING",
        {run.id, *key}));
  }
  first_ = key;
  return *key;
}

Result<std::string> Work::resolve(const std::string& text) {
  return put_values(text, [&](const migration::Placeholder& hole) -> Result<std::string> {
    return pg::quote_literal(TRY(hole.is_first ? first_key() : connection.value(hole.inside)));
  });
}

Result<std::string> Work::fill(const std::string& text) {
  return put_values(text, [&](const migration::Placeholder& hole) -> Result<std::string> {
    if (!migration::names_a_variable(hole.inside)) return hole.is_first ? first_key() : connection.value(hole.inside);
    if (const char* value = std::getenv(hole.inside.c_str())) return std::string(value);
    return failure("no-such-variable", fmt::format("the environment has no variable {}", hole.inside),
                   fmt::format("export {}=…, then the same command again", hole.inside));
  });
}

}  // namespace segue::engine
