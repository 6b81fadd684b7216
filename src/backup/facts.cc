#include "backup/facts.h"

#include <fmt/format.h>

#include "base/text.h"
#include "pg/quote.h"

namespace segue::backup {
namespace {

// Indexes by what the catalog last noted: asking for their sizes would wait for whoever has one of them locked.
constexpr const char* kFacts = R"(
  SELECT current_database(), current_user, split_part(current_setting('server_version'), ' ', 1),
    pg_database_size(current_database()),
    (SELECT coalesce(sum(relpages::bigint), 0) * current_setting('block_size')::bigint FROM pg_class
      WHERE relkind = 'i'),
    r.rolsuper, r.rolsuper OR r.rolcreatedb,
    inet_server_addr() IS NULL OR inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() = '::1'
      OR inet_server_addr() = inet_client_addr(),
    coalesce(nullif(pg_tablespace_location(d.dattablespace), ''),
             (SELECT setting FROM pg_settings WHERE name = 'data_directory'), ''),
    has_function_privilege('pg_control_system()', 'EXECUTE')
  FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database())";

// The one that made the cluster (oid 10) stands in no list of dependencies.
constexpr const char* kRoles = R"(
  SELECT DISTINCT r.rolname FROM pg_roles r
  WHERE r.rolname !~ '^pg_' AND (r.oid = 10 OR r.oid IN (
    SELECT s.refobjid FROM pg_shdepend s JOIN pg_database d ON d.datname = current_database()
    WHERE s.refclassid = 'pg_authid'::regclass AND s.dbid IN (d.oid)))
  ORDER BY 1)";

// What pg_dump reads: not what belongs to an extension, unless the extension says so.
constexpr const char* kDenied = R"(
  SELECT CASE c.relkind WHEN 'S' THEN 'sequence ' ELSE 'table ' END || format('%I.%I', n.nspname, c.relname),
    row_security_active(c.oid) AND c.relkind IN ('r', 'p')
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'S') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    AND CASE WHEN NOT has_schema_privilege(n.oid, 'USAGE') THEN true
             WHEN c.relkind = 'S' THEN NOT has_sequence_privilege(c.oid, 'SELECT')
             ELSE NOT has_table_privilege(c.oid, 'SELECT') OR row_security_active(c.oid) END
  ORDER BY 1)";

constexpr const char* kThere = R"(
  SELECT what FROM (
    SELECT 1, CASE WHEN relkind = 'S' THEN 'sequence ' WHEN relkind = 'v' THEN 'view ' ELSE 'table ' END
      || format('%I.%I', nspname, relname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
      WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND nspname !~ '^pg_' AND nspname <> 'information_schema'
    UNION ALL SELECT 2, 'function ' || p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
      WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    UNION ALL SELECT 3, 'type ' || format('%I.%I', nspname, typname) FROM pg_type t
      JOIN pg_namespace n ON n.oid = typnamespace
      WHERE typrelid = 0 AND typelem = 0 AND nspname !~ '^pg_' AND nspname <> 'information_schema'
    UNION ALL SELECT 4, 'schema ' || quote_ident(nspname) FROM pg_namespace
      WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')
    UNION ALL SELECT 5, 'extension ' || quote_ident(extname) FROM pg_extension WHERE extname <> 'plpgsql'
    UNION ALL SELECT 6, 'event trigger ' || quote_ident(evtname) FROM pg_event_trigger
    UNION ALL SELECT 7, 'publication ' || quote_ident(pubname) FROM pg_publication
    UNION ALL (SELECT 8, 'large object ' || oid FROM pg_largeobject_metadata LIMIT 1)
  ) all_of (kind, what) ORDER BY kind, what LIMIT 50)";

// Each version keeps the locale in columns of its own.
std::string creation_query(int version) {
  const std::string provider = version >= 150000
                                   ? "|| ' LOCALE_PROVIDER ' || CASE datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN "
                                     "'builtin' ELSE 'libc' END "
                                   : "";
  const std::string locale =
      version >= 170000
          ? "|| CASE datlocprovider WHEN 'i' THEN ' ICU_LOCALE ' || quote_literal(datlocale) WHEN 'b' THEN ' "
            "BUILTIN_LOCALE ' "
            "|| quote_literal(datlocale) ELSE '' END || coalesce(' ICU_RULES ' || quote_literal(daticurules), '') "
      : version >= 150000 ? "|| coalesce(' ICU_LOCALE ' || quote_literal(daticulocale), '') "
                          : "";
  return "SELECT 'ENCODING ' || quote_literal(pg_encoding_to_char(encoding)), ' LC_COLLATE ' || "
         "quote_literal(datcollate) || "
         "' LC_CTYPE ' || quote_literal(datctype) " +
         provider + locale + "FROM pg_database WHERE datname = current_database()";
}

std::vector<std::string> first_column(const pg::Rows& rows) {
  std::vector<std::string> list;
  for (std::size_t row = 0; row < rows.size(); ++row) list.push_back(rows.string(row, 0));
  return list;
}

}  // namespace

Result<Facts> read_facts(pg::Connection& connection) {
  const auto rows = TRY(connection.query(kFacts));
  if (rows.empty())
    return failure("no-role", "the session's role is not among the server's roles", "", connection.target());
  Facts facts;
  facts.database = rows.string(0, 0);
  facts.user = rows.string(0, 1);
  facts.version = connection.server_version();
  facts.version_text = rows.string(0, 2);
  facts.bytes = static_cast<std::uint64_t>(rows.integer(0, 3));
  facts.index_bytes = static_cast<std::uint64_t>(rows.integer(0, 4));
  facts.superuser = rows.boolean(0, 5);
  facts.may_create_database = rows.boolean(0, 6);
  facts.here = rows.boolean(0, 7);
  facts.data_folder = rows.string(0, 8);
  if (rows.boolean(0, 9))
    facts.system = TRY(connection.value("SELECT system_identifier::text FROM pg_control_system()"));
  facts.roles = first_column(TRY(connection.query(kRoles)));
  const auto creation = TRY(connection.query(creation_query(facts.version)));
  facts.encoding_only = creation.string(0, 0);
  facts.creation = facts.encoding_only + creation.string(0, 1);
  return facts;
}

Status check_rights(pg::Connection& connection) {
  const auto rows = TRY(connection.query(kDenied));
  if (rows.empty()) return {};
  const auto user = TRY(connection.value("SELECT current_user"));
  auto names = first_column(rows);
  const std::size_t all = names.size();
  if (all > 10) names.resize(10);
  const std::string more = all > 10 ? fmt::format(" and {} more", all - 10) : "";
  const bool policies = rows.boolean(0, 1);
  return refused("no-rights",
                 fmt::format("the role {} cannot read everything, so there would be no whole backup: {}{}",
                             pg::display_name(user), join(names, ", "), more),
                 policies
                     ? "a policy would hide rows: take the backup as a role with BYPASSRLS, or as the tables' owner"
                     : "take the backup as the owner, or GRANT pg_read_all_data TO this role",
                 connection.target());
}

Result<std::vector<std::string>> what_is_there(pg::Connection& connection) {
  return first_column(TRY(connection.query(kThere)));
}

}  // namespace segue::backup
