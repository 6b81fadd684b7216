#include "catalog/kinds/kind.h"

namespace segue::catalog {

// Extensions; what belongs to them is theirs and is not listed (rights on it are, in grants.cc).
Kind extensions() {
  return {"extension", R"(
    SELECT quote_ident(e.extname) AS name, pg_get_userbyid(e.extowner) AS owner, quote_ident(n.nspname) AS schema,
      e.extversion AS version, obj_description(e.oid, 'pg_extension') AS comment
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace)",
          false};
}

// ALTER … DEPENDS ON EXTENSION: what goes when the extension goes.
Kind extension_dependencies() {
  return {"extension dependency", R"(
    SELECT format('%s %s on extension %I', thing.type, thing.identity, e.extname) AS name
    FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass,
      pg_identify_object(d.classid, d.objid, d.objsubid) thing
    WHERE d.deptype = 'x' AND thing.schema IS NOT NULL)",
          false};
}

}  // namespace segue::catalog
