// segue lint [FILE…|FOLDER|-]: hazards of SQL files and migration folders; as text, JSON, SARIF or for GitHub.
#include "lint/lint.h"

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "cli/command.h"
#include "cli/output.h"
#include "lint/explain.h"
#include "lint/files.h"
#include "lint/fix.h"
#include "lint/load_schema.h"
#include "lint/output.h"

namespace segue::cli {
namespace {

struct LintOptions {
  std::vector<std::string> paths;
  std::string format;
  std::string fail_on;
  std::string pg;
  std::string explain;
  std::string pages;
  std::string applied_up_to;
  bool fix = false;
  bool diff = false;
  bool in_transaction = false;
};

Result<lint::Settings> settings_of(const LintOptions& options) {
  namespace fs = std::filesystem;
  const std::string& first = options.paths.front();
  std::error_code ignored;
  const std::string folder = first == "-"                       ? "."
                             : fs::is_directory(first, ignored) ? first
                                                                : fs::path(first).parent_path().string();
  lint::Settings settings = TRY(lint::find_settings(folder));
  if (!options.pg.empty()) {
    settings.version = TRY(lint::version_of(options.pg, "--pg"));
    settings.version_given = true;
  }
  if (!options.fail_on.empty()) {
    const auto severity = lint::severity_of(options.fail_on);
    if (!severity) return usage_error("--fail-on takes error, warning, note or off");
    settings.fail_on = *severity;
  }
  if (!options.applied_up_to.empty()) settings.applied_up_to = options.applied_up_to;
  settings.in_transaction = settings.in_transaction || options.in_transaction;
  return settings;
}

// Only --database on the command line makes lint connect.
Status load_schema(const Program& program, lint::Options& options) {
  if (program.database.empty()) return {};
  auto connection = TRY(program.connect());
  options.schema = TRY(lint::load_schema(connection));
  if (!options.settings.version_given) options.settings.version.number = options.schema.server_version;
  return {};
}

Status write_file(const std::string& path, const std::string& text) {
  namespace fs = std::filesystem;
  // A link stays one: what it names is written. Beside the old one first: a full disk must not cost the file.
  std::error_code error;
  const bool exists = fs::exists(path, error);
  const fs::path target = exists ? fs::canonical(path, error) : fs::path(path);
  const std::string beside = target.string() + ".segue-new";
  std::ofstream file(beside, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file && exists) fs::permissions(beside, fs::status(target, error).permissions(), error);
  if (file && !error) fs::rename(beside, target, error);
  if (file && !error) return {};
  fs::remove(beside, error);
  return usage_error("the file cannot be written", {}, path);
}

// The files as they are after the change, new ones right behind the one that they come from.
std::vector<lint::Input> applied(std::vector<lint::Input> files, const std::vector<lint::FixedFile>& changed) {
  std::size_t at = 0;
  for (const lint::FixedFile& change : changed) {
    if (change.is_new) {
      if (!change.path.ends_with(".sql")) continue;
      at = std::min(at + 1, files.size());
      files.insert(files.begin() + static_cast<std::ptrdiff_t>(at), {change.path, change.after});
      continue;
    }
    for (std::size_t index = 0; index < files.size(); ++index) {
      if (files[index].path != change.path) continue;
      files[index].text = change.after;
      at = index;
    }
  }
  return files;
}

Result<Exit> mend(const lint::Options& options, const LintOptions& asked) {
  std::vector<lint::Input> inputs;
  for (const std::string& path : TRY(lint::files_of(asked.paths, options.settings.ignore))) {
    inputs.push_back({path, TRY(lint::read_file(path))});
  }
  const auto changed = lint::fix(options, inputs);
  for (const lint::FixedFile& file : changed) {
    if (asked.diff) print(lint::unified_diff(file));
    if (asked.fix && file.path != "-") TRY(write_file(file.path, file.after));
  }
  if (!asked.fix) return changed.empty() ? Exit::done : Exit::findings;
  std::vector<lint::Input> after = applied(std::move(inputs), changed);
  for (const lint::Input& file : after) {
    // Standard input goes on as standard output, changed or not.
    if (file.path == "-" && !asked.diff) print(file.text);
  }
  const lint::Report report = lint::run(options, std::move(after));
  if (asked.paths.front() != "-" && !asked.diff) print(lint::as_text(report, Paint(STDOUT_FILENO)));
  return report.count(options.settings.fail_on) > 0 && options.settings.fail_on != lint::Severity::off ? Exit::findings
                                                                                                       : Exit::done;
}

// A run over a thousand files takes some ten megabytes, piece by piece and on several threads: they are taken from the
// system in few large parts instead, because every one of them stops the other threads.
void take_memory_in_large_parts() {
  constexpr int part = 32 << 20;
  mallopt(M_TOP_PAD, part);
  mallopt(M_MMAP_THRESHOLD, part);
}

Result<Exit> lint_files(const Program& program, LintOptions asked) {
  if (!asked.explain.empty()) {
    if (!asked.pages.empty()) {
      TRY(lint::write_pages(asked.pages));
    } else {
      print(TRY(lint::explain(asked.explain)));
    }
    return Exit::done;
  }
  if (asked.paths.empty()) {
    std::error_code ignored;
    if (!std::filesystem::is_directory("migrations", ignored)) {
      return usage_error("lint wants files, a folder or -", "segue lint migrations/*.sql");
    }
    asked.paths = {"migrations"};
  }
  take_memory_in_large_parts();
  lint::Options options;
  options.settings = TRY(settings_of(asked));
  TRY(load_schema(program, options));
  if (asked.fix || asked.diff) return mend(options, asked);
  const lint::Severity fail_on = options.settings.fail_on;
  // Never given back: the process ends right behind it, and a large run is ten thousands of small pieces.
  lint::Report made = TRY(lint::run(std::move(options), asked.paths));
  static const lint::Report& report = *new lint::Report(std::move(made));
  const std::string format = !asked.format.empty() ? asked.format : program.json ? "json" : "text";
  if (format == "json") {
    lint::write_json(report, print);
  } else if (format == "sarif") {
    print_json(lint::as_sarif(report));
  } else if (format == "github") {
    print(lint::as_github(report));
  } else {
    print(lint::as_text(report, Paint(STDOUT_FILENO)));
  }
  return fail_on != lint::Severity::off && report.count(fail_on) > 0 ? Exit::findings : Exit::done;
}

}  // namespace

void add_lint(Program& program) {
  auto options = std::make_shared<LintOptions>();
  auto* command =
      add_command(program, "lint", "hazards of SQL files and migrations, with the lock, who waits and the safe form",
                  [&program, options] { return lint_files(program, *options); });
  command->add_option("FILE", options->paths, "files, folders, or - for standard input");
  command->add_option("--format", options->format, "text, json, sarif or github")
      ->check(CLI::IsMember({"text", "json", "sarif", "github"}))
      ->type_name("FORMAT");
  command
      ->add_option("--fail-on", options->fail_on,
                   "error, warning (default), note or off: from which severity on the exit code is 1")
      ->type_name("SEVERITY");
  command->add_option("--pg", options->pg, "the server's version, 12 to 18 (default 15, or that of --database)")
      ->type_name("VERSION");
  command
      ->add_option("--applied-up-to", options->applied_up_to,
                   "files up to this one are history: read for names, not judged")
      ->type_name("FILE");
  command->add_flag("--in-transaction", options->in_transaction, "plain files run in one transaction");
  command->add_flag("--fix", options->fix, "mends what can be mended, in place");
  command->add_flag("--diff", options->diff, "shows what --fix would change");
  command->add_option("--explain", options->explain, "what a rule means; all lists them")->type_name("CODE");
  command->add_option("--markdown", options->pages, "with --explain all: writes one page a rule into this folder")
      ->type_name("FOLDER");
}

}  // namespace segue::cli
