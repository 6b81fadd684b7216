// segue sandbox: a private PostgreSQL, gone when it ends; with an example also its data, its project and its
// applications.
#include <fmt/format.h>
#include <signal.h>

#include <filesystem>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/applications.h"
#include "cli/child.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/stop.h"
#include "examples/example.h"
#include "pg/embedded/cluster.h"

namespace segue::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string example;
  std::string keep;
  std::string bin_dir;
  int port = 0;
  std::int64_t scale = 0;
  bool traffic = false;
};

// Blocked before any thread is made, so that only wait_for_end() sees them and the cluster is always stopped.
void hold_end_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

// A folder for the example's project; it goes with the sandbox unless that is kept.
class ProjectFolder {
 public:
  explicit ProjectFolder(const std::string& keep) {
    if (keep.empty()) temporary_.emplace("segue-project");
    path_ = keep.empty() ? temporary_->path() : (fs::absolute(keep) / "project").string();
  }
  const std::string& path() const { return path_; }

 private:
  std::optional<TemporaryFolder> temporary_;
  std::string path_;
};

// For programs that know libpq's variables and not DATABASE_URL: psql, pg_dump.
std::vector<std::string> libpq_environment(const pg::Cluster& cluster) {
  const auto url = cluster.url();  // postgresql://user:password@host:port/database
  const auto colon = url.find(':', url.find("://") + 3), at = url.find('@'), slash = url.rfind('/');
  return {"PGHOST=127.0.0.1", fmt::format("PGPORT={}", cluster.port()),
          "PGUSER=" + url.substr(url.find("://") + 3, colon - url.find("://") - 3),
          "PGPASSWORD=" + url.substr(colon + 1, at - colon - 1), "PGDATABASE=" + url.substr(slash + 1)};
}

// What only the command line can explain: which of its options the server's programs could not follow.
Error in_words_of_options(Error error, const Options& options) {
  const auto says = [&](std::string_view words) { return error.message.find(words) != std::string::npos; };
  if (error.code == "no-folder" && !options.keep.empty() && error.hint.empty()) {
    error.hint = "name a folder on a disk that can be written, or make the one above it first";
  }
  if (options.port > 0 && says("could not bind") && says("Permission denied")) {
    error.code = "port-not-allowed";
    error.message = fmt::format("port {} of 127.0.0.1 cannot be used: Permission denied", options.port);
    error.hint =
        "low ports (below 1024 as a rule) need rights that the server's user does not have: give another port, or none";
  }
  return error;
}

Status fill(pg::Cluster& cluster, const examples::Example& example, std::int64_t scale) {
  auto connection =
      TRY(pg::Connection::open({.url = cluster.url(), .application_name = "segue sandbox", .settings = {}}));
  const auto there =
      TRY(connection.value("SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace)"));
  if (there == "t") return {};  // kept from before
  const Stopwatch watch;
  TRY(examples::load(connection, example, scale));
  log::info(fmt::format("{}: loaded in {}", example.name, duration_text(watch.seconds())));
  return {};
}

Result<Exit> stay(const Program& program, const pg::Cluster& cluster, const Options& options,
                  const examples::Example* example, const ProjectFolder* project) {
  std::vector<std::string> variables = {"DATABASE_URL=" + cluster.url()};
  if (!program.rest.empty()) {
    for (auto& variable : libpq_environment(cluster)) variables.push_back(std::move(variable));
  }
  if (project != nullptr) variables.push_back("SEGUE_PROJECT=" + project->path());
  std::optional<Applications> applications;
  if (options.traffic) {
    applications.emplace(*example, Applications::Options{cluster.url(), project->path(), 0, 0});
    TRY(applications->start_old());
    applications->follow();
  }
  if (!program.rest.empty()) return static_cast<Exit>(TRY(run_child(program.rest, variables)));
  for (const auto& variable : variables) print_line(variable);
  log::info(fmt::format("PostgreSQL {} is ready on port {}; Ctrl-C ends it{}", cluster.programs().version_text,
                        cluster.port(), options.keep.empty() ? " and removes its data" : ""));
  if (example != nullptr) {
    log::info(fmt::format(
        "in another terminal, with these two variables exported: segue plan {0}; segue run {0} --without-rehearsal; "
        "segue status {0}; segue rollback {0}",
        example->migration));
  }
  wait_for_end();
  end_typed_line();
  return Exit::done;
}

Result<Exit> sandbox(const Program& program, const Options& options) {
  if (options.example.empty() && (options.traffic || options.scale > 0)) {
    return usage_error("--traffic and --scale need an example", "segue sandbox visionwest --traffic");
  }
  std::optional<examples::Example> example;
  if (!options.example.empty()) example = TRY(examples::find_example(options.example));
  hold_end_signals();
  pg::ClusterOptions wanted;
  wanted.bin_dir = options.bin_dir;
  wanted.keep_dir = options.keep;
  wanted.port = options.port;
  wanted.durable = !options.keep.empty();
  if (example) {
    wanted.database = example->name;
    std::replace(wanted.database.begin(), wanted.database.end(), '-', '_');
  }
  auto started = pg::Cluster::start(wanted);
  if (!started) return tl::unexpected(in_words_of_options(std::move(started).error(), options));
  auto cluster = *std::move(started);
  if (!example) return stay(program, cluster, options, nullptr, nullptr);
  TRY(fill(cluster, *example, options.scale));
  const ProjectFolder project(options.keep);
  TRY(examples::write_project(*example, project.path()));
  return stay(program, cluster, options, &*example, &project);
}

}  // namespace

void add_sandbox(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command =
      add_command(program, "sandbox", "a private PostgreSQL that is gone when it ends, with an example if wanted",
                  [&program, options] { return sandbox(program, *options); });
  command->add_option("EXAMPLE", options->example, "visionwest, visionwest-instant or visionwest-twin");
  command->add_option("--scale", options->scale, "how much data: work orders, of visionwest")
      ->check(CLI::Range(1, 1000000000))
      ->type_name("N");
  command->add_flag("--traffic", options->traffic,
                    "the example's applications at work, each while its shape is served");
  command->add_option("--keep", options->keep, "keep the data in this folder")->type_name("DIR");
  command->add_option("--pg-bin", options->bin_dir, "the folder of the server's programs")->type_name("DIR");
  command->add_option("--port", options->port, "the loopback port, instead of a free one")
      ->check(CLI::Range(1, 65535))
      ->type_name("N");
  command->footer(
      "With -- COMMAND … the command runs with DATABASE_URL (and SEGUE_PROJECT) set, and the sandbox ends with it.");
}

}  // namespace segue::cli
