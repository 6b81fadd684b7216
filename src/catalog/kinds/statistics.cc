#include "catalog/kinds/kind.h"

namespace segue::catalog {

Kind statistics() {
  return {"statistics", R"(
    SELECT format('%I.%I', s.nspname, x.stxname) AS name, c.qualified AS of,
      pg_get_userbyid(x.stxowner) AS owner,
      pg_get_statisticsobjdef(x.oid) AS definition,
      CASE WHEN x.stxstattarget >= 0 THEN x.stxstattarget END AS "statistics target",
      obj_description(x.oid, 'pg_statistic_ext') AS comment
    FROM pg_statistic_ext x JOIN scope s ON s.oid = x.stxnamespace JOIN relation c ON c.oid = x.stxrelid)"};
}

}  // namespace segue::catalog
