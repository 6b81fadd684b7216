#include "engine/restore_kept.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "engine/kept_text.h"
#include "engine/table_shape.h"
#include "pg/quote.h"

namespace segue::engine {
namespace {

constexpr std::size_t rows_at_once = 500;
// What the server says, in its own words, where fewer rows came back than should.
const std::string fewer = "segue: fewer rows than were kept";
const std::string held = "somebody holds its row, or one that it refers to";

struct Column {
  std::string name;  // unquoted
  std::string type;
};

Result<std::vector<Column>> columns_of(pg::Connection& connection, const std::string& table, const std::string& names) {
  const auto rows =
      TRY(connection.query("SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = "
                           "to_regclass($1) AND attnum > 0 AND NOT "
                           "attisdropped AND attgenerated = '' AND attname = ANY($2::text[]) ORDER BY attnum",
                           {table, names}));
  std::vector<Column> columns;
  for (std::size_t row = 0; row < rows.size(); ++row) columns.push_back({rows.string(row, 0), rows.string(row, 1)});
  return columns;
}

std::string kept_value(const std::string& where, const Column& column) {
  return fmt::format("(k.{} ->> {})::{}", where, pg::quote_literal(column.name), column.type);
}

// INSERT … SELECT of kept rows, whose ids stand for @: each value goes from its text to its column's type.
Result<std::string> insert_sql(pg::Connection& connection, const std::string& table, const std::string& kept_columns) {
  std::string names, values;
  for (const auto& column : TRY(columns_of(connection, table, kept_columns))) {
    names += (names.empty() ? "" : ", ") + pg::quote_name(column.name);
    values += (values.empty() ? "" : ", ") + kept_value("row", column);
  }
  if (names.empty()) return std::string();
  return fmt::format(
      "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM segue.kept_row k WHERE k.id = ANY(@) AND k.state <> "
      "'restored' RETURNING 1",
      table, names, values);
}

// The same for values of a column, which go back into the rows that have their keys.
Result<std::string> update_sql(pg::Connection& connection, const std::string& table, const std::string& kept_columns,
                               const std::string& key_columns) {
  std::string set, same_key;
  const auto there = TRY(columns_of(connection, table, kept_columns));
  // A column that a later phase adds: its values come back then.
  if (std::ssize(there) < std::count(kept_columns.begin(), kept_columns.end(), ',') + 1) return std::string();
  for (const auto& column : there) {
    set += fmt::format("{}{} = {}", set.empty() ? "" : ", ", pg::quote_name(column.name), kept_value("row", column));
  }
  const auto key = TRY(shape_of(connection, table)).key;
  for (const auto& column : TRY(columns_of(connection, table, key_columns))) {
    const bool finds = std::find(key.begin(), key.end(), column.name) != key.end();
    same_key += finds ? fmt::format(" AND t.{} = {}", pg::quote_name(column.name), kept_value("key", column))
                      : fmt::format(" AND {} IS NOT DISTINCT FROM (k.key ->> {})", text_of_column(column.name),
                                    pg::quote_literal(column.name));
  }
  if (set.empty() || same_key.empty()) return std::string();
  return fmt::format(
      "UPDATE {} t SET {} FROM segue.kept_row k WHERE k.id = ANY(@) AND k.state <> 'restored'{} RETURNING 1", table,
      set, same_key);
}

// A sequence must be past the keys that came back.
Status advance_sequences(pg::Connection& connection, const std::string& table) {
  const auto rows =
      TRY(connection.query("SELECT a.attname, pg_get_serial_sequence($1, a.attname) FROM pg_attribute a WHERE "
                           "a.attrelid = to_regclass($1) AND a.attnum > 0 "
                           "AND NOT a.attisdropped AND pg_get_serial_sequence($1, a.attname) IS NOT NULL",
                           {table}));
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto column = pg::quote_name(rows.text(row, 0));
    TRY(connection.execute(fmt::format(
        "SELECT setval('{}', m) FROM (SELECT max({})::bigint AS m FROM {}) x, {} s WHERE m > s.last_value OR (m = "
        "s.last_value AND NOT s.is_called)",
        rows.text(row, 1), column, table, rows.text(row, 1))));
  }
  return {};
}

Status mark(Work& work, std::int64_t id, const std::string& message) {
  return work.connection.execute("UPDATE segue.kept_row SET state = 'does_not_fit', message = $2 WHERE id = $1",
                                 {id, message});
}

struct Kept {
  std::int64_t id = 0;
  std::string sql;  // brings it back
  std::string problem;
};

// Brings these rows back in one transaction, in one statement: foreign keys are looked at when it ends, so rows that
// refer to each other can come together. All of them or none; the problem, where it is none.
Result<std::string> together(Work& work, const Kept* rows, std::size_t count) {
  std::map<std::string, std::string> ids;  // by statement
  std::string all;
  for (std::size_t at = 0; at < count; ++at) {
    auto& some = ids[rows[at].sql];
    some += (some.empty() ? "" : ",") + std::to_string(rows[at].id);
    all += (all.empty() ? "" : ",") + std::to_string(rows[at].id);
  }
  if (ids.contains("")) return std::string("its table has none of these columns any more");
  std::string with, came;
  for (const auto& [sql, some] : ids) {
    const auto number = came.empty() ? 0 : std::count(came.begin(), came.end(), '+') + 1;
    auto statement = sql;
    statement.replace(statement.find('@', statement.find("k.id = ANY(")), 1, "'{" + some + "}'");
    with += fmt::format("{}i{} AS ({})", with.empty() ? "" : ", ", number, statement);
    came += fmt::format("{}(SELECT count(*) FROM i{})", came.empty() ? "" : "+", number);
  }
  // In one go, so that nobody waits for these rows over a round trip. Whoever holds one of them must not make others
  // wait for the rest.
  pg::Pipeline pipeline(work.connection);
  pipeline.add("BEGIN")
      .add("SET LOCAL lock_timeout = '20ms'")
      .add("SET CONSTRAINTS ALL DEFERRED")
      .add(fmt::format("WITH {} SELECT CASE WHEN n = {} THEN 1 ELSE ('{}: ' || n)::int END FROM (SELECT {} AS n) x",
                       with, count, fewer, came))
      .add(fmt::format("UPDATE segue.kept_row SET state = 'restored', message = '' WHERE id = ANY('{{{}}}')", all))
      .add("COMMIT");
  const auto done = pipeline.run();
  if (done) return std::string();
  if (work.connection.lost()) return tl::unexpected(done.error());
  work.connection.rollback();
  if (done.error().sqlstate == "55P03") return held;
  if (done.error().message.find(fewer) != std::string::npos) {
    return std::string("its row is not there any more, or has changed, or a trigger holds it back");
  }
  return done.error().message;
}

// Many at once; those of a group that does not come back as a whole are left.
Result<std::vector<Kept>> in_groups(Work& work, const std::vector<Kept>& rows, std::size_t size) {
  std::vector<Kept> left;
  for (std::size_t from = 0; from < rows.size(); from += size) {
    const auto count = std::min(size, rows.size() - from);
    const auto problem = TRY(together(work, &rows[from], count));
    if (problem.empty()) continue;
    for (std::size_t at = from; at < from + count; ++at) {
      left.push_back(rows[at]);
      left.back().problem = problem;
    }
  }
  return left;
}

// Groups first; then one by one until a round brings none back, because a row may refer to one that comes later; then
// what refers to each other.
Result<std::vector<Kept>> bring_back(Work& work, std::vector<Kept> rows) {
  rows = TRY(in_groups(work, rows, rows_at_once));
  const Stopwatch waited;
  for (auto before = rows.size() + 1; !rows.empty();) {
    const bool waits = std::any_of(rows.begin(), rows.end(), [](const auto& row) { return row.problem == held; });
    if (rows.size() == before && (!waits || waited.seconds() > work.plan.lock_deadline_s)) break;
    if (work.asked_to_stop()) return tl::unexpected(work.stopped());
    if (rows.size() == before) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    before = rows.size();
    rows = TRY(in_groups(work, rows, 1));
  }
  if (rows.size() > 1 && rows.size() <= 2 * rows_at_once && TRY(together(work, rows.data(), rows.size())).empty()) {
    rows.clear();
  }
  return rows;
}

}  // namespace

