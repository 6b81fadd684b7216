#include "catalog/dependents.h"

#include <algorithm>
#include <functional>
#include <set>
#include <tuple>

#include "base/text.h"
#include "catalog/recorded_dependents.h"
#include "catalog/session.h"
#include "sql/references.h"

namespace segue::catalog {
namespace {

struct Body {
  std::string kind;
  std::string name;
  std::string oid;
  sql::References references;
  bool fires_on_table = false;  // it is the function of a trigger on the table that is asked about
};

// Bodies that are kept as text; what they use is recorded nowhere.
Result<std::vector<Body>> bodies(pg::Connection& connection, const std::string& table_oid) {
  const auto rows = TRY(steady_query(connection, R"(
    SELECT CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END,
      format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)), pg_get_functiondef(p.oid), l.lanname,
      EXISTS (SELECT FROM pg_trigger t WHERE t.tgfoid = p.oid AND t.tgrelid = $1::oid), p.oid
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
    WHERE p.prokind IN ('f', 'p', 'w') AND p.prosqlbody IS NULL AND l.lanname <> 'internal'
      AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'segue', 'segue_trash', 'segue_archive')
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e')
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'i'))",
                                     {table_oid}));
  std::vector<Body> found;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    found.push_back({rows.string(row, 0), rows.string(row, 1), rows.string(row, 5),
                     sql::references_of_function(rows.text(row, 2), rows.text(row, 3)), rows.boolean(row, 4)});
  }
  return found;
}

bool names(const std::set<sql::QualifiedName>& names, const std::string& schema, const std::string& name) {
  return names.contains({"", name}) || names.contains({schema, name});
}

bool uses_column(const Body& body, const std::string& schema, const std::string& table, const std::string& column) {
  const bool knows_table = body.fires_on_table || names(body.references.relations, schema, table) ||
                           names(body.references.types, schema, table);
  if (!knows_table) return false;
  return std::any_of(body.references.columns.begin(), body.references.columns.end(), [&](const auto& used) {
    if (used.column != column && used.column != "*") return false;
    if (used.table.name.empty()) return true;
    return used.table.name == table && (used.table.schema.empty() || used.table.schema == schema);
  });
}

void add_bodies(const std::vector<Body>& bodies, const std::function<bool(const Body&)>& uses,
                const std::string& itself, std::vector<Dependent>& into) {
  for (const Body& body : bodies) {
    if (body.oid == itself) continue;
    const std::string opaque = join(body.references.opaque, ", ");
    if (uses(body)) {
      into.push_back({body.kind, body.name, How::text, opaque});
    } else if (!opaque.empty()) {
      into.push_back({body.kind, body.name, How::opaque, opaque});
    }
  }
}

// One entry an object; the surest way of knowing stays.
std::vector<Dependent> in_order(std::vector<Dependent> dependents) {
  std::sort(dependents.begin(), dependents.end(), [](const Dependent& a, const Dependent& b) {
    return std::tie(a.kind, a.name, a.how, a.detail) < std::tie(b.kind, b.name, b.how, b.detail);
  });
  const auto same = [](const Dependent& a, const Dependent& b) { return a.kind == b.kind && a.name == b.name; };
  dependents.erase(std::unique(dependents.begin(), dependents.end(), same), dependents.end());
  return dependents;
}

struct Table {
  std::string oid, schema, name, row_type, array_type;
};

Result<Table> find_table(pg::Connection& connection, const std::string& table) {
  const auto rows = TRY(connection.query(R"(
    SELECT c.oid, n.nspname, c.relname, c.reltype, coalesce(t.typarray, 0)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_type t ON t.oid = c.reltype
    WHERE c.oid = to_regclass($1))",
                                         {table}));
  if (rows.empty()) return usage_error("there is no table " + table, "name it as SQL does: schema.table");
  return Table{rows.string(0, 0), rows.string(0, 1), rows.string(0, 2), rows.string(0, 3), rows.string(0, 4)};
}

// Publications that hold the table without naming it.
Result<std::vector<Dependent>> wide_publications(pg::Connection& connection, const Table& table) {
  const std::string by_schema = connection.server_version() >= 150000
                                    ? " OR EXISTS (SELECT FROM pg_publication_namespace s JOIN pg_namespace n ON n.oid "
                                      "= s.pnnspid WHERE s.pnpubid = "
                                      "p.oid AND n.nspname = $1)"
                                    : " OR $1::text IS NULL";
  const auto rows = TRY(connection.query(
      "SELECT quote_ident(p.pubname) FROM pg_publication p WHERE p.puballtables" + by_schema, {table.schema}));
  std::vector<Dependent> found;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    found.push_back({"publication", rows.string(row, 0), How::recorded, "for all tables"});
  }
  return found;
}

