#include "backfill/statement.h"

#include <fmt/format.h>

namespace segue::backfill {

std::string update_text(const plan::BackfillJob& job, const std::string& which) {
  std::string set;
  for (std::size_t at = 0; at < job.columns.size(); ++at) {
    set += fmt::format("{}{} = {}", set.empty() ? "" : ", ", job.columns[at], job.values[at]);
  }
  return fmt::format("UPDATE {} SET {}{} WHERE {} AND ({})", job.table, set,
                     job.from.empty() ? "" : " FROM " + job.from, which, job.pending);
}

bool gives_way(const std::string& sqlstate) {
  // lock not available, deadlock, serialization failure, statement timeout
  return sqlstate == "55P03" || sqlstate == "40P01" || sqlstate == "40001" || sqlstate == "57014";
}

bool is_about_a_row(const std::string& sqlstate) {
  // data exception, integrity constraint violation, RAISE EXCEPTION
  return sqlstate.starts_with("22") || sqlstate.starts_with("23") || sqlstate == "P0001";
}

}  // namespace segue::backfill
