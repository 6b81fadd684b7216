// segue backup: take a backup and read it back; list, verify and restore what was taken.
#include <fmt/format.h>

#include "backup/list.h"
#include "backup/restore.h"
#include "backup/take.h"
#include "backup/take_tables.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/display.h"
#include "cli/output.h"
#include "cli/project.h"
#include "cli/stop.h"

namespace segue::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string to;
  std::vector<std::string> tables;
  int jobs = 2;
  std::string pg_bin;
  bool no_read_back = false;
  bool private_server = false;
  bool list = false;
  std::string verify;
  std::string restore;
  std::string into;
};

// --to, else backups/ of the project, else backups/ here.
fs::path backups_folder(const Program& program, const Options& options) {
  if (!options.to.empty()) return options.to;
  const auto project = project_folder(program);
  return project ? *project / "backups" : fs::path("backups");
}

// A backup by its path, or by its name in the backups folder.
fs::path backup_named(const Program& program, const Options& options, const std::string& typed) {
  std::error_code ignored;
  if (fs::exists(fs::path(typed) / "backup.json", ignored)) return typed;
  const auto among = backups_folder(program, options) / typed;
  return fs::exists(among / "backup.json", ignored) ? among : fs::path(typed);
}

std::string read_back_text(const backup::ReadBack& back) {
  if (back.ok) return "read back: " + back.where;
  return back.at.empty() ? "not read back" : "DIFFERS when read back";
}

std::string progress_text(const backup::Progress& progress) {
  std::string text = fmt::format("  {}", backup::name_of(progress.stage));
  if (progress.done > 0) text += "  " + bytes_text(static_cast<double>(progress.done));
  if (progress.total > 0) text += " of about " + bytes_text(static_cast<double>(progress.total));
  return text;
}

class Command {
 public:
  Command(const Program& program, const Options& options)
      : program_(program), options_(options), display_(program.log == "json") {
    watch_.stop = stop_on_signals();
    watch_.progress = [this](const backup::Progress& progress) { display_.show(progress_text(progress)); };
  }

  Result<Exit> run() {
    const int asked = (options_.list ? 1 : 0) + (options_.verify.empty() ? 0 : 1) + (options_.restore.empty() ? 0 : 1);
    if (asked > 1) return usage_error("--list, --verify and --restore are three things", "one at a time");
    if (options_.restore.empty() != options_.into.empty()) {
      return usage_error("--restore DIR and --into URL belong together", "segue backup --restore DIR --into URL");
    }
    if (options_.list) return list();
    if (!options_.verify.empty()) return verify();
    if (!options_.restore.empty()) return options_.tables.empty() ? restore() : restore_tables();
    return take();
  }

 private:
  Result<Exit> take() {
    const std::string url = TRY(database_of(program_));
    const fs::path backups = backups_folder(program_, options_);
    Result<backup::Taken> taken;
    if (options_.tables.empty()) {
      backup::Request request;
      request.url = url;
      request.backups = backups;
      request.pg_bin = options_.pg_bin;
      request.jobs = options_.jobs;
      if (options_.private_server) request.read_back = backup::ReadBackOn::private_server;
      if (options_.no_read_back) request.read_back = backup::ReadBackOn::nowhere;
      request.watch = watch_;
      taken = backup::take(request);
    } else {
      backup::TablesRequest request{url, backups, options_.tables};
      request.read_back = !options_.no_read_back;
      request.watch = watch_;
      taken = backup::take_tables(request);
    }
    display_.settle();
    if (!taken) return tl::unexpected(in_words_of_backup(taken.error()));
    print_taken(*taken);
    return Exit::done;
  }

  // `--no-backup` is an option of run.
  static Error in_words_of_backup(Error error) {
    const auto at = error.hint.find(", or go without: --no-backup");
    if (at != std::string::npos)
      error.hint = error.hint.substr(0, at) + "; single tables need no pg_dump: --table NAME";
    return error;
  }

  void print_taken(const backup::Taken& taken) const {
    std::int64_t rows = 0;
    for (const auto& [name, data] : taken.tables) rows += data.rows;
    if (program_.json) {
      print_json({{"folder", taken.folder},
                  {"pg_dump", taken.pg_dump},
                  {"bytes", taken.bytes},
                  {"seconds", taken.seconds},
                  {"dump_seconds", taken.dump_seconds},
                  {"catalog", taken.catalog},
                  {"tables", catalog::to_json(taken.tables)},
                  {"read_back", taken.read_back},
                  {"notes", taken.notes}});
      return;
    }
    print_line(taken.folder);
    print_line(fmt::format("{} tables, {} rows, {} in {}; {}", taken.tables.size(), with_commas(rows),
                           bytes_text(static_cast<double>(taken.bytes)), duration_text(taken.seconds),
                           taken.read_back.empty() ? "not read back" : "read back equal (" + taken.read_back + ")"));
    for (const auto& note : taken.notes) print_line("note: " + note);
  }

