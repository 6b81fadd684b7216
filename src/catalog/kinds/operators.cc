#include "catalog/kinds/kind.h"

namespace segue::catalog {

Kind operators() {
  return {"operator", R"(
    SELECT o.oid::regoperator::text AS name, pg_get_userbyid(o.oprowner) AS owner,
      concat_ws(', ', 'function ' || o.oprcode, 'commutator ' || nullif(o.oprcom, 0)::regoperator,
        'negator ' || nullif(o.oprnegate, 0)::regoperator, 'restrict ' || nullif(o.oprrest::oid, 0)::regproc,
        'join ' || nullif(o.oprjoin::oid, 0)::regproc, CASE WHEN o.oprcanhash THEN 'hashes' END,
        CASE WHEN o.oprcanmerge THEN 'merges' END) AS definition,
      obj_description(o.oid, 'pg_operator') AS comment
    FROM pg_operator o JOIN scope s ON s.oid = o.oprnamespace
    WHERE o.oprcode <> 0 AND o.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_operator'::regclass))"};
}

// What an operator class holds stands in its family, by operator and by support function.
Kind operator_classes() {
  return {"operator class", R"(
    SELECT format('%I.%I for %s', s.nspname, c.opcname, a.amname) AS name, pg_get_userbyid(c.opcowner) AS owner,
      format_type(c.opcintype, NULL) AS type,
      (SELECT format('%I.%I', n.nspname, f.opfname) FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace
         WHERE f.oid = c.opcfamily) AS family,
      CASE WHEN c.opcdefault THEN 'yes' END AS "default for its type",
      CASE WHEN c.opckeytype <> 0 THEN format_type(c.opckeytype, NULL) END AS "storage type",
      obj_description(c.oid, 'pg_opclass') AS comment
    FROM pg_opclass c JOIN scope s ON s.oid = c.opcnamespace JOIN pg_am a ON a.oid = c.opcmethod
    WHERE c.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_opclass'::regclass))"};
}

Kind operator_families() {
  return {"operator family", R"(
    SELECT format('%I.%I for %s', s.nspname, f.opfname, a.amname) AS name, pg_get_userbyid(f.opfowner) AS owner,
      (SELECT string_agg(format('%s %s%s', o.amopstrategy, o.amopopr::regoperator,
          (SELECT format(' for order by %I.%I', n.nspname, x.opfname) FROM pg_opfamily x
             JOIN pg_namespace n ON n.oid = x.opfnamespace WHERE x.oid = o.amopsortfamily)), ', '
          ORDER BY o.amopstrategy, o.amopopr::regoperator::text COLLATE "C")
         FROM pg_amop o WHERE o.amopfamily = f.oid) AS operators,
      (SELECT string_agg(format('%s (%s, %s) %s', p.amprocnum, format_type(p.amproclefttype, NULL),
          format_type(p.amprocrighttype, NULL), p.amproc::regprocedure), ', '
          ORDER BY p.amprocnum, p.amproc::regprocedure::text COLLATE "C")
         FROM pg_amproc p WHERE p.amprocfamily = f.oid) AS functions,
      obj_description(f.oid, 'pg_opfamily') AS comment
    FROM pg_opfamily f JOIN scope s ON s.oid = f.opfnamespace JOIN pg_am a ON a.oid = f.opfmethod
    WHERE f.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_opfamily'::regclass))"};
}

// Casts that users made: their oids are above those that the server comes with.
Kind casts() {
  return {"cast", R"(
    SELECT format('(%s as %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)) AS name,
      CASE c.castmethod WHEN 'f' THEN 'function ' || c.castfunc::regprocedure WHEN 'i' THEN 'inout' ELSE 'binary' END AS definition,
      CASE c.castcontext WHEN 'a' THEN 'assignment' WHEN 'i' THEN 'implicit' ELSE 'explicit' END AS context,
      obj_description(c.oid, 'pg_cast') AS comment
    FROM pg_cast c
    WHERE c.oid >= 16384 AND c.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_cast'::regclass))",
          false};
}

}  // namespace segue::catalog
