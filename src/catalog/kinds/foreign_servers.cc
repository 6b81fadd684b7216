#include "catalog/kinds/kind.h"

namespace segue::catalog {

Kind foreign_data_wrappers() {
  return {"foreign data wrapper", R"(
    SELECT quote_ident(f.fdwname) AS name, pg_get_userbyid(f.fdwowner) AS owner,
      CASE WHEN f.fdwhandler <> 0 THEN f.fdwhandler::regproc::text END AS handler,
      CASE WHEN f.fdwvalidator <> 0 THEN f.fdwvalidator::regproc::text END AS validator,
      (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(f.fdwoptions) o) AS options,
      obj_description(f.oid, 'pg_foreign_data_wrapper') AS comment
    FROM pg_foreign_data_wrapper f
    WHERE f.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_foreign_data_wrapper'::regclass))",
          false};
}

Kind foreign_servers() {
  return {"server", R"(
    SELECT quote_ident(s.srvname) AS name, pg_get_userbyid(s.srvowner) AS owner, quote_ident(f.fdwname) AS wrapper,
      s.srvtype AS type, s.srvversion AS version,
      (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(s.srvoptions) o
         WHERE o !~* '^[^=]*(password|passwd|secret|token)') AS options,
      obj_description(s.oid, 'pg_foreign_server') AS comment
    FROM pg_foreign_server s JOIN pg_foreign_data_wrapper f ON f.oid = s.srvfdw
    WHERE s.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_foreign_server'::regclass))",
          false};
}

// Only the names of the options: their values hold passwords.
Kind user_mappings() {
  return {"user mapping", R"(
    SELECT quote_ident(m.usename) || ' on ' || quote_ident(m.srvname) AS name,
      (SELECT string_agg(split_part(o, '=', 1), ', ' ORDER BY o COLLATE "C") FROM unnest(m.umoptions) o) AS "option names"
    FROM pg_user_mappings m)",
          false};
}

}  // namespace segue::catalog
