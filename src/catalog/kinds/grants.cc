#include "catalog/kinds/kind.h"

namespace segue::catalog {
namespace {

// Rights as acl items: one row for each grantee whose rights are not those that the object has from the start (by
// acldefault(), or as its extension left it; NULL where it has none). `item` gives what, name, of, acl, base and owner.
std::string deviations(const std::string& item) {
  return ", item AS (" + item + R"()
    SELECT grantee || ' on ' || what || ' ' || name AS name, of,
      coalesce(string_agg(entry, ', ' ORDER BY entry COLLATE "C") FILTER (WHERE is_now), 'none') AS privileges
    FROM item, LATERAL (
        SELECT is_now, CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END AS grantee,
          x.privilege_type || CASE WHEN x.is_grantable AND x.grantee <> item.owner THEN ' with grant option' ELSE '' END
            || CASE WHEN x.grantor <> item.owner THEN ' by ' || quote_ident(pg_get_userbyid(x.grantor)) ELSE '' END AS entry
        FROM (VALUES (true, item.acl), (false, item.base)) side (is_now, acl), aclexplode(side.acl) x) rights
    WHERE item.acl IS DISTINCT FROM item.base
    GROUP BY what, name, of, grantee
    HAVING array_agg(entry ORDER BY entry COLLATE "C") FILTER (WHERE is_now)
      IS DISTINCT FROM array_agg(entry ORDER BY entry COLLATE "C") FILTER (WHERE NOT is_now))";
}

// One catalog's objects that have rights, each with what it began with.
std::string items(const std::string& catalog, const std::string& what, const std::string& name, const std::string& of,
                  const std::string& prefix, const std::string& default_acl, const std::string& from) {
  const std::string owner = "o." + prefix + "owner", acl = "o." + prefix + "acl";
  return "SELECT " + what + " AS what, " + name + " AS name, " + of + " AS of, coalesce(" + acl + ", " + default_acl +
         ") AS acl, coalesce(began.initprivs, " + default_acl + ") AS base, " + owner + " AS owner FROM " + from +
         " LEFT JOIN pg_init_privs began ON began.objoid = o.oid AND began.objsubid = 0 AND began.classoid = '" +
         catalog + "'::regclass";
}

std::string relation_items() {
  return items("pg_class",
               "CASE o.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' "
               "WHEN 'f' THEN 'foreign table' ELSE 'table' END",
               "format('%I.%I', s.nspname, o.relname)", "format('%I.%I', s.nspname, o.relname)", "rel",
               "acldefault(CASE o.relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\", o.relowner)",
               "pg_class o JOIN scope s ON s.oid = o.relnamespace AND o.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')");
}

constexpr const char* kColumnItems = R"(
  SELECT 'column', format('%I.%I.%I', s.nspname, o.relname, a.attname), format('%I.%I', s.nspname, o.relname),
    a.attacl, began.initprivs, o.relowner
  FROM pg_class o JOIN scope s ON s.oid = o.relnamespace
    JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_init_privs began
      ON began.objoid = o.oid AND began.objsubid = a.attnum AND began.classoid = 'pg_class'::regclass
  WHERE o.relkind IN ('r', 'p', 'v', 'm', 'f') AND (a.attacl IS NOT NULL OR began.initprivs IS NOT NULL))";

}  // namespace

// Rights on what lives in schemas, and on the schemas.
Kind grants() {
  const std::string function_name = "format('%I.%I(%s)', s.nspname, o.proname, oidvectortypes(o.proargtypes))";
  const std::string type_name = "format('%I.%I', s.nspname, o.typname)";
  const std::string both = " UNION ALL ";
  return {"grant",
          deviations(relation_items() + both + kColumnItems + both +
                     items("pg_proc",
                           "CASE o.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END",
                           function_name, function_name, "pro", "acldefault('f', o.proowner)",
                           "pg_proc o JOIN scope s ON s.oid = o.pronamespace") +
                     both +
                     items("pg_type", "CASE o.typtype WHEN 'd' THEN 'domain' ELSE 'type' END", type_name, type_name,
                           "typ", "acldefault('T', o.typowner)", "pg_type o JOIN scope s ON s.oid = o.typnamespace") +
                     both +
                     items("pg_namespace", "'schema'", "quote_ident(o.nspname)", "quote_ident(o.nspname)", "nsp",
                           "acldefault('n', o.nspowner)", "scope o"))};
}

// Rights on what lives in no schema.
Kind grants_without_schema() {
  const std::string both = " UNION ALL ";
  return {
      "grant",
      deviations(items("pg_language", "'language'", "quote_ident(o.lanname)", "quote_ident(o.lanname)", "lan",
                       "acldefault('l', o.lanowner)", "pg_language o") +
                 both +
                 items("pg_foreign_data_wrapper", "'foreign data wrapper'", "quote_ident(o.fdwname)",
                       "quote_ident(o.fdwname)", "fdw", "acldefault('F', o.fdwowner)", "pg_foreign_data_wrapper o") +
                 both +
                 items("pg_foreign_server", "'server'", "quote_ident(o.srvname)", "quote_ident(o.srvname)", "srv",
                       "acldefault('S', o.srvowner)", "pg_foreign_server o")),
      false};
}

// What ALTER DEFAULT PRIVILEGES changed: for everything a role makes, or for what it makes in one schema, where it only
// adds to the rights.
Kind default_privileges() {
  return {"default privileges", R"(
    SELECT format('%s on %s made by %I%s', rights.grantee,
        CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
          WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE 'large objects' END,
        pg_get_userbyid(d.defaclrole), ' in schema ' || quote_ident(s.nspname)) AS name,
      coalesce(string_agg(entry, ', ' ORDER BY entry COLLATE "C") FILTER (WHERE is_now), 'none') AS privileges
    FROM pg_default_acl d LEFT JOIN scope s ON s.oid = d.defaclnamespace, LATERAL (
        SELECT is_now, CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END AS grantee,
          x.privilege_type || CASE WHEN x.is_grantable AND x.grantee <> d.defaclrole THEN ' with grant option' ELSE '' END
            AS entry
        FROM (VALUES (true, d.defaclacl), (false, CASE WHEN d.defaclnamespace = 0 THEN
            acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END::"char", d.defaclrole)
            END)) side (is_now, acl), aclexplode(side.acl) x) rights
    WHERE s.oid IS NOT NULL OR (d.defaclnamespace = 0 AND cardinality($1::text[]) = 0)
    GROUP BY d.oid, d.defaclobjtype, d.defaclrole, s.nspname, rights.grantee
    HAVING array_agg(entry ORDER BY entry COLLATE "C") FILTER (WHERE is_now)
      IS DISTINCT FROM array_agg(entry ORDER BY entry COLLATE "C") FILTER (WHERE NOT is_now))"};
}

}  // namespace segue::catalog
