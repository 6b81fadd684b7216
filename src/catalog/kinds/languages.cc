#include "catalog/kinds/kind.h"

namespace segue::catalog {

// Procedural languages that users made without an extension.
Kind languages() {
  return {"language", R"(
    SELECT quote_ident(l.lanname) AS name, pg_get_userbyid(l.lanowner) AS owner,
      concat_ws(', ', CASE WHEN l.lanpltrusted THEN 'trusted' END, 'handler ' || nullif(l.lanplcallfoid, 0)::regprocedure,
        'inline ' || nullif(l.laninline, 0)::regprocedure, 'validator ' || nullif(l.lanvalidator, 0)::regprocedure) AS definition,
      obj_description(l.oid, 'pg_language') AS comment
    FROM pg_language l
    WHERE l.lanispl AND l.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_language'::regclass))",
          false};
}

Kind access_methods() {
  return {"access method", R"(
    SELECT quote_ident(a.amname) AS name, CASE a.amtype WHEN 't' THEN 'table' ELSE 'index' END AS type,
      a.amhandler::text AS handler, obj_description(a.oid, 'pg_am') AS comment
    FROM pg_am a
    WHERE a.oid >= 16384 AND a.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_am'::regclass))",
          false};
}

Kind transforms() {
  return {"transform", R"(
    SELECT format('for %s language %I', format_type(t.trftype, NULL), l.lanname) AS name,
      concat_ws(', ', 'from sql ' || nullif(t.trffromsql::oid, 0)::regprocedure,
        'to sql ' || nullif(t.trftosql::oid, 0)::regprocedure) AS definition,
      obj_description(t.oid, 'pg_transform') AS comment
    FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang
    WHERE t.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_transform'::regclass))",
          false};
}

}  // namespace segue::catalog
