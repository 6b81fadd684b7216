#include "catalog/kinds/kind.h"

namespace segue::catalog {

// Views and materialized views; their columns are in columns.cc.
Kind views() {
  return {"view", R"(
    SELECT CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END AS kind,
      c.qualified AS name,
      pg_get_userbyid(c.relowner) AS owner,
      pg_get_viewdef(c.oid) AS query,
      (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(c.reloptions) o) AS options,
      CASE WHEN c.relkind = 'm' AND NOT c.relispopulated THEN 'yes' END AS "not populated",
      (SELECT amname FROM pg_am WHERE oid = c.relam AND amname <> 'heap') AS "access method",
      (SELECT spcname FROM pg_tablespace WHERE oid = c.reltablespace) AS tablespace,
      obj_description(c.oid, 'pg_class') AS comment
    FROM relation c
    WHERE c.relkind IN ('v', 'm'))"};
}

}  // namespace segue::catalog
