#include "plan/step.h"

#include <array>

namespace segue::plan {
namespace {

// Weakest first.
constexpr std::array modes = {"ACCESS SHARE", "ROW SHARE",           "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE",
                              "SHARE",        "SHARE ROW EXCLUSIVE", "EXCLUSIVE",     "ACCESS EXCLUSIVE"};

std::size_t strength(const std::string& mode) {
  for (std::size_t at = 0; at < modes.size(); ++at) {
    if (mode == modes[at]) return at;
  }
  return 0;
}

}  // namespace

std::string_view to_text(ActionKind kind) {
  switch (kind) {
    case ActionKind::transaction:
      return "transaction";
    case ActionKind::concurrent:
      return "concurrent";
    case ActionKind::backfill:
      return "backfill";
    case ActionKind::restore:
      return "restore";
  }
  return "transaction";
}

std::string strongest_lock(const Action& action) {
  std::string strongest;
  for (const auto& lock : action.locks) {
    if (strongest.empty() || strength(lock.mode) > strength(strongest)) strongest = lock.mode;
  }
  return strongest;
}

std::string who_waits(const std::string& mode) {
  if (mode.empty() || strength(mode) <= strength("SHARE UPDATE EXCLUSIVE")) return "none";
  return mode == "ACCESS EXCLUSIVE" ? "reads_and_writes" : "writes";
}

std::string headline(const Step& step) {
  return step.move.rfind("sql", 0) == 0 && step.kind != "kept rows" ? step.title : step.kind + ": " + step.title;
}

std::string display_table(const std::string& quoted) {
  const std::string usual = "\"public\".";
  std::string name = quoted.rfind(usual, 0) == 0 ? quoted.substr(usual.size()) : quoted;
  if (name.find_first_of(" ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos) std::erase(name, '"');
  return name;
}

std::string sql_text(const Action& action) {
  std::string text;
  for (const auto& statement : action.sql) {
    if (!text.empty()) text += '\n';
    text += statement;
    if (statement.empty() || statement.back() != ';') text += ';';
  }
  return text;
}

}  // namespace segue::plan
