#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/output.h"
#include "pg/connect_string.h"

namespace segue::cli {
namespace {

constexpr const char* about =
    "segue moves a live PostgreSQL application from one data model to the next without a pause.";
constexpr const char* footer =
    "The server is named as for psql: --database, DATABASE_URL, PGHOST …, ~/.pgpass.\n"
    "Exit codes: 0 done, 1 findings, 2 bad usage or refused, 3 waiting at a gate, 4 stopped (run it again to go on), "
    "5 failed.";

void add_shared_options(Program& program) {
  auto& app = program.app;
  app.description(about);
  app.footer(footer);
  app.set_version_flag("--version", std::string("segue ") + SEGUE_VERSION);
  app.add_option("--database", program.database, "the server and database, a URL or a connection string")
      ->type_name("URL");
  app.add_option("-C", program.folder, "the project's folder, instead of the nearest one upward")->type_name("DIR");
  app.add_flag("--json", program.json, "answer as one JSON value on stdout");
  app.add_option("--log", program.log, "the log on stderr: text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT");
  app.add_flag("-v,--verbose", program.verbose, "log details too");
  app.require_subcommand(0, 1);
  app.fallthrough();
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* level : {static_cast<const CLI::App*>(&app), app.get_parent()}) {
    if (level == nullptr) continue;
    for (const auto* option : level->get_options()) {
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

// CLI11's own words for what went wrong, and the nearest word to what was typed.
Error usage_problem(const Program& program, const CLI::ParseError& problem, const std::vector<std::string>& words) {
  std::string message = problem.what();
  const auto chosen = program.app.get_subcommands();
  const CLI::App& level = chosen.empty() ? program.app : *chosen.front();
  std::string hint = chosen.empty() ? "segue --help lists the commands"
                                    : fmt::format("segue {} --help shows its options", level.get_name());
  if (problem.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError)) {
    std::string stranger;
    for (const auto& word : words) {
      const bool known = std::find(program.rest.begin(), program.rest.end(), word) != program.rest.end();
      if (!known && message.find(word) != std::string::npos) stranger = word;
      if (!stranger.empty()) break;
    }
    const bool option = stranger.rfind('-', 0) == 0;
    const bool command = chosen.empty() && !option;
    message = command  ? fmt::format("there is no command '{}'", stranger)
              : option ? fmt::format("there is no option '{}' here", stranger)
                       : fmt::format("'{}' is one word too many", stranger);
    const auto near = option    ? nearest_word(stranger, option_names(level))
                      : command ? nearest_word(stranger, command_names(program.app))
                                : std::string();
    if (!near.empty()) hint = fmt::format("did you mean '{}'? {}", near, hint);
  }
  return {"usage", message, {}, hint, {}, Exit::usage};
}

// Everything after a bare "--" belongs to the command that is run, not to us.
std::vector<std::string> take_words(int argc, char** argv, std::vector<std::string>& rest) {
  std::vector<std::string> words(argv + 1, argv + argc);
  const auto bar = std::find(words.begin(), words.end(), "--");
  if (bar != words.end()) {
    rest.assign(bar + 1, words.end());
    words.erase(bar, words.end());
  }
  return words;
}

int finish(const Program& program, const Result<Exit>& outcome) {
  if (outcome && !all_was_printed()) {
    log::report({"cannot-write",
                 "the answer could not be written",
                 "stdout",
                 "look at the free space of the disk",
                 {},
                 Exit::failed});
    return static_cast<int>(Exit::failed);
  }
  if (outcome) return static_cast<int>(*outcome);
  if (program.json) print_json(to_json(outcome.error()));
  log::report(outcome.error());
  return static_cast<int>(outcome.error().exit);
}

}  // namespace

int run(int argc, char** argv) {
  Program program;
  add_shared_options(program);
  add_all_commands(program);
  auto words = take_words(argc, argv, program.rest);
  pg::hide_passwords(argc, argv);
  try {
    auto reversed = words;
    std::reverse(reversed.begin(), reversed.end());  // CLI11 takes a vector from its end
    program.app.parse(reversed);
  } catch (const CLI::Success& asked) {  // --help, --version
    const int code = program.app.exit(asked);
    return std::fflush(stdout) == 0 || errno == EPIPE
               ? code
               : finish(program, failure("cannot-write", "the answer could not be written",
                                         "look at the free space of the disk", "stdout"));
  } catch (const CLI::ParseError& problem) {
    program.json = program.json || std::find(words.begin(), words.end(), "--json") != words.end();
    return finish(program, tl::unexpected(usage_problem(program, problem, words)));
  }
  log::setup(program.log == "json" ? log::Format::json : log::Format::text,
             program.verbose ? log::Level::debug : log::Level::info);
  if (!program.chosen) {
    print(program.app.help());
    return static_cast<int>(Exit::usage);
  }
  try {
    return finish(program, program.chosen());
  } catch (const std::exception& bug) {
    return finish(program, failure("bug", fmt::format("a fault in segue itself: {}", bug.what()),
                                   "please report it with the command that led here"));
  }
}

}  // namespace segue::cli
