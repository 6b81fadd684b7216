#include "catalog/recorded_dependents.h"

#include "catalog/session.h"

namespace segue::catalog {
namespace {

// A view's own dependents are found through the rule that makes it a view.
constexpr const char* kFound = R"(
  WITH RECURSIVE start AS (
    SELECT c.oid AS classid, s.objid, s.objsubid
    FROM unnest($1::text[], $2::oid[], $3::int[]) s (catalog, objid, objsubid)
      JOIN pg_class c ON c.relname = s.catalog AND c.relnamespace = 'pg_catalog'::regnamespace
  ), found AS (
    SELECT d.classid, d.objid, d.objsubid, 0::oid AS through
    FROM pg_depend d JOIN start s ON d.refclassid = s.classid AND d.refobjid = s.objid
      AND (s.objsubid = 0 OR d.refobjsubid = s.objsubid)
    WHERE d.deptype IN ('n', 'a', 'i', 'P', 'S')
    UNION
    SELECT d.classid, d.objid, d.objsubid, r.ev_class
    FROM found f JOIN pg_rewrite r ON f.classid = 'pg_rewrite'::regclass AND r.oid = f.objid AND r.rulename = '_RETURN'
      JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = r.ev_class AND d.deptype IN ('n', 'a')
  ), known AS (
    SELECT classid, objid, objsubid, min(through) AS through FROM found GROUP BY classid, objid, objsubid
  ))";

// Kinds and names as in snapshots. What has no name of its own there (row types, toast tables, internal triggers) is
// left out.
constexpr const char* kNamed = R"(
  , named AS (
    SELECT CASE WHEN k.objsubid > 0 THEN CASE c.relkind WHEN 'c' THEN 'attribute' ELSE 'column' END ELSE
        CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'i' THEN 'index' WHEN 'I' THEN 'index'
          WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' WHEN 'c' THEN 'composite type' ELSE 'table' END END AS kind,
      format('%I.%I', n.nspname, c.relname) || coalesce('.' || quote_ident(a.attname), '') AS name, '' AS detail, through
    FROM known k JOIN pg_class c ON k.classid = 'pg_class'::regclass AND c.oid = k.objid AND c.relkind <> 't'
      JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.objsubid AND k.objsubid > 0
    UNION ALL
    SELECT 'column', format('%I.%I.%I', n.nspname, c.relname, a.attname),
      CASE WHEN a.attgenerated = '' THEN 'its default' ELSE 'generated from it' END, through
    FROM known k JOIN pg_attrdef d ON k.classid = 'pg_attrdef'::regclass AND d.oid = k.objid
      JOIN pg_class c ON c.oid = d.adrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    UNION ALL
    SELECT 'constraint', quote_ident(o.conname) || ' on '
        || CASE WHEN c.oid IS NOT NULL THEN format('%I.%I', n.nspname, c.relname)
             ELSE 'domain ' || format('%I.%I', tn.nspname, t.typname) END, '', through
    FROM known k JOIN pg_constraint o ON k.classid = 'pg_constraint'::regclass AND o.oid = k.objid
      LEFT JOIN (pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace) ON c.oid = o.conrelid
      LEFT JOIN (pg_type t JOIN pg_namespace tn ON tn.oid = t.typnamespace) ON t.oid = o.contypid
    WHERE o.contype <> 'n' AND NOT (o.contype = 'f' AND o.conparentid <> 0)
    UNION ALL
    SELECT CASE WHEN r.rulename <> '_RETURN' THEN 'rule' WHEN c.relkind = 'm' THEN 'materialized view' ELSE 'view' END,
      CASE WHEN r.rulename <> '_RETURN' THEN quote_ident(r.rulename) || ' on ' ELSE '' END
        || format('%I.%I', n.nspname, c.relname), '', CASE WHEN through = c.oid THEN 0 ELSE through END
    FROM known k JOIN pg_rewrite r ON k.classid = 'pg_rewrite'::regclass AND r.oid = k.objid
      JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT EXISTS (SELECT FROM start s WHERE s.classid = 'pg_class'::regclass AND s.objid = c.oid AND r.rulename = '_RETURN')
    UNION ALL
    SELECT 'policy', quote_ident(p.polname) || ' on ' || format('%I.%I', n.nspname, c.relname), '', through
    FROM known k JOIN pg_policy p ON k.classid = 'pg_policy'::regclass AND p.oid = k.objid
      JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    UNION ALL
    SELECT 'trigger', quote_ident(t.tgname) || ' on ' || format('%I.%I', n.nspname, c.relname), '', through
    FROM known k JOIN pg_trigger t ON k.classid = 'pg_trigger'::regclass AND t.oid = k.objid AND NOT t.tgisinternal
      JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    UNION ALL
    SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
      format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)), '', through
    FROM known k JOIN pg_proc p ON k.classid = 'pg_proc'::regclass AND p.oid = k.objid
      JOIN pg_namespace n ON n.oid = p.pronamespace
    UNION ALL
    SELECT CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range' ELSE 'type' END,
      format('%I.%I', n.nspname, t.typname), '', through
    FROM known k JOIN pg_type t ON k.classid = 'pg_type'::regclass AND t.oid = k.objid AND t.typrelid = 0
      AND t.typtype <> 'm' AND NOT EXISTS (SELECT FROM pg_type item WHERE item.typarray = t.oid)
      JOIN pg_namespace n ON n.oid = t.typnamespace
    UNION ALL
    SELECT 'publication table', format('%I.%I on %I', n.nspname, c.relname, p.pubname), '', through
    FROM known k JOIN pg_publication_rel r ON k.classid = 'pg_publication_rel'::regclass AND r.oid = k.objid
      JOIN pg_publication p ON p.oid = r.prpubid JOIN pg_class c ON c.oid = r.prrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
    UNION ALL
    SELECT 'statistics', format('%I.%I', n.nspname, x.stxname), '', through
    FROM known k JOIN pg_statistic_ext x ON k.classid = 'pg_statistic_ext'::regclass AND x.oid = k.objid
      JOIN pg_namespace n ON n.oid = x.stxnamespace
    UNION ALL
    SELECT CASE thing.type WHEN 'default acl' THEN 'default privileges' ELSE thing.type END, thing.identity, '', through
    FROM known k, pg_identify_object(k.classid, k.objid, k.objsubid) thing
    WHERE k.classid NOT IN ('pg_class'::regclass, 'pg_attrdef'::regclass, 'pg_constraint'::regclass, 'pg_rewrite'::regclass,
      'pg_policy'::regclass, 'pg_trigger'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass,
      'pg_publication_rel'::regclass, 'pg_statistic_ext'::regclass)
  )
  SELECT DISTINCT kind, name,
    concat_ws(', ', nullif(detail, ''), 'through ' || (
      SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = through AND through <> 0))
  FROM named ORDER BY 1, 2)";

}  // namespace

Result<std::vector<Dependent>> recorded_dependents(pg::Connection& connection, const std::vector<Address>& of) {
  std::vector<std::string> catalogs, oids, columns;
  for (const auto& address : of) {
    catalogs.push_back(address.catalog);
    oids.push_back(address.oid);
    columns.push_back(address.column);
  }
  const auto rows = TRY(steady_query(connection, std::string(kFound) + kNamed, {catalogs, oids, columns}));
  std::vector<Dependent> dependents;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    dependents.push_back({rows.string(row, 0), rows.string(row, 1), How::recorded, rows.string(row, 2)});
  }
  return dependents;
}

}  // namespace segue::catalog
