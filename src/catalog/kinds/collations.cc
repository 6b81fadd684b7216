#include "catalog/kinds/kind.h"

namespace segue::catalog {

// The locale stands in other columns in each version from 15 on, so they are read by name.
Kind collations() {
  return {"collation", R"(
    SELECT format('%I.%I', s.nspname, c.collname) AS name, pg_get_userbyid(c.collowner) AS owner,
      CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'c' THEN 'libc' WHEN 'b' THEN 'builtin' ELSE c.collprovider::text END AS provider,
      coalesce(j ->> 'colllocale', j ->> 'colliculocale', c.collcollate::text) AS locale,
      CASE WHEN c.collctype::text <> c.collcollate::text THEN c.collctype::text END AS "character type",
      CASE WHEN NOT c.collisdeterministic THEN 'yes' END AS "not deterministic",
      j ->> 'collicurules' AS rules,
      obj_description(c.oid, 'pg_collation') AS comment
    FROM pg_collation c JOIN scope s ON s.oid = c.collnamespace, LATERAL to_jsonb(c) j
    WHERE c.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_collation'::regclass))"};
}

Kind conversions() {
  return {"conversion", R"(
    SELECT format('%I.%I', s.nspname, c.conname) AS name, pg_get_userbyid(c.conowner) AS owner,
      format('%s to %s by %s%s', pg_encoding_to_char(c.conforencoding), pg_encoding_to_char(c.contoencoding), c.conproc,
        CASE WHEN c.condefault THEN ', default' END) AS definition,
      obj_description(c.oid, 'pg_conversion') AS comment
    FROM pg_conversion c JOIN scope s ON s.oid = c.connamespace
    WHERE c.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_conversion'::regclass))"};
}

}  // namespace segue::catalog
