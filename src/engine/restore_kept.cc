#include "engine/restore_kept.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <vector>

#include "pg/quote.h"

namespace segue::engine {
namespace {

// INSERT … SELECT of one kept row, whose id stands for @: each value goes from its text to its column's type.
Result<std::string> insert_sql(pg::Connection& connection, const std::string& table, const std::string& kept_columns) {
  const auto rows =
      TRY(connection.query("SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = "
                           "to_regclass($1) AND attnum > 0 AND NOT "
                           "attisdropped AND attgenerated = '' AND attname = ANY($2::text[]) ORDER BY attnum",
                           {table, kept_columns}));
  if (rows.empty()) return std::string();
  std::string names, values;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    names += (names.empty() ? "" : ", ") + pg::quote_name(rows.text(row, 0));
    values += fmt::format("{}(k.row ->> {})::{}", values.empty() ? "" : ", ", pg::quote_literal(rows.text(row, 0)),
                          rows.text(row, 1));
  }
  return fmt::format(
      "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM segue.kept_row k WHERE k.id = @ AND k.state <> "
      "'restored' RETURNING 1",
      table, names, values);
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
  std::string insert;
  std::string problem;
};

std::string for_row(std::string insert, std::int64_t id) {
  return insert.replace(insert.find('@', insert.find("k.id = ")), 1, std::to_string(id));
}

// Goes over the rows until a round brings none back: a row may refer to one that comes later.
Result<std::vector<Kept>> in_rounds(Work& work, std::vector<Kept> rows, std::int64_t& back) {
  for (bool progress = true; progress && !rows.empty();) {
    progress = false;
    std::vector<Kept> left;
    for (auto& row : rows) {
      const auto done =
          work.connection.execute(fmt::format("WITH i AS ({}) UPDATE segue.kept_row SET state = 'restored', message = "
                                              "'' WHERE id = $1 AND EXISTS (SELECT FROM i)",
                                              for_row(row.insert, row.id)),
                                  {row.id});
      if (done) {
        ++back;
        progress = true;
        continue;
      }
      if (work.connection.lost()) return tl::unexpected(done.error());
      row.problem = done.error().message;
      left.push_back(std::move(row));
    }
    rows = std::move(left);
  }
  return rows;
}

// Rows that refer to each other come back together, in one statement, at whose end foreign keys are looked at; or not
// at all.
Result<bool> all_together(Work& work, const std::vector<Kept>& rows) {
  std::string with, ids;
  for (const auto& row : rows) {
    with += fmt::format("{}i{} AS ({})", with.empty() ? "" : ", ", row.id, for_row(row.insert, row.id));
    ids += fmt::format("{}{}", ids.empty() ? "" : ", ", row.id);
  }
  TRY(work.connection.begin());
  const auto deferred = work.connection.execute("SET CONSTRAINTS ALL DEFERRED");
  const auto done = work.connection.execute(
      fmt::format("WITH {} UPDATE segue.kept_row SET state = 'restored', message = '' WHERE id IN ({})", with, ids));
  if (!deferred || !done) {
    work.connection.rollback();
    return false;
  }
  return work.connection.commit().outcome == pg::CommitOutcome::committed;
}

}  // namespace

Result<std::int64_t> restore_kept(Work& work, const std::vector<std::string>& tables) {
  auto& connection = work.connection;
  // Those that were set aside last refer to nothing that was set aside before them: they come first. What did not fit
  // an earlier time is tried again.
  const auto kept = TRY(connection.query(
      "SELECT id, table_name, ARRAY(SELECT jsonb_object_keys(row))::text FROM segue.kept_row k "
      "WHERE migration = $1 AND state <> 'restored' AND "
      "to_regclass(table_name) IS NOT NULL AND ($3 OR to_regclass(table_name) = ANY(SELECT "
      "to_regclass(t) FROM unnest($2::text[]) t)) "
      "ORDER BY id DESC",
      {work.run.migration, tables, migration::phase_named(work.run.phase) >= migration::Phase::switch_over}));
  if (kept.empty()) return 0;
  std::map<std::string, std::string> inserts;  // by table and its columns
  std::set<std::string> touched;
  std::vector<Kept> rows;
  for (std::size_t row = 0; row < kept.size(); ++row) {
    const auto table = kept.string(row, 1), columns = kept.string(row, 2);
    auto& sql = inserts[table + columns];
    if (sql.empty()) sql = TRY(insert_sql(connection, table, columns));
    rows.push_back({kept.integer(row, 0), sql, {}});
    touched.insert(table);
  }
  std::int64_t back = 0;
  auto left = TRY(in_rounds(work, std::move(rows), back));
  if (!left.empty() && left.size() <= 1000 && TRY(all_together(work, left))) {
    back += static_cast<std::int64_t>(left.size());
    left.clear();
  }
  for (const auto& row : left) TRY(mark(work, row.id, row.problem));
  for (const auto& table : touched) TRY(advance_sequences(connection, table));

  Event event;
  event.kind = Event::Kind::kept;
  event.title = "kept rows came back";
  event.ok = left.empty();
  event.rows = back;
  event.rows_total = static_cast<std::int64_t>(kept.size());
  if (!left.empty()) {
    event.message = fmt::format("{} do not fit and stay in segue.kept_row, the first because: {}", left.size(),
                                left.front().problem);
    TRY(work.log("warning", "kept-rows-do-not-fit", event.message));
  }
  work.tell(event);
  return back;
}

}  // namespace segue::engine
