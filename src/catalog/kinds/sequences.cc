#include "catalog/kinds/kind.h"

namespace segue::catalog {

// Sequences without their positions; also those of identity and serial columns.
Kind sequences() {
  return {"sequence", R"(
    SELECT c.qualified AS name, owned.table_name AS of,
      pg_get_userbyid(c.relowner) AS owner,
      format_type(q.seqtypid, NULL) AS type, q.seqstart AS start, q.seqincrement AS increment,
      q.seqmin AS minimum, q.seqmax AS maximum,
      CASE WHEN q.seqcache <> 1 THEN q.seqcache END AS cache,
      CASE WHEN q.seqcycle THEN 'yes' END AS cycle,
      CASE c.relpersistence WHEN 'u' THEN 'yes' END AS unlogged,
      owned.column_name AS "owned by",
      obj_description(c.oid, 'pg_class') AS comment
    FROM relation c JOIN pg_sequence q ON q.seqrelid = c.oid
      LEFT JOIN LATERAL (
        SELECT format('%I.%I', n.nspname, t.relname) AS table_name,
          format('%I.%I.%I', n.nspname, t.relname, a.attname) AS column_name
        FROM pg_depend d JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace n ON n.oid = t.relnamespace
          JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
          AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')) owned ON true
    WHERE c.relkind = 'S')"};
}

}  // namespace segue::catalog