Result<std::int64_t> restore_kept(Work& work, const std::vector<std::string>& tables, bool only_values) {
  auto& connection = work.connection;
  const bool after_switch = migration::phase_named(work.run.phase) >= migration::Phase::switch_over;
  // Those that were set aside last refer to nothing that was set aside before them: they come first. What did not fit
  // an earlier time is tried again.
  const auto kept = TRY(connection.query(
      "SELECT id, table_name, ARRAY(SELECT jsonb_object_keys(row))::text, ARRAY(SELECT jsonb_object_keys(key))::text, "
      "what = 'values' FROM segue.kept_row k "
      "WHERE migration = $1 AND state <> 'restored' AND ((what = 'row' AND NOT $4) OR (what = 'values' AND state = "
      "'kept')) AND "
      "to_regclass(table_name) IS NOT NULL AND ($3 OR to_regclass(table_name) = ANY(SELECT "
      "to_regclass(t) FROM unnest($2::text[]) t)) "
      "ORDER BY what, id DESC",
      {work.run.migration, tables, after_switch, only_values}));
  if (kept.empty()) return 0;
  std::map<std::string, std::string> statements;  // by table and its columns
  std::set<std::string> touched;
  std::vector<Kept> rows;
  for (std::size_t row = 0; row < kept.size(); ++row) {
    const auto table = kept.string(row, 1), columns = kept.string(row, 2), key = kept.string(row, 3);
    const bool values = kept.boolean(row, 4);
    auto& sql = statements[table + columns + (values ? key : std::string())];
    if (sql.empty())
      sql = TRY(values ? update_sql(connection, table, columns, key) : insert_sql(connection, table, columns));
    if (values && sql.empty() && !after_switch) continue;
    rows.push_back({kept.integer(row, 0), sql, {}});
    touched.insert(table);
  }
  const auto wanted = rows.size();
  const auto left = TRY(bring_back(work, std::move(rows)));
  const auto back = static_cast<std::int64_t>(wanted - left.size());
  for (const auto& row : left) TRY(mark(work, row.id, row.problem));
  for (const auto& table : touched) TRY(advance_sequences(connection, table));

  Event event;
  event.kind = Event::Kind::kept;
  event.title = "kept rows came back";
  event.ok = left.empty();
  event.rows = back;
  event.rows_total = static_cast<std::int64_t>(wanted);
  if (!left.empty()) {
    event.message = fmt::format("{} do not fit and stay in segue.kept_row, the first because: {}", left.size(),
                                left.front().problem);
    TRY(work.log("warning", "kept-rows-do-not-fit", event.message));
  }
  work.tell(event);
  return back;
}

}  // namespace segue::engine
