#include "catalog/kinds/kind.h"

namespace segue::catalog {

// Indexes, also those that stand behind constraints. The definition begins with
// USING; its head is said by the name and by attributes.
Kind indexes() {
  return {"index", R"(
    SELECT i.qualified AS name,
      i.table_name AS of,
      CASE WHEN i.indisunique THEN 'yes' END AS "unique",
      substr(pg_get_indexdef(i.oid), 1 + length(
        CASE WHEN i.indisunique THEN 'CREATE UNIQUE INDEX ' ELSE 'CREATE INDEX ' END || quote_ident(i.relname)
        || CASE WHEN i.relkind = 'I' THEN ' ON ONLY ' ELSE ' ON ' END || i.table_name || ' ')) AS definition,
      CASE WHEN i.reltablespace <> 0 THEN (SELECT spcname FROM pg_tablespace WHERE oid = i.reltablespace) END AS tablespace,
      CASE WHEN NOT i.indisvalid THEN 'yes' END AS invalid,
      CASE WHEN NOT i.indisready THEN 'yes' END AS "not ready",
      CASE WHEN i.indisclustered THEN 'yes' END AS clustered,
      CASE WHEN i.relispartition THEN
        (SELECT inhparent::regclass::text FROM pg_inherits WHERE inhrelid = i.oid) END AS "attached to",
      (SELECT string_agg(a.attnum || ': ' || a.attstattarget, ', ' ORDER BY a.attnum) FROM pg_attribute a
         WHERE a.attrelid = i.oid AND a.attstattarget >= 0) AS "statistics targets",
      (SELECT description FROM pg_description
         WHERE objoid = i.oid AND classoid = 'pg_class'::regclass AND objsubid = 0) AS comment
    FROM (SELECT i.*, x.indisunique, x.indisvalid, x.indisready, x.indisclustered, c.qualified AS table_name
          FROM pg_index x JOIN relation i ON i.oid = x.indexrelid JOIN relation c ON c.oid = x.indrelid) i)"};
}

}  // namespace segue::catalog
