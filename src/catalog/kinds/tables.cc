#include "catalog/kinds/kind.h"

namespace segue::catalog {

// Tables, partitioned tables and foreign tables. What the server copies from a parent to its partitions is said once,
// at the parent.
Kind tables() {
  return {"table", R"(
    SELECT CASE c.relkind WHEN 'f' THEN 'foreign table' ELSE 'table' END AS kind,
      c.qualified AS name,
      pg_get_userbyid(c.relowner) AS owner,
      CASE c.relpersistence WHEN 'u' THEN 'yes' END AS unlogged,
      (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(c.reloptions) o) AS options,
      (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(toast.reloptions) o) AS "toast options",
      (SELECT amname FROM pg_am WHERE oid = c.relam AND amname <> 'heap') AS "access method",
      (SELECT spcname FROM pg_tablespace WHERE oid = c.reltablespace) AS tablespace,
      CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS "partition key",
      pg_get_expr(c.relpartbound, c.oid) AS "partition bound",
      (SELECT string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno)
         FROM pg_inherits WHERE inhrelid = c.oid) AS inherits,
      (SELECT 'yes' FROM pg_inherits WHERE inhrelid = c.oid AND inhdetachpending) AS "detach pending",
      CASE c.relreplident
        WHEN 'n' THEN 'nothing'
        WHEN 'f' THEN 'full'
        WHEN 'i' THEN (SELECT 'index ' || quote_ident(i.relname) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
                         WHERE x.indrelid = c.oid AND x.indisreplident)
      END AS "replica identity",
      CASE WHEN c.relrowsecurity THEN 'yes' END AS "row security",
      CASE WHEN c.relforcerowsecurity THEN 'yes' END AS "forced row security",
      CASE WHEN c.reloftype <> 0 THEN c.reloftype::regtype::text END AS "of type",
      (SELECT quote_ident(s.srvname) FROM pg_foreign_table t JOIN pg_foreign_server s ON s.oid = t.ftserver
         WHERE t.ftrelid = c.oid) AS server,
      (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM pg_foreign_table t, unnest(t.ftoptions) o
         WHERE t.ftrelid = c.oid) AS "foreign options",
      (SELECT description FROM pg_description
         WHERE objoid = c.oid AND classoid = 'pg_class'::regclass AND objsubid = 0) AS comment
    FROM relation c LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid
    WHERE c.relkind IN ('r', 'p', 'f'))"};
}

}  // namespace segue::catalog
