// How a command is made: one file a command, a function that adds it to the program and says what to do when it is
// chosen. commands.cc lists them all.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "pg/connection.h"

namespace segue::cli {

// What every command shares: the options that stand before or after its name.
struct Program {
  CLI::App app{"", "segue"};
  std::string database;  // --database
  std::string folder;    // -C
  bool json = false;     // --json
  std::string log = "text";
  bool verbose = false;
  std::vector<std::string> rest;  // what stood after "--"

  // What the chosen command does; set by the callback of its subcommand.
  std::function<Result<Exit>()> chosen;

  Result<pg::Connection> connect() const;
};

// Adds a subcommand; `run` is called after all options are read.
CLI::App* add_command(Program& program, const std::string& name, const std::string& about,
                      std::function<Result<Exit>()> run);

// In the order in which --help shows them.
void add_all_commands(Program& program);

void add_init(Program& program);
void add_new(Program& program);
void add_check(Program& program);
void add_lint(Program& program);
void add_plan(Program& program);
void add_run(Program& program);
void add_finish(Program& program);
void add_status(Program& program);
void add_approve(Program& program);
void add_pause(Program& program);
void add_resume(Program& program);
void add_set(Program& program);
void add_watch(Program& program);
void add_rollback(Program& program);
void add_restore(Program& program);
void add_purge(Program& program);
void add_backup(Program& program);
void add_verify(Program& program);
void add_history(Program& program);
void add_spot_check(Program& program);
void add_usage(Program& program);
void add_retry_failed(Program& program);
void add_accept_failed(Program& program);
void add_doctor(Program& program);
void add_fingerprint(Program& program);
void add_diff(Program& program);
void add_traffic(Program& program);
void add_sandbox(Program& program);
void add_demo(Program& program);

// Reads the arguments and does what they say; the exit code. Never throws.
int run(int argc, char** argv);

}  // namespace segue::cli
