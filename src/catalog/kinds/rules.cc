#include "catalog/kinds/kind.h"

namespace segue::catalog {

// Rules that users made; the one that makes a view a view is the view's query.
Kind rules() {
  return {"rule", R"(
    SELECT quote_ident(r.rulename) || ' on ' || c.qualified AS name, c.qualified AS of,
      pg_get_ruledef(r.oid) AS definition,
      CASE r.ev_enabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' END AS "fires",
      obj_description(r.oid, 'pg_rewrite') AS comment
    FROM pg_rewrite r JOIN relation c ON c.oid = r.ev_class
    WHERE r.rulename <> '_RETURN')"};
}

}  // namespace segue::catalog