  Result<Exit> list() const {
    std::vector<Error> unreadable;
    const auto found = backup::list(backups_folder(program_, options_), &unreadable);
    for (const auto& error : unreadable) log::report(error);
    if (program_.json) {
      Json all = Json::array();
      for (const auto& one : found) {
        const auto& back = one.record.read_back;
        all.push_back({{"folder", one.folder.string()},
                       {"kind", one.record.kind},
                       {"database", one.record.database},
                       {"taken_at", one.record.taken_at},
                       {"age_seconds", one.age_seconds},
                       {"bytes", one.record.bytes},
                       {"tables", one.record.tables.size()},
                       {"read_back", {{"ok", back.ok}, {"where", back.where}, {"at", back.at}}}});
      }
      print_json(all);
      return Exit::done;
    }
    if (found.empty()) print_line("no backups in " + backups_folder(program_, options_).string());
    for (const auto& one : found) {
      const std::string what =
          one.record.kind == "full" ? "whole database" : fmt::format("{} tables", one.record.tables.size());
      print_line(fmt::format("{}  {}, {} old, {}, {}", one.folder.filename().string(), what,
                             duration_text(one.age_seconds), bytes_text(static_cast<double>(one.record.bytes)),
                             read_back_text(one.record.read_back)));
    }
    return Exit::done;
  }

  Result<Exit> verify() {
    backup::VerifyRequest request;
    request.folder = backup_named(program_, options_, options_.verify);
    request.url = TRY(database_of(program_));
    request.private_server = options_.private_server;
    request.pg_bin = options_.pg_bin;
    request.jobs = options_.jobs;
    request.watch = watch_;
    const auto back = backup::verify(request);
    display_.settle();
    if (!back) return tl::unexpected(back.error());
    if (program_.json) {
      print_json({{"folder", request.folder.string()}, {"ok", back->ok}, {"where", back->where}, {"at", back->at}});
    } else {
      print_line(fmt::format("{}: read back equal ({})", request.folder.string(), back->where));
    }
    return Exit::done;
  }

  backup::RestoreRequest restore_request() {
    backup::RestoreRequest request;
    request.folder = backup_named(program_, options_, options_.restore);
    request.url = options_.into;
    request.pg_bin = options_.pg_bin;
    request.jobs = options_.jobs;
    request.watch = watch_;
    return request;
  }

  Result<Exit> restore() {
    const auto restored = backup::restore(restore_request());
    display_.settle();
    if (!restored) return tl::unexpected(restored.error());
    if (program_.json) {
      print_json({{"database", restored->database},
                  {"tables", restored->tables},
                  {"rows", restored->rows},
                  {"seconds", restored->seconds}});
    } else {
      print_line(fmt::format("restored into {}: {} tables, {} rows, equal to what was backed up, in {}",
                             restored->database, restored->tables, with_commas(restored->rows),
                             duration_text(restored->seconds)));
    }
    return Exit::done;
  }

  Result<Exit> restore_tables() {
    Json all = Json::array();
    for (const auto& table : options_.tables) {
      const auto restored = backup::restore_table(restore_request(), table);
      display_.settle();
      if (!restored) return tl::unexpected(restored.error());
      all.push_back({{"table", restored->table},
                     {"rows", restored->rows},
                     {"hash_compared", restored->hash_compared},
                     {"seconds", restored->seconds}});
      if (program_.json) continue;
      print_line(fmt::format("{}: {} rows, {}, in {}", restored->table, with_commas(restored->rows),
                             restored->hash_compared ? "equal to what was backed up"
                                                     : "as many as were backed up (generated columns were left out)",
                             duration_text(restored->seconds)));
    }
    if (program_.json) print_json(all);
    return Exit::done;
  }

  const Program& program_;
  const Options& options_;
  Display display_;
  backup::Watch watch_;
};

}  // namespace

void add_backup(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = add_command(program, "backup", "take a backup and read it back; list, verify and restore backups",
                              [&program, options] { return Command(program, *options).run(); });
  command->add_option("--to", options->to, "the folder that holds the backups, instead of backups/ of the project")
      ->type_name("DIR");
  command->add_option("--table", options->tables, "only this table's rows; may be given several times")
      ->type_name("NAME");
  command->add_option("--jobs", options->jobs, "how many connections dump and restore (2)")
      ->check(CLI::Range(1, 64))
      ->type_name("N");
  command->add_option("--pg-bin", options->pg_bin, "the folder of pg_dump and pg_restore")->type_name("DIR");
  command->add_flag("--no-read-back", options->no_read_back, "do not prove that it can be restored");
  command->add_flag("--private-server", options->private_server,
                    "read back on a server of its own on this machine, not on the database's");
  command->add_flag("--list", options->list, "what backups there are");
  command->add_option("--verify", options->verify, "read this backup back once more and compare")->type_name("DIR");
  command
      ->add_option("--restore", options->restore,
                   "restore this backup (with --table: that table's rows, as a new table)")
      ->type_name("DIR");
  command->add_option("--into", options->into, "the database to restore into; an empty one, unless --table is given")
      ->type_name("URL");
}

}  // namespace segue::cli
