#include "lint/load_schema.h"

#include <functional>

#include "lint/replay.h"
#include "sql/parse.h"

namespace segue::lint {
namespace {

constexpr const char* settings_query =
    "SELECT current_setting('TimeZone') IN ('UTC', 'Etc/UTC', 'GMT', 'Etc/UCT', 'UCT'), "
    "array(SELECT s FROM unnest(current_schemas(false)) s)::text[]";

// What belongs to an extension is its own business, save functions, which plans call.
constexpr const char* relations_query = R"(
SELECT n.nspname, c.relname, c.relkind::text, c.relrowsecurity, c.reltuples::float8,
       CASE WHEN c.relkind IN ('r', 'm') THEN pg_table_size(c.oid)::float8 ELSE -1 END,
       pn.nspname, pc.relname, coalesce(pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT', false)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND c.relispartition
LEFT JOIN pg_class pc ON pc.oid = i.inhparent LEFT JOIN pg_namespace pn ON pn.oid = pc.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')";

constexpr const char* columns_query = R"(
SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       pg_get_expr(d.adbin, d.adrelid), a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false),
       a.attgenerated <> ''
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY c.oid, a.attnum)";

constexpr const char* constraints_query = R"(
SELECT n.nspname, c.relname, o.conname, o.contype::text,
       array(SELECT a.attname FROM unnest(o.conkey) WITH ORDINALITY k (num, place) JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.num ORDER BY place)::text[],
       fn.nspname, fc.relname,
       array(SELECT a.attname FROM unnest(o.confkey) WITH ORDINALITY k (num, place) JOIN pg_attribute a ON a.attrelid = o.confrelid AND a.attnum = k.num ORDER BY place)::text[],
       o.confdeltype::text, o.convalidated, pg_get_constraintdef(o.oid)
FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class fc ON fc.oid = o.confrelid LEFT JOIN pg_namespace fn ON fn.oid = fc.relnamespace
WHERE o.contype IN ('p', 'u', 'f', 'c', 'x') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')";

constexpr const char* indexes_query = R"(
SELECT n.nspname, c.relname, ic.relname,
       array(SELECT pg_get_indexdef(i.indexrelid, k, true) FROM generate_series(1, i.indnkeyatts) k)::text[],
       i.indexprs IS NULL, i.indisunique, i.indisvalid, pg_get_expr(i.indpred, i.indrelid), m.amname,
       EXISTS (SELECT 1 FROM pg_constraint o WHERE o.conindid = i.indexrelid AND o.contype IN ('p', 'u', 'x'))
FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am m ON m.oid = ic.relam
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')";

constexpr const char* policies_query = R"(
SELECT schemaname, tablename, policyname, permissive = 'PERMISSIVE', lower(cmd), roles::text[], coalesce(qual, with_check) = 'true', coalesce(qual, '')
FROM pg_policies)";

constexpr const char* triggers_query = R"(
SELECT n.nspname, c.relname, t.tgname, pn.nspname, p.proname
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace pn ON pn.oid = p.pronamespace
WHERE NOT t.tgisinternal AND n.nspname !~ '^pg_')";

constexpr const char* types_query = R"(
SELECT n.nspname, t.typname, t.typtype::text,
       array(SELECT e.enumlabel FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)::text[],
       CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
       t.typnotnull OR EXISTS (SELECT 1 FROM pg_constraint o WHERE o.contypid = t.oid)
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype IN ('e', 'd', 'c') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT 1 FROM pg_class c WHERE c.reltype = t.oid AND c.relkind <> 'c'))";

constexpr const char* functions_query = R"(
SELECT n.nspname, p.proname, p.provolatile = 'v', l.lanname,
       CASE WHEN p.prokind IN ('f', 'p') AND e.extname IS NULL THEN pg_get_functiondef(p.oid) ELSE '' END, e.extname
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
LEFT JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
LEFT JOIN pg_extension e ON e.oid = d.refobjid
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')";

