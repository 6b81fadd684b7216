// segue usage NAME: which live statements still use the old shape, and for how long none did.
#include "engine/usage.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "base/json.h"
#include "base/terminal.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/project.h"
#include "ledger/run.h"
#include "proof/old_shape.h"

namespace segue::cli {
namespace {

using ledger::UsageLook;
using ledger::UsageSample;

// What was called since the first look of this run; before that the old shape was all there was.
std::int64_t called_since(const std::vector<UsageLook>& looks, const UsageSample& now) {
  for (const auto& look : looks) {
    if (!look.readable && now.source == "statements") continue;
    for (const auto& one : look.samples) {
      const bool same = one.source == now.source && one.query_id == now.query_id && one.role == now.role &&
                        one.statement == now.statement && one.old_name == now.old_name;
      if (same) return std::max<std::int64_t>(0, now.calls - one.calls);
    }
    return now.calls;
  }
  return now.calls;
}

struct Line {
  const UsageSample* sample;
  std::int64_t calls;
};

std::vector<Line> lines_of(const std::vector<UsageLook>& looks) {
  std::vector<Line> lines;
  for (const auto& one : looks.back().samples) lines.push_back({&one, called_since(looks, one)});
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
    return std::pair(a.sample->certain, a.calls) > std::pair(b.sample->certain, b.calls);
  });
  return lines;
}

Json as_json(const std::string& migration, const std::vector<UsageLook>& looks, const engine::Quiet& quiet) {
  Json list = Json::array();
  for (const auto& [sample, calls] : lines_of(looks)) {
    list.push_back({{"old_name", sample->old_name},
                    {"statement", sample->statement},
                    {"role", sample->role},
                    {"source", sample->source},
                    {"calls", sample->calls},
                    {"calls_since_first_look", calls},
                    {"certain", sample->certain}});
  }
  return {{"migration", migration},         {"readable", looks.back().readable}, {"message", looks.back().message},
          {"looks", looks.size()},          {"first_look", looks.front().at},    {"last_look", looks.back().at},
          {"quiet_seconds", quiet.seconds}, {"why_not_longer", quiet.reason},    {"uses", list}};
}

void print_text(const std::string& migration, const std::vector<UsageLook>& looks, const engine::Quiet& quiet) {
  const Paint paint(STDOUT_FILENO);
  print_line(fmt::format("{}: statements that use the old shape, calls since {}", paint.bold(migration),
                         looks.front().at.substr(0, 19)));
  if (!looks.back().readable) print_line(paint.yellow("not all could be read: " + looks.back().message));
  const auto lines = lines_of(looks);
  if (lines.empty()) print_line("  none is recorded");
  for (const auto& [sample, calls] : lines) {
    const auto mark = !sample->certain ? paint.dim("perhaps")
                      : calls > 0      ? paint.red("uses   ")
                                       : paint.green("quiet  ");
    print_line(fmt::format("  {} {:>9}  {:<28} {}{}", mark, with_commas(calls), sample->old_name,
                           sample->role.empty() ? "" : sample->role + ": ", one_line(sample->statement, 160)));
  }
  print_line(fmt::format("unused for {} (proved by {} looks); not longer, because: {}",
                         duration_text(static_cast<double>(quiet.seconds)), looks.size(), quiet.reason));
}

Result<Exit> usage(const Program& program, const std::string& typed) {
  auto connection = TRY(program.connect());
  const auto name = TRY(migration_name(program, typed));
  const auto run = TRY(ledger::open_run(connection, name));
  const auto plan = TRY(plan::from_stored(run.plan));
  TRY(engine::look_at_usage(connection, run.id, plan));
  const auto looks = TRY(ledger::looks_of(connection, run.id));
  const auto quiet = engine::quiet_until_now(looks);
  if (program.json) {
    print_json(as_json(run.migration, looks, quiet));
    return Exit::done;
  }
  if (plan.old_shape.empty()) {
    print_line(fmt::format("{}: nothing of the old shape leaves, so no statement can use it", run.migration));
    return Exit::done;
  }
  print_text(run.migration, looks, quiet);
  return Exit::done;
}

}  // namespace

void add_usage(Program& program) {
  auto name = std::make_shared<std::string>();
  auto* command = add_command(program, "usage", "which live statements still use the old shape",
                              [&program, name] { return usage(program, *name); });
  command->add_option("NAME", *name, "which migration; the one under way without");
}

}  // namespace segue::cli
