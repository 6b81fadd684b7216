#include "catalog/kinds/kind.h"

namespace segue::catalog {

// Triggers that users made. The copies in partitions count where they fire otherwise than the parent's.
Kind triggers() {
  return {"trigger", R"(
    SELECT quote_ident(t.tgname) || ' on ' || c.qualified AS name, c.qualified AS of,
      pg_get_triggerdef(t.oid) AS definition,
      CASE t.tgenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' END AS fires,
      obj_description(t.oid, 'pg_trigger') AS comment
    FROM pg_trigger t JOIN relation c ON c.oid = t.tgrelid LEFT JOIN pg_trigger parent ON parent.oid = t.tgparentid
    WHERE NOT t.tgisinternal AND (parent.oid IS NULL OR parent.tgenabled <> t.tgenabled))"};
}

Kind event_triggers() {
  return {"event trigger", R"(
    SELECT quote_ident(e.evtname) AS name, pg_get_userbyid(e.evtowner) AS owner, e.evtevent AS event,
      (SELECT string_agg(tag, ', ' ORDER BY tag COLLATE "C") FROM unnest(e.evttags) tag) AS tags,
      e.evtfoid::regprocedure::text AS function,
      CASE e.evtenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' END AS fires,
      obj_description(e.oid, 'pg_event_trigger') AS comment
    FROM pg_event_trigger e
    WHERE e.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_event_trigger'::regclass))",
          false};
}

}  // namespace segue::catalog
