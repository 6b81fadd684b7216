#include "catalog/kinds/kind.h"

namespace segue::catalog {

// Functions, procedures and aggregates, by name and argument types.
Kind functions() {
  return {"function", R"(
    SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END AS kind,
      format('%I.%I(%s)', s.nspname, p.proname, oidvectortypes(p.proargtypes)) AS name,
      pg_get_userbyid(p.proowner) AS owner,
      pg_get_function_arguments(p.oid) AS arguments,
      pg_get_function_result(p.oid) AS returns,
      CASE WHEN p.prokind <> 'a' THEN l.lanname END AS language,
      CASE WHEN p.prokind <> 'a' AND p.prosqlbody IS NULL THEN p.prosrc END AS body,
      pg_get_function_sqlbody(p.oid) AS "sql body",
      p.probin AS library,
      CASE WHEN p.prokind = 'w' THEN 'yes' END AS "window",
      CASE WHEN p.prokind <> 'p' THEN
        CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' WHEN 'v' THEN 'volatile' END END AS volatility,
      CASE WHEN p.proisstrict THEN 'yes' END AS strict,
      CASE WHEN p.prosecdef THEN 'yes' END AS "security definer",
      CASE WHEN p.proleakproof THEN 'yes' END AS leakproof,
      CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' END AS parallel,
      CASE WHEN p.procost <> CASE WHEN l.lanname IN ('c', 'internal') THEN 1 ELSE 100 END AND p.prokind <> 'a'
        THEN p.procost END AS cost,
      CASE WHEN p.proretset AND p.prorows <> 1000 THEN p.prorows END AS rows,
      (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(p.proconfig) o) AS settings,
      CASE WHEN p.prosupport <> 0 THEN p.prosupport::regprocedure::text END AS support,
      (SELECT string_agg(format_type(t, NULL), ', ') FROM unnest(p.protrftypes) t) AS transforms,
      (SELECT concat_ws(', ',
          'kind ' || a.aggkind::text, 'direct arguments ' || a.aggnumdirectargs,
          'sfunc ' || a.aggtransfn::regproc, 'stype ' || format_type(a.aggtranstype, NULL),
          'sspace ' || nullif(a.aggtransspace, 0), 'finalfunc ' || nullif(a.aggfinalfn::oid, 0)::regproc,
          CASE WHEN a.aggfinalextra THEN 'finalfunc extra' END, 'finalfunc modify ' || a.aggfinalmodify::text,
          'combinefunc ' || nullif(a.aggcombinefn::oid, 0)::regproc,
          'serialfunc ' || nullif(a.aggserialfn::oid, 0)::regproc,
          'deserialfunc ' || nullif(a.aggdeserialfn::oid, 0)::regproc,
          'msfunc ' || nullif(a.aggmtransfn::oid, 0)::regproc, 'minvfunc ' || nullif(a.aggminvtransfn::oid, 0)::regproc,
          'mfinalfunc ' || nullif(a.aggmfinalfn::oid, 0)::regproc,
          CASE WHEN a.aggmfinalextra THEN 'mfinalfunc extra' END, 'mfinalfunc modify ' || a.aggmfinalmodify::text,
          'mstype ' || format_type(nullif(a.aggmtranstype, 0), NULL), 'msspace ' || nullif(a.aggmtransspace, 0),
          'sortop ' || nullif(a.aggsortop, 0)::regoperator,
          'initcond ' || quote_literal(a.agginitval), 'minitcond ' || quote_literal(a.aggminitval))
        FROM pg_aggregate a WHERE a.aggfnoid = p.oid) AS definition,
      obj_description(p.oid, 'pg_proc') AS comment
    FROM pg_proc p JOIN scope s ON s.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
    WHERE p.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_proc'::regclass)
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'i'))"};
}

}  // namespace segue::catalog
