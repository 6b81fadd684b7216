// segue demo: the main job in two minutes, on an embedded PostgreSQL: a legacy system at work is carried to its new
// shape, back, and there again, while the statements of its applications are counted.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "base/clock.h"
#include "base/terminal.h"
#include "base/text.h"
#include "catalog/data_fingerprint.h"
#include "catalog/fingerprint.h"
#include "cli/applications.h"
#include "cli/command.h"
#include "cli/confirm.h"
#include "cli/display.h"
#include "cli/output.h"
#include "cli/stop.h"
#include "engine/down.h"
#include "engine/plan_for.h"
#include "engine/status.h"
#include "engine/up.h"
#include "ledger/event.h"
#include "ledger/run.h"
#include "migration/read.h"
#include "pg/embedded/cluster.h"

namespace segue::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::int64_t scale = 200000;
  std::string bin_dir;
  double rate = 400;
  double seconds = 5;  // how long each application is watched between the acts
  bool stay = false;
};

Error stopped() {
  return {"stopped", "the demo was stopped, and its sandbox is gone", {}, "./dev demo begins anew", {}, Exit::stopped};
}

tl::unexpected<Error> end_stopped() {
  end_typed_line();
  return tl::unexpected(stopped());
}

class Demo {
 public:
  Demo(const Options& options, pg::Cluster& cluster, const examples::Example& example, const fs::path& folder)
      : options_(options),
        cluster_(cluster),
        example_(example),
        folder_(folder),
        applications_(example, {cluster.url(), folder.string(), options.rate, 4}),
        display_(false, [this] { return words(); }) {}

  Result<Exit> play();

 private:
  // Statements per second, latency, failures: what stands beside the bars.
  std::string words() const {
    const auto now = applications_.now();
    if (now.which.empty()) return "no application runs";
    return fmt::format("{} application {:.0f}/s, p99 {:.1f} ms, {} failed", now.which, now.rate, now.p99, now.failed);
  }

  void act(const std::string& title) { display_.headline("── " + title); }
  void command(const std::string& text) { display_.say("$ " + text); }

  Status watch() {
    const Stopwatch watch;
    while (watch.seconds() < options_.seconds) {
      if (*stop_on_signals()) return tl::unexpected(stopped());
      display_.show("  " + words());
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    display_.say("  " + words());
    return {};
  }

  Result<pg::Connection> connect() const {
    return pg::Connection::open({.url = cluster_.url(), .application_name = "segue demo", .settings = {}});
  }

  Result<std::string> catalog() const {
    auto connection = TRY(connect());
    return catalog::fingerprint_now(connection);
  }

  Status approve(const std::string& gate, const std::string& role) {
    command(fmt::format("segue approve {} \"{}\" --as \"{}\"", example_.migration, gate, role));
    auto connection = TRY(connect());
    const auto run = TRY(ledger::newest_run(connection, example_.migration));
    return ledger::add_approval(connection,
                                {run->id, example_.migration, gate, role, "demo", "signed", "", run->plan_hash});
  }

  engine::Options engine_options() {
    engine::Options options;
    options.database = cluster_.url();
    options.listener = [this](const engine::Event& event) { display_.take(event); };
    options.stop = stop_on_signals();
    options.folder = folder_.string();
    return options;
  }

  Status show_plan();
  Status up();
  Status down();
  Status summary(const std::string& before, const std::string& after, double seconds);

  const Options& options_;
  pg::Cluster& cluster_;
  const examples::Example& example_;
  fs::path folder_;
  Applications applications_;
  Display display_;
  std::int64_t carried_ = 0;
  std::int64_t kept_ = 0;
  bool writes_right_old_ = false, writes_right_new_ = false;
};

Result<migration::Migration> read_example(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder / "migrations")) {
    auto read = migration::read_migration(entry.path());
    if (!read) return tl::unexpected(migration::to_error(read.error()));
    return std::move(*read);
  }
  return failure("bug", "the example has no migration");
}

Status Demo::show_plan() {
  command("segue plan " + example_.migration);
  const auto file = TRY(read_example(folder_));
  auto connection = TRY(connect());
  const auto plan = TRY(engine::plan_for(file, connection));
  std::map<migration::Phase, std::vector<std::string>> titles;
  for (const auto& step : plan.steps) titles[step.phase].push_back(step.title);
  const auto width = terminal_width(STDERR_FILENO);
  for (const auto& [phase, list] : titles) {
    display_.say(cut(fmt::format("  {:<9} {:>2} steps: {}", migration::to_text(phase), list.size(), join(list, "; ")),
                     width - 1));
  }
  display_.say(fmt::format("  {} checks, {} probes, {} gates; nobody waits longer than 100 ms for any of it",
                           plan.checks.size(), plan.probes.size(), plan.gates.size()));
  return {};
}

