#include "cli/applications.h"

#include <fmt/format.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "engine/status.h"
#include "examples/embedded.h"
#include "traffic/check.h"

namespace segue::cli {

struct Applications::State {
  State(examples::Example which, Options how) : example(std::move(which)), options(std::move(how)) {}
  examples::Example example;
  Options options;
  mutable std::mutex mutex;
  std::optional<traffic::Traffic> old_one, new_one;
  std::vector<std::string> journals;
  Figures past;  // of runs that have ended
  std::atomic<bool> ending{false};
  std::thread follower;

  Result<traffic::Traffic> load(bool old) const {
    const auto& path = old ? example.old_traffic : example.new_traffic;
    const auto text = examples::embedded(path);
    return traffic::Traffic::parse(std::string(text.value_or("")), path);
  }

  Status start(std::optional<traffic::Traffic>& slot, bool old) {
    const std::lock_guard lock(mutex);
    if (slot) return {};
    auto traffic = TRY(load(old));
    traffic::TrafficOptions wanted;
    wanted.connect.url = options.url;
    if (options.rate > 0) wanted.rate = options.rate;
    if (options.connections > 0) wanted.connections = options.connections;
    wanted.journal = fmt::format("{}/{}-{}.journal", options.folder, old ? "old" : "new", journals.size());
    wanted.seed = journals.size() + 1;
    TRY(traffic.start(wanted));
    journals.push_back(wanted.journal);
    slot.emplace(std::move(traffic));
    return {};
  }

  Status stop(std::optional<traffic::Traffic>& slot) {
    const std::lock_guard lock(mutex);
    if (!slot) return {};
    const auto report = slot->stop();
    slot.reset();
    if (!report) return tl::unexpected(report.error());
    past.statements += report->statements;
    past.failed += report->failed;
    past.acknowledged += report->acknowledged;
    for (const auto& stall : report->stalls) {
      if (stall.blocked_by == "segue") past.longest_stall_ms = std::max(past.longest_stall_ms, stall.longest_ms);
    }
    for (const auto& [sqlstate, failure] : report->failures) {
      log::warning(fmt::format("the application met {} ({} times): {} in '{}'", sqlstate, failure.count,
                               failure.message, failure.statement));
    }
    return {};
  }

  void look(pg::Connection& connection);
};

Applications::Applications(examples::Example example, Options options)
    : state_(std::make_unique<State>(std::move(example), std::move(options))) {}
Applications::Applications(Applications&&) noexcept = default;

Applications::~Applications() {
  if (!state_) return;
  state_->ending = true;
  if (state_->follower.joinable()) state_->follower.join();
  (void)stop_old();
  (void)stop_new();
}

Status Applications::start_old() {
  return state_->start(state_->old_one, true);
}
Status Applications::start_new() {
  return state_->start(state_->new_one, false);
}
Status Applications::stop_old() {
  return state_->stop(state_->old_one);
}
Status Applications::stop_new() {
  return state_->stop(state_->new_one);
}

Applications::Figures Applications::now() const {
  const std::lock_guard lock(state_->mutex);
  Figures figures = state_->past;
  for (const auto* one : {&state_->old_one, &state_->new_one}) {
    if (!*one) continue;
    const auto snapshot = (*one)->now();
    figures.which += (figures.which.empty() ? "" : " and ") + std::string(one == &state_->old_one ? "old" : "new");
    figures.rate += snapshot.rate;
    figures.p99 = std::max(figures.p99, snapshot.p99);
    figures.longest_stall_ms = std::max(figures.longest_stall_ms, snapshot.longest_stall_ms);
    figures.statements += snapshot.statements;
    figures.failed += snapshot.failed;
  }
  return figures;
}

Result<bool> Applications::all_writes_are_there(bool in_new_shape, std::string& report) const {
  const std::lock_guard lock(state_->mutex);
  const auto traffic = TRY(state_->load(!in_new_shape));
  const auto checked = TRY(
      traffic::check_journals(traffic.file(), state_->journals,
                              {.url = state_->options.url, .application_name = "segue traffic check", .settings = {}}));
  report = traffic::to_text(checked);
  return checked.good();
}

void Applications::State::look(pg::Connection& connection) {
  const auto now = engine::standing(connection, example.migration);
  if (!now) return;
  const auto state = *now ? (*now)->state : "planned";
  const auto waits = *now ? (*now)->waiting_for : "";
  const bool down = *now && (*now)->direction == "down";
  if (waits == "old application stopped") (void)stop(old_one);
  if (waits == "new application withdrawn" || (down && state != "rolled_back")) (void)stop(new_one);
  if (state == "grace" || state == "contracted") (void)start(new_one, false);
  if (state == "planned" || state == "rolled_back") (void)start(old_one, true);
}

void Applications::follow() {
  state_->follower = std::thread([state = state_.get()] {
    std::optional<pg::Connection> connection;
    while (!state->ending) {
      if (!connection || connection->lost()) {
        auto opened =
            pg::Connection::open({.url = state->options.url, .application_name = "segue sandbox", .settings = {}});
        if (opened) connection.emplace(std::move(*opened));
      }
      if (connection) state->look(*connection);
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
  });
}

}  // namespace segue::cli
