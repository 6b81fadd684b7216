#include "plan/tables.h"

#include <algorithm>

#include "sql/references.h"

namespace segue::plan {
std::string as_written(const sql::QualifiedName& name) {
  return name.schema.empty() ? name.name : name.schema + "." + name.name;
}

std::string plain_name(std::string quoted) {
  std::erase(quoted, '"');
  return quoted.find('.') == std::string::npos ? "public." + quoted : quoted;
}

std::set<std::string> tables_of(const Plan& plan) {
  std::set<std::string> found;
  for (const auto& step : plan.steps) {
    for (const auto& lock : step.up.locks) found.insert(plain_name(lock.table));
    for (const auto& rule : step.keep) found.insert(plain_name(rule.table));
    if (!step.up.backfill.table.empty()) found.insert(plain_name(step.up.backfill.table));
    if (step.move.rfind("sql", 0) != 0) continue;
    for (const auto& name : sql::references_of_sql(sql_text(step.up)).relations) {
      found.insert(plain_name(as_written(name)));
    }
  }
  return found;
}

}  // namespace segue::plan