// Views and triggers that take the whole row: nothing records which columns that means.
Result<std::vector<Dependent>> whole_row_users(pg::Connection& connection, const Table& table) {
  const auto rows = TRY(steady_query(connection, R"(
    SELECT CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END, format('%I.%I', n.nspname, c.relname),
      pg_get_viewdef(c.oid)
    FROM pg_depend d JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
      JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND c.oid <> d.refobjid AND r.rulename = '_RETURN'
    GROUP BY c.oid, c.relkind, n.nspname, c.relname
    UNION ALL
    SELECT 'trigger', quote_ident(t.tgname) || ' on ' || format('%I.%I', n.nspname, c.relname), NULL
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE t.tgrelid = $1::oid AND NOT t.tgisinternal AND pg_get_triggerdef(t.oid) ~* '\m(old|new)\.\*')",
                                     {table.oid}));
  std::vector<Dependent> found;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (!rows.is_null(row, 2)) {
      const auto used = sql::references_of_sql(rows.text(row, 2)).columns;
      if (!used.contains({{table.schema, table.name}, "*"}) && !used.contains({{"", table.name}, "*"})) continue;
    }
    found.push_back({rows.string(row, 0), rows.string(row, 1), How::text, "takes the whole row"});
  }
  return found;
}

void append(std::vector<Dependent>& into, std::vector<Dependent> more) {
  into.insert(into.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

const char* name_of(How how) {
  switch (how) {
    case How::recorded:
      return "recorded";
    case How::text:
      return "text";
    case How::opaque:
      return "opaque";
  }
  return "";
}

Result<std::vector<Dependent>> dependents_of_table(pg::Connection& connection, const std::string& name) {
  const Table table = TRY(find_table(connection, name));
  auto found = TRY(recorded_dependents(
      connection, {{"pg_class", table.oid}, {"pg_type", table.row_type}, {"pg_type", table.array_type}}));
  append(found, TRY(wide_publications(connection, table)));
  add_bodies(
      TRY(bodies(connection, table.oid)),
      [&](const Body& body) {
        return names(body.references.relations, table.schema, table.name) ||
               names(body.references.types, table.schema, table.name);
      },
      {}, found);
  return in_order(std::move(found));
}

Result<std::vector<Dependent>> dependents_of_column(pg::Connection& connection, const std::string& name,
                                                    const std::string& column) {
  const Table table = TRY(find_table(connection, name));
  const auto number = TRY(
      connection.query("SELECT attnum FROM pg_attribute WHERE attrelid = $1::oid AND attname = $2 AND NOT attisdropped",
                       {table.oid, column}));
  if (number.empty()) return usage_error("there is no column " + column + " in " + name);
  auto found = TRY(recorded_dependents(connection, {{"pg_class", table.oid, number.string(0, 0)}}));
  append(found, TRY(whole_row_users(connection, table)));
  add_bodies(
      TRY(bodies(connection, table.oid)),
      [&](const Body& body) { return uses_column(body, table.schema, table.name, column); }, {}, found);
  return in_order(std::move(found));
}

Result<std::vector<Dependent>> dependents_of_type(pg::Connection& connection, const std::string& type) {
  const auto rows = TRY(connection.query(R"(
    SELECT t.oid, t.typarray, n.nspname, t.typname, coalesce(r.rngmultitypid, 0)
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_range r ON r.rngtypid = t.oid
    WHERE t.oid = to_regtype($1))",
                                         {type}));
  if (rows.empty()) return usage_error("there is no type " + type, "name it as SQL does: schema.type");
  auto found = TRY(recorded_dependents(
      connection, {{"pg_type", rows.string(0, 0)}, {"pg_type", rows.string(0, 1)}, {"pg_type", rows.string(0, 4)}}));
  const std::string schema = rows.string(0, 2), name = rows.string(0, 3);
  add_bodies(
      TRY(bodies(connection, "0")), [&](const Body& body) { return names(body.references.types, schema, name); }, {},
      found);
  return in_order(std::move(found));
}

Result<std::vector<Dependent>> dependents_of_function(pg::Connection& connection, const std::string& signature) {
  const auto rows = TRY(connection.query(R"(
    SELECT p.oid, n.nspname, p.proname
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.oid = to_regprocedure($1))",
                                         {signature}));
  if (rows.empty())
    return usage_error("there is no function " + signature, "name it with its types: schema.f(integer)");
  auto found = TRY(recorded_dependents(connection, {{"pg_proc", rows.string(0, 0)}}));
  const std::string schema = rows.string(0, 1), name = rows.string(0, 2);
  add_bodies(
      TRY(bodies(connection, "0")), [&](const Body& body) { return names(body.references.functions, schema, name); },
      rows.string(0, 0), found);
  return in_order(std::move(found));
}

}  // namespace segue::catalog