constexpr const char* extensions_query =
    "SELECT e.extname, n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace";

constexpr const char* view_columns_query = R"(
SELECT DISTINCT vn.nspname, v.relname, n.nspname, c.relname, a.attname
FROM pg_rewrite r JOIN pg_class v ON v.oid = r.ev_class JOIN pg_namespace vn ON vn.oid = v.relnamespace
JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid
JOIN pg_class c ON c.oid = d.refobjid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid AND d.refobjsubid > 0
WHERE v.relkind IN ('v', 'm') AND vn.nspname !~ '^pg_' AND vn.nspname <> 'information_schema')";

QualifiedName name_at(const pg::Rows& rows, std::size_t row, std::size_t column) {
  return {rows.string(row, column), rows.string(row, column + 1)};
}

void take_relation(Schema& schema, const pg::Rows& rows, std::size_t row) {
  Table table;
  table.name = name_at(rows, row, 0);
  table.kind = rows.text(row, 2)[0];
  table.row_security = rows.boolean(row, 3);
  table.rows = rows.real(row, 4);
  table.bytes = rows.real(row, 5);
  table.complete = true;
  if (!rows.is_null(row, 7)) table.parent = name_at(rows, row, 6);
  table.is_default_partition = rows.boolean(row, 8);
  schema.add(std::move(table));
}

void take_column(Schema& schema, const pg::Rows& rows, std::size_t row) {
  Column column;
  column.name = rows.string(row, 2);
  column.type = rows.string(row, 3);
  column.not_null = rows.boolean(row, 4);
  column.default_text = rows.string(row, 5);
  column.is_key_counter = rows.boolean(row, 6);
  column.is_generated = rows.boolean(row, 7);
  schema.at(name_at(rows, row, 0)).columns.push_back(std::move(column));
}

// What a CHECK proves stands in its text.
void read_check(Constraint& constraint, const std::string& definition) {
  const sql::Source source("ALTER TABLE t ADD " + definition);
  if (source.statements().empty()) return;
  const sql::Node condition = source.statements()[0].tree["cmds"].at(0)["def"]["raw_expr"];
  constraint.not_null_columns = proves_not_null(condition);
  constraint.text = definition;
}

void take_constraint(Schema& schema, const pg::Rows& rows, std::size_t row) {
  Constraint constraint;
  constraint.name = rows.string(row, 2);
  switch (rows.text(row, 3)[0]) {
    case 'p':
      constraint.type = ConstraintType::primary;
      break;
    case 'u':
      constraint.type = ConstraintType::unique;
      break;
    case 'f':
      constraint.type = ConstraintType::foreign;
      break;
    case 'x':
      constraint.type = ConstraintType::exclude;
      break;
    default:
      constraint.type = ConstraintType::check;
  }
  constraint.columns = rows.list(row, 4);
  if (!rows.is_null(row, 6)) constraint.to = name_at(rows, row, 5);
  constraint.to_columns = rows.list(row, 7);
  constraint.on_delete = rows.text(row, 8).empty() ? 'a' : rows.text(row, 8)[0];
  constraint.valid = rows.boolean(row, 9);
  if (constraint.type == ConstraintType::check) read_check(constraint, rows.string(row, 10));
  schema.add_constraint(schema.at(name_at(rows, row, 0)), std::move(constraint));
}

void take_index(Schema& schema, const pg::Rows& rows, std::size_t row) {
  Index index;
  index.name = rows.string(row, 2);
  for (std::string& column : rows.list(row, 3)) {
    // Names in quotes as the catalog prints them.
    const bool name = column.size() > 1 && column.front() == '"' && column.find('"', 1) == column.size() - 1;
    index.columns.push_back(name ? column.substr(1, column.size() - 2) : column);
    index.options += ";";
  }
  index.plain = rows.boolean(row, 4);
  index.unique = rows.boolean(row, 5);
  index.valid = rows.boolean(row, 6);
  index.predicate = rows.string(row, 7);
  index.method = rows.string(row, 8);
  index.of_constraint = rows.boolean(row, 9);
  const QualifiedName table = name_at(rows, row, 0);
  note_index(schema, {table.schema, index.name}, table);
  schema.at(table).indexes.push_back(std::move(index));
}

