#include "catalog/kinds/kind.h"

namespace segue::catalog {

Kind policies() {
  return {"policy", R"(
    SELECT quote_ident(p.polname) || ' on ' || c.qualified AS name, c.qualified AS of,
      CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
        ELSE 'ALL' END AS command,
      CASE WHEN NOT p.polpermissive THEN 'yes' END AS restrictive,
      (SELECT string_agg(CASE member WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(member)) END, ', '
          ORDER BY CASE member WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(member) END COLLATE "C")
         FROM unnest(p.polroles) member) AS roles,
      pg_get_expr(p.polqual, p.polrelid) AS using,
      pg_get_expr(p.polwithcheck, p.polrelid) AS "with check",
      obj_description(p.oid, 'pg_policy') AS comment
    FROM pg_policy p JOIN relation c ON c.oid = p.polrelid)"};
}

}  // namespace segue::catalog
