// segue traffic FILE: drives a database with an application's statements; with --check, asks whether what a journal
// says was acknowledged is there.
#include "traffic/traffic.h"

#include <fmt/format.h>

#include "base/json.h"
#include "cli/command.h"
#include "cli/confirm.h"
#include "cli/output.h"
#include "cli/project.h"
#include "cli/stop.h"
#include "traffic/check.h"

namespace segue::cli {
namespace {

struct Options {
  std::string file;
  std::string journal;
  std::vector<std::string> check;
  std::string protocol;
  int connections = 0;
  double rate = -1;
  double seconds = -1;
  std::uint64_t seed = 1;
};

Result<Exit> check(const Program& program, const Options& options, const traffic::Traffic& loaded) {
  const pg::ConnectOptions connect{
      .url = TRY(database_of(program)), .application_name = "segue traffic check", .settings = {}};
  const auto report = TRY(traffic::check_journals(loaded.file(), options.check, connect));
  if (program.json) {
    print_json(traffic::to_json(report));
  } else {
    print(traffic::to_text(report));
  }
  return report.good() ? Exit::done : Exit::findings;
}

Result<Exit> drive(const Program& program, const Options& options) {
  auto traffic = TRY(traffic::Traffic::load(options.file));
  if (!options.check.empty()) return check(program, options, traffic);
  traffic::TrafficOptions wanted;
  wanted.connect.url = TRY(database_of(program));
  wanted.journal = options.journal;
  wanted.seed = options.seed;
  if (options.connections > 0) wanted.connections = options.connections;
  if (options.rate >= 0) wanted.rate = options.rate;
  if (options.seconds > 0) wanted.seconds = options.seconds;
  if (options.protocol == "simple") wanted.protocol = traffic::Protocol::simple;
  if (options.protocol == "prepared") wanted.protocol = traffic::Protocol::prepared;
  std::stop_source stop;
  wanted.stop = stop.get_token();
  const auto* asked = stop_on_signals();
  TRY(traffic.start(wanted));
  while (traffic.running() && !*asked) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const auto report = TRY(*asked ? traffic.stop() : traffic.wait());
  if (program.json) {
    print_json(traffic::to_json(report));
  } else {
    print(traffic::to_text(report));
  }
  return report.good() ? Exit::done : Exit::findings;
}

}  // namespace

void add_traffic(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = add_command(program, "traffic", "drive a database with an application's statements",
                              [&program, options] { return drive(program, *options); });
  command->add_option("FILE", options->file, "the traffic file")->required();
  command->add_option("--seconds", options->seconds, "how long; until Ctrl-C without")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  command->add_option("--connections", options->connections, "how many, instead of what the file says")
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  command->add_option("--rate", options->rate, "statements a second; 0: as fast as they are answered")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  command->add_option("--protocol", options->protocol, "simple or prepared")
      ->check(CLI::IsMember({"simple", "prepared"}))
      ->type_name("NAME");
  command->add_option("--seed", options->seed, "of the random values")->type_name("N");
  command->add_option("--journal", options->journal, "append acknowledged writes to this file")->type_name("FILE");
  command
      ->add_option("--check", options->check, "ask the database for what this journal says; may be given several times")
      ->type_name("JOURNAL");
}

}  // namespace segue::cli
