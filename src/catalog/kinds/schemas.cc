#include "catalog/kinds/kind.h"

namespace segue::catalog {

Kind schemas() {
  return {"schema", R"(
    SELECT quote_ident(s.nspname) AS name, pg_get_userbyid(s.nspowner) AS owner,
      obj_description(s.oid, 'pg_namespace') AS comment
    FROM scope s
    WHERE s.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_namespace'::regclass))"};
}

}  // namespace segue::catalog
