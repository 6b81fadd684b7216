#include "catalog/kinds/kind.h"

namespace segue::catalog {

// Constraints of tables and domains; the definition without its trailing flags, which are attributes of their own.
//
// Left out: foreign keys that the server copied to partitions and the referenced side's (a dump does not carry them),
// constraint triggers (they are triggers), and the constraints that 18 makes for NOT NULL under the name it would
// choose itself: the column's "not null" says the same, and in every version.
Kind constraints(int version) {
  const std::string not_enforced =
      version >= 180000 ? R"(CASE WHEN NOT k.conenforced THEN 'yes' END AS "not enforced",)" : "";
  // What is not enforced is never validated either.
  const std::string enforced = version >= 180000 ? " AND k.conenforced" : "";
  return {"constraint", R"(
    SELECT quote_ident(k.conname) || ' on ' || coalesce(c.qualified, 'domain ' || k.domain) AS name,
      coalesce(c.qualified, k.domain) AS of,
      CASE k.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique' WHEN 'c' THEN 'check'
        WHEN 'f' THEN 'foreign key' WHEN 'x' THEN 'exclude' WHEN 'n' THEN 'not null' END AS type,
      regexp_replace(pg_get_constraintdef(k.oid),
        '( NO INHERIT)?( DEFERRABLE)?( INITIALLY DEFERRED)?( NOT ENFORCED)?( NOT VALID)?$', '') AS definition,
      CASE WHEN NOT k.convalidated)" +
                            enforced + R"( THEN 'yes' END AS "not validated",)" + not_enforced + R"(
      CASE WHEN k.condeferrable THEN
        CASE WHEN k.condeferred THEN 'initially deferred' ELSE 'initially immediate' END
      END AS deferrable,
      CASE WHEN k.connoinherit AND k.contype IN ('c', 'n') THEN 'yes' END AS "no inherit",
      CASE WHEN k.coninhcount > 0 AND k.contype IN ('c', 'n') THEN
        CASE WHEN k.conislocal THEN 'yes, and defined here' ELSE 'yes' END
      END AS inherited,
      (SELECT description FROM pg_description
         WHERE objoid = k.oid AND classoid = 'pg_constraint'::regclass AND objsubid = 0) AS comment
    FROM (
        SELECT o.*, CASE WHEN t.oid IS NOT NULL THEN format('%I.%I', n.nspname, t.typname) END AS domain, t.typname
        FROM pg_constraint o
          LEFT JOIN (pg_type t JOIN scope n ON n.oid = t.typnamespace) ON t.oid = o.contypid
            AND t.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_type'::regclass)
      ) k
      LEFT JOIN relation c ON c.oid = k.conrelid
    WHERE (c.oid IS NOT NULL OR k.domain IS NOT NULL)
      AND k.contype <> 't'
      AND NOT (k.contype = 'f' AND k.conparentid <> 0)
      AND (k.contype <> 'n' OR k.conislocal AND (NOT k.convalidated OR k.connoinherit OR
        k.conname <> coalesce(
          c.relname || '_' || (SELECT attname FROM pg_attribute WHERE attrelid = c.oid AND attnum = k.conkey[1]),
          k.typname) || '_not_null')))"};
}

}  // namespace segue::catalog
