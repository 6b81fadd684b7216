// What everything in the engine shares while a run is under way: the session, the run, the plan, who listens.
//
// One thread works with one session (which holds the runner's lock); a second session keeps the heartbeat and looks who
// is in the way. Nothing here lives longer than the command that made it.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "backfill/tuning.h"
#include "engine/event.h"
#include "ledger/run.h"
#include "ledger/step.h"
#include "pg/connection.h"
#include "plan/plan.h"

namespace segue::engine {

struct Options {
  std::string database;
  Listener listener;
  std::atomic<bool>* stop = nullptr;  // set from a signal handler: stop after what is under way
  std::string folder = {};            // the project's: files and commands of hooks and gates are looked for from here
  bool proxy_is_session = false;      // the user's word that what stands between keeps one session for each client
  int end_blockers_after_s = 0;       // an explicit choice: sessions that hold a lock for so long are ended
};

class Work {
 public:
  // Connects, refuses what cannot be a runner's session (a proxy that shares sessions, a standby), takes the runner's
  // lock and makes the ledger.
  static Result<std::unique_ptr<Work>> begin(const Options& options, const std::string& migration);
  // The same without the lock and without changing anything: to look, also beside a run.
  static Result<std::unique_ptr<Work>> look(const Options& options);
  ~Work();

  // Which run it is about; its plan and steps are read from the ledger.
  Status use(const ledger::Run& run);
  Status reload_steps();

  void tell(const Event& event) const;
  // Of the backfill that is under way, as JSON; empty: none is.
  std::string progress() const;
  Status log(const std::string& level, const std::string& code, const std::string& message);
  bool asked_to_stop() const;
  const std::string& database() const { return options_.database; }
  const std::string& folder() const { return options_.folder; }
  // Set by a signal and by `segue pause` alike.
  const std::atomic<bool>* stop_flag() const { return stop_; }
  bool proxy_is_session() const { return options_.proxy_is_session; }
  // After how many seconds sessions that are in the way are ended; 0: never.
  int end_blockers_after_s() const { return options_.end_blockers_after_s; }
  // The limits of the plan, and what somebody has set since.
  backfill::Tuning tuning() const;
  Error stopped() const;
  // An error as its user hears it: what was stopped was stopped by a signal, or paused.
  Error as_told(Error error) const;

  // The text with ${first} and other placeholders replaced by their values as literals.
  Result<std::string> resolve(const std::string& text);
  // The same with the values as they are, for what goes out of the database; ${NAME} is a variable of the environment.
  Result<std::string> fill(const std::string& text);
  // The key of the first row. It is found once and noted in the ledger: whatever becomes of the column that it was
  // found by, it stays the first.
  Result<std::string> first_key();
  // Whether an earlier run has noted one that is still there.
  Result<bool> first_is_there();
  // Whether this step was undone once in this run.
  Result<bool> comes_again(std::int64_t step_row);
  // That a run of this migration made it, this one or an earlier one whose row has come back.
  Status note_first_made();
  Result<bool> first_was_made();

  pg::Connection connection;
  pg::Connection observer;
  std::int64_t epoch = 0;
  ledger::Run run;
  plan::Plan plan;
  std::vector<ledger::StepRow> steps;

 private:
  Work(const Options& options, pg::Connection connection, pg::Connection observer);
  void beat();
  void settle_a_little(pg::Connection& session);

  const Options options_;
  Result<std::optional<std::string>> noted_first();

  std::optional<std::string> first_;
  std::atomic<bool> own_stop_{false};  // where the caller has none
  std::atomic<bool>* const stop_;
  std::atomic<bool> paused_{false};
  std::atomic<bool> ending_{false};
  std::atomic<std::int64_t> run_id_{0};
  mutable std::mutex set_mutex_;
  mutable std::optional<Event> progress_;   // of the backfill that is under way; under the same mutex
  std::map<std::string, std::string> set_;  // by the heartbeat's thread
  std::vector<std::string> settles_;        // for the heartbeat's thread
  std::thread heart_;
};

}  // namespace segue::engine