// Runs to grace, and does at its gates what a team would do.
Status Demo::up() {
  const auto file = TRY(read_example(folder_));
  for (;;) {
    command(fmt::format("segue run {} --without-rehearsal", example_.migration));
    engine::UpRequest request;
    request.options = engine_options();
    request.file = &file;
    request.without_rehearsal = true;
    request.host = "demo";
    const auto done = engine::go_up(request);
    display_.settle();
    if (done) {
      carried_ += done->rows;
      return {};
    }
    if (done.error().exit != Exit::waiting) return tl::unexpected(done.error());
    auto connection = TRY(connect());
    const auto now = TRY(engine::standing(connection, example_.migration));
    if (now->waiting_for == "old application stopped") {
      display_.say(
          "  the old application reads client_id as a user: it is stopped now, the new one takes over after the "
          "switch");
      TRY(applications_.stop_old());
      TRY(approve(now->waiting_for, "operator"));
    } else {
      TRY(approve(now->waiting_for, "QA Lead"));
    }
  }
}

Status Demo::down() {
  for (;;) {
    command(fmt::format("segue rollback {}", example_.migration));
    engine::DownRequest request;
    request.options = engine_options();
    request.migration = example_.migration;
    request.agree = [&](const auto& counts) {
      for (const auto& one : counts)
        display_.say(
            fmt::format("  to be set aside: {} rows of {} ({})", with_commas(one.rows), one.table, one.reason));
      return true;
    };
    const auto done = engine::go_down(request);
    display_.settle();
    if (done) {
      kept_ = done->kept;
      return {};
    }
    if (done.error().exit != Exit::waiting) return tl::unexpected(done.error());
    display_.say("  the new application is withdrawn first");
    TRY(applications_.stop_new());
    TRY(approve("new application withdrawn", "operator"));
  }
}

Status Demo::summary(const std::string& before, const std::string& after, double seconds) {
  const auto figures = applications_.now();
  auto connection = TRY(connect());
  const auto checks = TRY(connection.query(
      "SELECT count(*), count(*) FILTER (WHERE NOT ok AND severity = 'error') FROM segue.check_result"));
  const auto back =
      TRY(connection.query("SELECT count(*) FILTER (WHERE state = 'restored'), count(*) FILTER (WHERE state = "
                           "'does_not_fit') FROM segue.kept_row"));
  const Paint paint(STDERR_FILENO);
  const auto good = [&](bool ok, const std::string& text) { return ok ? paint.green(text) : paint.red(text); };
  act("what happened, in " + duration_text(seconds));
  const auto line = [&](const std::string& name, const std::string& value) {
    display_.say(fmt::format("  {:<34} {}", name, value));
  };
  line("rows carried by backfills", with_commas(carried_));
  line("statements served meanwhile", with_commas(figures.statements));
  line("failed", good(figures.failed == 0, with_commas(figures.failed)));
  line("longest wait for a lock of ours",
       good(figures.longest_stall_ms <= 100, fmt::format("{:.0f} ms", figures.longest_stall_ms)));
  line("writes acknowledged", with_commas(figures.acknowledged));
  line("all of them right after rollback", good(writes_right_old_, writes_right_old_ ? "yes" : "NO"));
  line("all of them right at the end", good(writes_right_new_, writes_right_new_ ? "yes" : "NO"));
  line("checks", fmt::format("{}, {} did not hold", checks.text(0, 0), checks.text(0, 1)));
  line("rows set aside by the rollback",
       fmt::format("{}; {} came back, {} did not fit", with_commas(kept_), back.text(0, 0), back.text(0, 1)));
  line("catalog before and after rollback",
       good(before == after, before == after ? "equal (" + before.substr(0, 12) + ")" : "NOT equal"));
  const bool well = figures.failed == 0 && writes_right_old_ && writes_right_new_ && before == after;
  if (!well)
    return failure("demo-failed", "something of the above is not as it should be", "the lines in red say what");
  return {};
}

