#include "traffic/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "traffic/client.h"
#include "traffic/journal.h"
#include "traffic/pool.h"
#include "traffic/read.h"
#include "traffic/recorder.h"
#include "traffic/schedule.h"
#include "traffic/stall_watch.h"
#include "traffic/start_values.h"

namespace segue::traffic {
namespace {

std::vector<std::string> names_of(const std::vector<Statement>& statements) {
  std::vector<std::string> names;
  names.reserve(statements.size());
  for (const auto& statement : statements) names.push_back(statement.name);
  return names;
}

std::vector<double> running_totals(const std::vector<Statement>& statements) {
  std::vector<double> totals;
  totals.reserve(statements.size());
  for (const auto& statement : statements) totals.push_back((totals.empty() ? 0 : totals.back()) + statement.weight);
  return totals;
}

std::optional<double> rate_of(const File& file, const TrafficOptions& options) {
  const auto rate = options.rate ? options.rate : file.rate;
  return rate && *rate > 0 ? rate : std::nullopt;
}

// Every connection bears the traffic's name; said as a setting too, for PGAPPNAME or the URL would win over the option.
pg::ConnectOptions named(pg::ConnectOptions options, const std::string& name) {
  options.application_name = "segue traffic " + name;
  options.settings.emplace_back("application_name", options.application_name);
  return options;
}

// As the application's own connections are.
pg::ConnectOptions client_options(const File& file, pg::ConnectOptions options) {
  options.settings = file.session;
  return named(std::move(options), file.name);
}

// Without the application's session: a SET ROLE in it would hide what the others wait for.
pg::ConnectOptions watch_options(const File& file, pg::ConnectOptions options) {
  options.settings.clear();
  return named(std::move(options), file.name + " watch");
}

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

class Traffic::Run {
 public:
  Run(const File& file, const TrafficOptions& options)
      : file_(file),
        options_(options),
        protocol_(options.protocol.value_or(file.protocol)),
        connections_(std::max(1, options.connections.value_or(file.connections))),
        connect_(client_options(file, options.connect)),
        weights_(running_totals(file.statements)),
        schedule_(rate_of(file, options), options.seconds),
        recorder_(names_of(file.statements)),
        stalls_(watch_options(file, options.connect), [this] { return watched(); }) {}

  ~Run() { finish(true); }

  Status start() {
    {
      auto connection = TRY(pg::Connection::open(connect_));
      values_ = TRY(ask_start_values(file_, connection, connections_));
    }
    if (!options_.journal.empty()) journal_ = TRY(Journal::open(options_.journal, values_->run));
    for (int number = 0; number < connections_; ++number) {
      const auto seed = options_.seed * 1'000'003 + static_cast<std::uint64_t>(number);
      auto client = std::make_unique<Client>(file_, *values_, journal_.get(), protocol_, number, seed);
      TRY(client->connect(connect_));
      clients_.push_back(std::move(client));
    }
    if (options_.watch_stalls) TRY(stalls_.start());
    outer_stop_.emplace(options_.stop, [this] { stopping_.request_stop(); });
    schedule_.start();
    working_ = connections_;
    for (auto& client : clients_) threads_.emplace_back([this, one = client.get()] { work(*one); });
    return {};
  }

  Snapshot now() const {
    Snapshot snapshot;
    snapshot.seconds = seconds_between(schedule_.started(), ended_at());
    recorder_.fill(snapshot, snapshot.seconds);
    snapshot.longest_stall_ms = stalls_.longest_ms("segue");
    snapshot.connected = connected_;
    return snapshot;
  }

  bool running() const {
    const std::lock_guard lock(mutex_);
    return working_ > 0;
  }

  Result<Report> end(bool stop_now) {
    finish(stop_now);
    if (!trouble_.empty()) return failure("traffic-failed", "the traffic stopped by a mistake of its own: " + trouble_);
    if (journal_) TRY(journal_->trouble());
    Report report;
    report.traffic = file_.name;
    report.protocol = name_of(protocol_);
    report.connections = connections_;
    report.rate = rate_of(file_, options_);
    report.seconds = seconds_between(schedule_.started(), ended_at());
    recorder_.fill(report);
    report.unserved = schedule_.unserved(stop_time_);
    report.stalls = stalls_.stalls();
    report.stalls_watched = options_.watch_stalls;
    if (journal_) {
      report.journal = journal_->path();
      report.acknowledged = journal_->acknowledged();
      report.unknown = journal_->unknown();
    }
    return report;
  }

