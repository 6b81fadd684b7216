// segue sandbox: a private PostgreSQL, gone when it ends; with -- COMMAND it lives as long as the command.
#include <fmt/format.h>
#include <signal.h>

#include "base/log.h"
#include "cli/child.h"
#include "cli/command.h"
#include "cli/output.h"
#include "pg/embedded/cluster.h"

namespace segue::cli {
namespace {

struct Options {
  std::string keep;
  std::string bin_dir;
  int port = 0;
};

// Blocked before any thread is made, so that only wait_for_end() sees them and the cluster is always stopped.
void hold_end_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Result<Exit> sandbox(const Program& program, const Options& options) {
  hold_end_signals();
  pg::ClusterOptions wanted;
  wanted.bin_dir = options.bin_dir;
  wanted.keep_dir = options.keep;
  wanted.port = options.port;
  wanted.durable = !options.keep.empty();
  auto cluster = TRY(pg::Cluster::start(wanted));
  const std::string variable = "DATABASE_URL=" + cluster.url();

  if (!program.rest.empty()) return static_cast<Exit>(TRY(run_child(program.rest, {variable})));
  print_line(variable);
  log::info(fmt::format("PostgreSQL {} is ready on port {}; Ctrl-C ends it{}", cluster.programs().version_text,
                        cluster.port(), options.keep.empty() ? " and removes its data" : ""));
  wait_for_end();
  return Exit::done;
}

}  // namespace

void add_sandbox(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = add_command(program, "sandbox", "a private PostgreSQL that is gone when it ends",
                              [&program, options] { return sandbox(program, *options); });
  command->add_option("--keep", options->keep, "keep the data in this folder")->type_name("DIR");
  command->add_option("--pg-bin", options->bin_dir, "the folder of the server's programs")->type_name("DIR");
  command->add_option("--port", options->port, "the loopback port, instead of a free one")
      ->check(CLI::Range(1, 65535))
      ->type_name("N");
  command->footer("With -- COMMAND … the command runs with DATABASE_URL set, and the sandbox ends with it.");
}

}  // namespace segue::cli