void take_policy(Schema& schema, const pg::Rows& rows, std::size_t row) {
  Policy policy;
  policy.name = rows.string(row, 2);
  policy.permissive = rows.boolean(row, 3);
  policy.command = rows.string(row, 4);
  policy.roles = rows.list(row, 5);
  policy.always_true = !rows.is_null(row, 6) && rows.boolean(row, 6);
  policy.using_text = rows.string(row, 7);
  schema.at(name_at(rows, row, 0)).policies.push_back(std::move(policy));
}

void take_trigger(Schema& schema, const pg::Rows& rows, std::size_t row) {
  schema.at(name_at(rows, row, 0))
      .triggers.push_back({rows.string(row, 2), Schema::key(name_at(rows, row, 3)), from_before});
}

void take_type(Schema& schema, const pg::Rows& rows, std::size_t row) {
  Type type;
  type.kind = rows.text(row, 2)[0];
  type.labels = rows.list(row, 3);
  type.base = rows.string(row, 4);
  type.constrained = rows.boolean(row, 5);
  schema.add_type(name_at(rows, row, 0), std::move(type));
}

void take_function(Schema& schema, const pg::Rows& rows, std::size_t row) {
  Function function;
  function.name = rows.string(row, 1);
  function.is_volatile = rows.boolean(row, 2);
  function.language = rows.string(row, 3);
  function.definition = rows.string(row, 4);
  function.extension = rows.string(row, 5);
  schema.add_function(name_at(rows, row, 0), std::move(function));
}

void take_view_column(Schema& schema, const pg::Rows& rows, std::size_t row) {
  Table* view = schema.find(name_at(rows, row, 0));
  if (view == nullptr) return;
  if (view->reads.empty()) schema.reading_views.push_back(Schema::key(view->name));
  view->reads.emplace_back(name_at(rows, row, 2), rows.string(row, 4));
}

}  // namespace

Result<Schema> load_schema(pg::Connection& connection) {
  Schema schema;
  schema.from_database = true;
  schema.server_version = connection.server_version();
  using Take = void (*)(Schema&, const pg::Rows&, std::size_t);
  const std::pair<const char*, Take> parts[] = {
      {relations_query, take_relation}, {columns_query, take_column},     {constraints_query, take_constraint},
      {indexes_query, take_index},      {policies_query, take_policy},    {triggers_query, take_trigger},
      {types_query, take_type},         {functions_query, take_function}, {view_columns_query, take_view_column},
  };
  pg::Pipeline pipeline(connection);
  pipeline.add("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  pipeline.add(settings_query);
  for (const auto& [query, unused] : parts) pipeline.add(query);
  pipeline.add(extensions_query);
  pipeline.add("COMMIT");
  const std::vector<pg::Rows> answers = TRY(pipeline.run());
  schema.utc = answers[1].boolean(0, 0);
  // Functions of extensions are found by their place, so the path is set after all is read.
  schema.search_path = {"public"};
  std::size_t answer = 2;
  for (const auto& [unused, take] : parts) {
    const pg::Rows& rows = answers[answer++];
    for (std::size_t row = 0; row < rows.size(); ++row) take(schema, rows, row);
  }
  const pg::Rows& extensions = answers[answer];
  for (std::size_t row = 0; row < extensions.size(); ++row)
    schema.extensions[extensions.string(row, 0)] = extensions.string(row, 1);
  const auto path = answers[1].list(0, 1);
  if (!path.empty()) schema.search_path = path;
  schema.usual_search_path = schema.search_path;
  return schema;
}

}  // namespace segue::lint
