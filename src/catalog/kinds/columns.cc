#include "catalog/kinds/kind.h"

namespace segue::catalog {

// Columns of tables, views and composite types. The position is the rank among the columns that live. A child of plain
// inheritance gets its parents' columns first when it is restored, so there inherited columns have no rank of their
// own.
Kind columns() {
  return {"column", R"(
    SELECT CASE c.relkind WHEN 'c' THEN 'attribute' ELSE 'column' END AS kind,
      c.qualified || '.' || quote_ident(a.attname) AS name,
      c.qualified AS of,
      CASE WHEN a.attinhcount = 0 OR c.relispartition THEN
        row_number() OVER (PARTITION BY a.attrelid, a.attinhcount > 0 AND NOT c.relispartition ORDER BY a.attnum)
      END AS position,
      format_type(a.atttypid, a.atttypmod) AS type,
      CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END AS collation,
      CASE WHEN a.attnotnull THEN 'yes' END AS "not null",
      CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END AS "default",
      CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' END AS generated,
      CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END AS "generated as",
      CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END AS identity,
      CASE WHEN a.attstorage <> t.typstorage THEN
        CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'x' THEN 'extended' WHEN 'm' THEN 'main' END
      END AS storage,
      CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
      CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END AS "statistics target",
      (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(a.attoptions) o
         WHERE o NOT LIKE 'pg\_attver=%') AS options,
      (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(a.attfdwoptions) o) AS "foreign options",
      CASE WHEN a.attinhcount > 0 THEN CASE WHEN a.attislocal THEN 'yes, and defined here' ELSE 'yes' END END AS inherited,
      (SELECT description FROM pg_description
         WHERE objoid = c.oid AND classoid = 'pg_class'::regclass AND objsubid = a.attnum) AS comment
    FROM relation c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_type t ON t.oid = a.atttypid
      LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c'))"};
}

}  // namespace segue::catalog
