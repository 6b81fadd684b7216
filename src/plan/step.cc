#include "plan/step.h"

#include <fmt/format.h>

#include "sql/lock.h"

namespace segue::plan {

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
    if (is_weaker(strongest, lock.mode)) strongest = lock.mode;
  }
  return strongest;
}

bool is_weaker(const std::string& mode, const std::string& other) {
  return sql::lock_of(mode) < sql::lock_of(other);
}

std::string who_waits(const std::string& mode) {
  return std::string(sql::name_of(sql::blocks_of(sql::lock_of(mode))));
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

std::string counted_text(const BackfillJob& job, const std::string& which) {
  return update_text(job, which) + (job.carry.empty() ? " RETURNING 1" : "");
}

std::string update_text(const BackfillJob& job, const std::string& which) {
  const auto pending = which.empty() ? job.pending : fmt::format("{} AND ({})", which, job.pending);
  if (!job.carry.empty()) return fmt::format("SELECT {} FROM {} WHERE {}", job.carry, job.table, pending);
  std::string set;
  for (std::size_t at = 0; at < job.columns.size(); ++at) {
    set += fmt::format("{}{} = {}", set.empty() ? "" : ", ", job.columns[at], job.values[at]);
  }
  return fmt::format("UPDATE {} SET {}{} WHERE {}", job.table, set, job.from.empty() ? "" : " FROM " + job.from,
                     pending);
}

std::string these_rows(const BackfillJob& job, const std::string& where, Held held) {
  if (job.from.empty() && held == Held::waited_for) return where;
  // What is pending may ask the other table.
  const auto pending = job.from.empty() ? fmt::format(" AND ({})", job.pending) : std::string();
  return fmt::format("{0}.ctid = ANY(ARRAY(SELECT ctid FROM {0} WHERE {1}{2}{3}))", job.table, where, pending,
                     held == Held::passed_over ? " FOR NO KEY UPDATE SKIP LOCKED" : "");
}

std::string lock_text(const BackfillJob& job, const std::string& where) {
  if (job.from.empty()) return {};
  return fmt::format("SELECT count(*) FROM (SELECT FROM {} WHERE {} FOR NO KEY UPDATE SKIP LOCKED) held", job.table,
                     where);
}

}  // namespace segue::plan
