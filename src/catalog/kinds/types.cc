#include "catalog/kinds/kind.h"

namespace segue::catalog {

// Types that stand for themselves: not those of tables, not arrays, not the multiranges that come with ranges. The
// attributes of composite types are in columns.cc.
Kind types() {
  return {"type", R"(
    SELECT CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range'
        WHEN 'c' THEN 'composite type' ELSE 'type' END AS kind,
      format('%I.%I', s.nspname, t.typname) AS name,
      pg_get_userbyid(t.typowner) AS owner,
      (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid) AS labels,
      CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END AS type,
      CASE WHEN t.typtype = 'd' THEN coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault) ELSE t.typdefault END AS "default",
      CASE WHEN t.typnotnull THEN 'yes' END AS "not null",
      CASE WHEN t.typtype = 'd' AND t.typcollation <> base.typcollation THEN t.typcollation::regcollation::text END AS collation,
      format_type(r.rngsubtype, NULL) AS subtype,
      (SELECT format('%I.%I', n.nspname, o.opcname) FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace
         WHERE o.oid = r.rngsubopc AND NOT o.opcdefault) AS "operator class",
      CASE WHEN r.rngcollation <> 0 THEN r.rngcollation::regcollation::text END AS "subtype collation",
      CASE WHEN r.rngcanonical <> 0 THEN r.rngcanonical::regproc::text END AS canonical,
      CASE WHEN r.rngsubdiff <> 0 THEN r.rngsubdiff::regproc::text END AS "subtype difference",
      format_type(r.rngmultitypid, NULL) AS multirange,
      CASE WHEN t.typtype = 'b' THEN
        format('input %s, output %s, receive %s, send %s, typmod %s %s, analyze %s, subscript %s, length %s, by value %s, '
               'align %s, storage %s, category %s, preferred %s, delimiter %L, element %s, collatable %s',
          t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin, t.typmodout, t.typanalyze, t.typsubscript,
          t.typlen, t.typbyval, t.typalign, t.typstorage, t.typcategory, t.typispreferred, t.typdelim,
          format_type(nullif(t.typelem, 0), NULL), t.typcollation <> 0) END AS definition,
      obj_description(t.oid, 'pg_type') AS comment
    FROM pg_type t JOIN scope s ON s.oid = t.typnamespace
      LEFT JOIN pg_type base ON base.oid = t.typbasetype
      LEFT JOIN pg_range r ON r.rngtypid = t.oid
    WHERE t.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_type'::regclass)
      AND t.typisdefined
      AND CASE t.typtype
        WHEN 'c' THEN EXISTS (SELECT FROM pg_class WHERE oid = t.typrelid AND relkind = 'c')
        WHEN 'b' THEN NOT EXISTS (SELECT FROM pg_type item WHERE item.typarray = t.oid)
        ELSE t.typtype <> 'm' END)"};
}

}  // namespace segue::catalog
