#include "catalog/kinds/kind.h"

namespace segue::catalog {

Kind text_search_configurations() {
  return {"text search configuration", R"(
    SELECT format('%I.%I', s.nspname, c.cfgname) AS name, pg_get_userbyid(c.cfgowner) AS owner,
      (SELECT format('%I.%I', n.nspname, p.prsname) FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace
         WHERE p.oid = c.cfgparser) AS parser,
      (SELECT string_agg(one.alias || ': ' || one.dictionaries, '; ' ORDER BY one.alias COLLATE "C") FROM (
         SELECT t.alias, string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno) AS dictionaries
         FROM pg_ts_config_map m JOIN ts_token_type(c.cfgparser) t ON t.tokid = m.maptokentype
         WHERE m.mapcfg = c.oid GROUP BY t.alias) one) AS mappings,
      obj_description(c.oid, 'pg_ts_config') AS comment
    FROM pg_ts_config c JOIN scope s ON s.oid = c.cfgnamespace
    WHERE c.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_ts_config'::regclass))"};
}

Kind text_search_dictionaries() {
  return {"text search dictionary", R"(
    SELECT format('%I.%I', s.nspname, d.dictname) AS name, pg_get_userbyid(d.dictowner) AS owner,
      (SELECT format('%I.%I', n.nspname, t.tmplname) FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace
         WHERE t.oid = d.dicttemplate) AS template,
      d.dictinitoption AS options,
      obj_description(d.oid, 'pg_ts_dict') AS comment
    FROM pg_ts_dict d JOIN scope s ON s.oid = d.dictnamespace
    WHERE d.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_ts_dict'::regclass))"};
}

Kind text_search_parts() {
  return {"text search parser", R"(
    SELECT 'text search parser' AS kind, format('%I.%I', s.nspname, p.prsname) AS name,
      concat_ws(', ', 'start ' || p.prsstart, 'token ' || p.prstoken, 'end ' || p.prsend, 'headline ' || p.prsheadline,
        'lextypes ' || p.prslextype) AS definition,
      obj_description(p.oid, 'pg_ts_parser') AS comment
    FROM pg_ts_parser p JOIN scope s ON s.oid = p.prsnamespace
    WHERE p.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_ts_parser'::regclass)
    UNION ALL
    SELECT 'text search template', format('%I.%I', s.nspname, t.tmplname),
      concat_ws(', ', 'init ' || t.tmplinit, 'lexize ' || t.tmpllexize), obj_description(t.oid, 'pg_ts_template')
    FROM pg_ts_template t JOIN scope s ON s.oid = t.tmplnamespace
    WHERE t.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_ts_template'::regclass))"};
}

}  // namespace segue::catalog