 private:
  void work(Client& client) {
    ++connected_;
    try {
      while (const auto due = schedule_.next(stopping_.get_token())) {
        serve(client, *due);
        if (client.lost() && !connect_again(client)) break;
        if (journal_ && !journal_->trouble()) stopping_.request_stop();
      }
    } catch (const std::exception& mistake) {
      stopping_.request_stop();
      const std::lock_guard lock(mutex_);
      trouble_ = mistake.what();
    }
    --connected_;
    const std::lock_guard lock(mutex_);
    if (--working_ == 0) {
      end_time_ = Clock::now();
      idle_.notify_all();
    }
  }

  void serve(Client& client, Clock::time_point due) {
    const double point = client.random().unit() * weights_.back();
    const auto chosen = std::upper_bound(weights_.begin(), weights_.end(), point) - weights_.begin();
    const auto statement = std::min(static_cast<std::size_t>(chosen), weights_.size() - 1);
    const auto begun = schedule_.is_open() ? due : Clock::now();
    const auto answer = client.run(statement);
    const auto done = Clock::now();
    const auto latency = std::chrono::duration_cast<std::chrono::microseconds>(done - begun).count();
    recorder_.record(statement, answer, latency, seconds_between(schedule_.started(), done));
  }

  // Tries until it succeeds or the run is stopped, which gives false.
  bool connect_again(Client& client) {
    --connected_;
    auto wait = std::chrono::milliseconds(20);
    while (!stopping_.stop_requested()) {
      if (client.connect(connect_)) {
        ++connected_;
        recorder_.reconnected();
        return true;
      }
      schedule_.pause(wait, stopping_.get_token());
      wait = std::min(wait * 2, std::chrono::milliseconds(1000));
    }
    ++connected_;
    return false;
  }

  std::vector<Watched> watched() const {
    std::vector<Watched> found;
    for (const auto& client : clients_) {
      const int statement = client->seat().statement;
      if (statement >= 0)
        found.push_back({client->seat().pid, file_.statements[static_cast<std::size_t>(statement)].name});
    }
    return found;
  }

  void finish(bool stop_now) {
    if (threads_.empty()) return;
    std::unique_lock lock(mutex_);
    const auto all_idle = [this] { return working_ == 0; };
    if (!stop_now) idle_.wait(lock, stopping_.get_token(), all_idle);
    stop_time_ = Clock::now();
    stopping_.request_stop();
    auto patience = std::chrono::duration<double>(options_.drain_seconds);
    while (!idle_.wait_for(lock, patience, all_idle)) {
      lock.unlock();
      for (const auto& client : clients_) client->cancel();
      lock.lock();
      patience = std::chrono::duration<double>(0.2);
    }
    lock.unlock();
    threads_.clear();
    stalls_.stop();
    outer_stop_.reset();
  }

  Clock::time_point ended_at() const {
    const std::lock_guard lock(mutex_);
    return working_ > 0 ? Clock::now() : end_time_;
  }

  const File& file_;
  const TrafficOptions options_;
  const Protocol protocol_;
  const int connections_;
  const pg::ConnectOptions connect_;
  const std::vector<double> weights_;
  Schedule schedule_;
  Recorder recorder_;
  std::unique_ptr<RunValues> values_;
  std::unique_ptr<Journal> journal_;
  std::vector<std::unique_ptr<Client>> clients_;
  StallWatch stalls_;
  std::stop_source stopping_;
  std::optional<std::stop_callback<std::function<void()>>> outer_stop_;
  mutable std::mutex mutex_;
  std::condition_variable_any idle_;
  int working_ = 0;
  std::atomic<int> connected_{0};
  Clock::time_point end_time_{}, stop_time_{};
  std::string trouble_;
  std::vector<std::jthread> threads_;
};

Result<Traffic> Traffic::load(const std::string& path) {
  return Traffic(TRY(read_file(path)));
}

Result<Traffic> Traffic::parse(const std::string& text, const std::string& path) {
  return Traffic(TRY(read_text(text, path)));
}

Traffic::Traffic(File file) : file_(std::make_unique<File>(std::move(file))) {}
Traffic::Traffic(Traffic&&) noexcept = default;
Traffic& Traffic::operator=(Traffic&&) noexcept = default;
Traffic::~Traffic() = default;

const File& Traffic::file() const {
  return *file_;
}

Status Traffic::start(const TrafficOptions& options) {
  if (run_) return usage_error("this traffic was started already");
  auto run = std::make_unique<Run>(*file_, options);
  TRY(run->start());
  run_ = std::move(run);
  return {};
}

Snapshot Traffic::now() const {
  return run_ ? run_->now() : Snapshot();
}

bool Traffic::running() const {
  return run_ && run_->running();
}

Result<Report> Traffic::wait() {
  if (!run_) return usage_error("this traffic was not started");
  return run_->end(false);
}

Result<Report> Traffic::stop() {
  if (!run_) return usage_error("this traffic was not started");
  return run_->end(true);
}

}  // namespace segue::traffic
