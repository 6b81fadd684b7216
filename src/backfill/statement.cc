#include "backfill/statement.h"

namespace segue::backfill {

bool gives_way(const std::string& sqlstate) {
  // lock not available, deadlock, serialization failure, statement timeout
  return sqlstate == "55P03" || sqlstate == "40P01" || sqlstate == "40001" || sqlstate == "57014";
}

bool is_about_a_row(const std::string& sqlstate) {
  // data exception, integrity constraint violation, RAISE EXCEPTION
  return sqlstate.starts_with("22") || sqlstate.starts_with("23") || sqlstate == "P0001";
}

}  // namespace segue::backfill