Result<Exit> Demo::play() {
  const Stopwatch watch_all;
  act("the old application at work on " + with_commas(options_.scale) + " work orders");
  TRY(applications_.start_old());
  TRY(watch());
  const auto before = TRY(catalog());
  TRY(show_plan());
  act("up: prepare, expand, backfill, validate, enforce, switch, grace");
  TRY(up());
  act("the new application at work: other clients, their own job numbers");
  TRY(applications_.start_new());
  TRY(watch());
  act("the way back, from beyond the switch");
  TRY(down());
  const auto after = TRY(catalog());
  std::string report;
  writes_right_old_ = TRY(applications_.all_writes_are_there(false, report));
  if (!writes_right_old_) display_.say(report);
  TRY(applications_.start_old());
  TRY(watch());
  act("and there again: what was set aside comes back");
  TRY(up());
  TRY(applications_.start_new());
  TRY(watch());
  TRY(applications_.stop_new());
  report.clear();
  writes_right_new_ = TRY(applications_.all_writes_are_there(true, report));
  if (!writes_right_new_) display_.say(report);
  TRY(summary(before, after, watch_all.seconds()));
  if (!options_.stay) return Exit::done;

  display_.say("\nGo on by hand, in another terminal:");
  print_line("export DATABASE_URL=" + cluster_.url());
  print_line("export SEGUE_PROJECT=" + folder_.string());
  display_.say(
      fmt::format("segue status\nsegue verify\nsegue history {0}\n"
                  "segue rollback {0}   # asks for the new application to be withdrawn\n"
                  "segue finish {0}     # grace lasts two days: see its hint\n"
                  "Ctrl-C ends the sandbox.",
                  example_.migration));
  while (!*stop_on_signals()) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  end_typed_line();
  return Exit::done;
}

// Says what it does, and hears Ctrl-C while the server does it.
Status load(const pg::Cluster& cluster, const examples::Example& example, std::int64_t scale) {
  auto connection = TRY(pg::Connection::open({.url = cluster.url(), .application_name = "segue demo", .settings = {}}));
  Display display(false);
  display.show(fmt::format("loading a legacy system with {} orders …", with_commas(scale)));
  std::atomic<bool> loaded{false};
  std::thread listener([&, canceller = connection.canceller()] {
    while (!loaded) {
      if (*stop_on_signals()) (void)canceller.cancel();
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  auto done = examples::load(connection, example, scale);
  loaded = true;
  listener.join();
  display.settle();
  if (*stop_on_signals()) return end_stopped();
  return done;
}

Result<Exit> demo(const Options& options) {
  const auto example = TRY(examples::find_example("visionwest"));
  const Stopwatch watch;
  (void)stop_on_signals();
  auto cluster = TRY(pg::Cluster::start(
      {.bin_dir = options.bin_dir, .keep_dir = {}, .port = 0, .database = example.name, .settings = {}}));
  const TemporaryFolder folder("segue-demo");
  TRY(examples::write_project(example, folder.path()));
  TRY(load(cluster, example, options.scale));
  print_line(fmt::format("PostgreSQL {}: a legacy work-order system with {} orders, loaded in {}",
                         cluster.programs().version_text, with_commas(options.scale), duration_text(watch.seconds())));
  auto outcome = Demo(options, cluster, example, folder.path()).play();
  if (!outcome && *stop_on_signals()) return end_stopped();
  return outcome;
}

}  // namespace

void add_demo(Program& program) {
  auto options = std::make_shared<Options>();
  options->stay = is_terminal(STDIN_FILENO) && is_terminal(STDOUT_FILENO);
  auto* command = add_command(program, "demo", "the main job in two minutes, on an embedded PostgreSQL",
                              [options] { return demo(*options); });
  command->add_option("--scale", options->scale, "how many work orders")
      ->check(CLI::Range(1, 1000000000))
      ->type_name("N");
  command->add_option("--rate", options->rate, "statements a second")->check(CLI::PositiveNumber)->type_name("N");
  command->add_option("--watch", options->seconds, "how long each application is watched between the acts")
      ->check(CLI::NonNegativeNumber)
      ->type_name("SECONDS");
  command->add_option("--pg-bin", options->bin_dir, "the folder of the server's programs")->type_name("DIR");
  command->add_flag("--stay,!--leave", options->stay,
                    "keep the sandbox at the end, until Ctrl-C (as on a terminal), or leave");
}

}  // namespace segue::cli
