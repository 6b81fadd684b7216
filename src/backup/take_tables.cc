#include "backup/take_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "backup/address.h"
#include "backup/disk.h"
#include "backup/facts.h"
#include "backup/folder.h"
#include "backup/record.h"
#include "backup/table_rows.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "catalog/cancel_on_stop.h"
#include "pg/own_session.h"
#include "pg/quote.h"

namespace segue::backup {
namespace fs = std::filesystem;
namespace {

constexpr const char* kTemporary = "temporary table";

struct Table {
  std::string schema, name;  // unquoted
  std::uint32_t oid = 0;
  char kind = 'r';
  std::uint64_t bytes = 0;
  TableColumns columns;

  std::string shown() const { return pg::display_name(schema, name); }
  std::string quoted() const { return pg::quote_name(schema, name); }
  // Rows of a partitioned table are in its partitions; of others, children are tables of their own.
  std::string from() const { return (kind == 'r' ? "ONLY " : "") + quoted(); }
};

constexpr const char* kFind = R"(
  SELECT n.nspname, c.relname, c.oid, c.relkind,
    greatest(pg_table_size(c.oid), (SELECT sum(pg_table_size(relid)) FROM pg_partition_tree(c.oid)))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1))";

Error in_words(Error error) {
  if (error.sqlstate != "55P03") return error;
  error.code = "locked";
  error.exit = Exit::stopped;
  error.hint = "somebody holds one of the tables locked: wait until that is over, then the same command again";
  return error;
}

Result<std::vector<Table>> find(pg::Connection& connection, const std::vector<std::string>& names) {
  std::vector<Table> tables;
  for (const auto& name : names) {
    const auto found = connection.query(kFind, {name});
    if (!found) return tl::unexpected(in_words(found.error()));
    const auto& rows = *found;
    if (rows.empty()) return usage_error("there is no table " + name, "name it with its schema, as in public.orders");
    Table table;
    table.schema = rows.string(0, 0);
    table.name = rows.string(0, 1);
    table.oid = static_cast<std::uint32_t>(rows.integer(0, 2));
    table.kind = rows.text(0, 3).front();
    table.bytes = static_cast<std::uint64_t>(rows.integer(0, 4));
    if (table.kind != 'r' && table.kind != 'p') {
      return usage_error(name + " is not a table with rows of its own", "name tables only: the rows lie there");
    }
    const bool known = std::any_of(tables.begin(), tables.end(), [&](const auto& one) { return one.oid == table.oid; });
    if (!known) tables.push_back(std::move(table));
  }
  if (tables.empty()) return usage_error("no table was named", "name the tables to copy");
  return tables;
}

// Locks first, snapshot after: what was locked can neither go nor be rewritten any more.
Status begin(pg::Connection& connection, std::vector<Table>& tables, int lock_wait_ms) {
  std::vector<std::string> names;
  for (const auto& table : tables) names.push_back(table.from());
  TRY(connection.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  TRY(connection.execute(fmt::format("SET LOCAL lock_timeout = {}", lock_wait_ms)));
  const auto locked = connection.execute("LOCK TABLE " + join(names, ", ") + " IN ACCESS SHARE MODE");
  if (!locked) return tl::unexpected(in_words(locked.error()));
  for (auto& table : tables) {
    const auto same =
        TRY(connection.value("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE c.oid "
                             "= $1::oid AND nspname = $2 "
                             "AND relname = $3",
                             {static_cast<long>(table.oid), table.schema, table.name}));
    if (same != "1")
      return failure("changed-meanwhile", "the table was replaced meanwhile", "do it again", table.shown());
    table.columns = TRY(read_columns(connection, table.oid));
  }
  return {};
}

Status copy_out(pg::Connection& connection, const Table& table, const fs::path& path) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  TRY(connection.copy_out(
      "COPY (SELECT " + table.columns.list() + " FROM " + table.from() + ") TO STDOUT",
      [&](std::string_view piece) { file.write(piece.data(), static_cast<std::streamsize>(piece.size())); }));
  file.close();
  if (!file) {
    return failure("disk-full", "the copy of " + table.shown() + " cannot be written",
                   "check the folder and the free space, or name another folder with --to", path);
  }
  return {};
}

// What the file holds, as a temporary table that goes with this.
Result<catalog::TableData> read_again(pg::Connection& connection, const Table& table, const fs::path& path) {
  TRY(connection.begin());
  TRY(connection.execute("CREATE TEMP TABLE segue_read_back ON COMMIT DROP AS SELECT " + table.columns.list() +
                         " FROM " + table.quoted() + " WITH NO DATA"));
  std::ifstream file(path, std::ios::binary);
  TRY(connection.copy_in("COPY pg_temp.segue_read_back " + table.columns.in_brackets() + " FROM STDIN", [&] {
    std::string piece(65536, '\0');
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    piece.resize(static_cast<std::size_t>(file.gcount()));
    return piece;
  }));
  auto data = hash_rows(connection, table.columns, "pg_temp.segue_read_back");
  connection.rollback();
  return data;
}

class Copier {
 public:
  Copier(const TablesRequest& request, std::vector<Table> tables, const Address& address)
      : request_(request), tables_(std::move(tables)), address_(address), cancel_(request.watch.stop) {}

  Result<Taken> run(const Facts& facts, PartialFolder& folder, std::vector<std::string> notes) {
    Record record;
    auto reader = TRY(open_rows_session(address_.url(), &record.encoding));
    cancel_.watch(reader);
    TRY(begin(reader, tables_, request_.lock_wait_ms));
    std::error_code problem;
    fs::create_directory(folder.path() / "tables", problem);
    for (const auto& table : tables_) record.copies.push_back(TRY(copy(reader, table, folder)));
    record.dump_seconds = clock_.seconds();
    if (request_.read_back) TRY(read_back(folder, record));
    reader.rollback();

    record.kind = "tables";
    record.taken_at = now_text();
    record.database = facts.database;
    record.server_version = facts.version;
    record.system = facts.system;
    for (const auto& one : record.copies) record.tables[pg::display_name(one.schema, one.name)] = {one.rows, one.hash};
    record.bytes = bytes_in(folder.path());
    record.seconds = clock_.seconds();
    TRY(write_record(folder.path(), record));
    return Taken{TRY(folder.complete()), "", record.bytes,  record.seconds,
                 record.dump_seconds,    "", record.tables, record.read_back.where,
                 std::move(notes)};
  }

 private:
  void tell(Stage stage, const PartialFolder& folder) {
    if (!request_.watch.progress) return;
    std::uint64_t all = 0;
    for (const auto& table : tables_) all += table.bytes;
    request_.watch.progress({stage, bytes_in(folder.path()), all});
  }

  Result<CopiedTable> copy(pg::Connection& reader, const Table& table, const PartialFolder& folder) {
    tell(Stage::dumping, folder);
    CopiedTable copied;
    copied.schema = table.schema;
    copied.name = table.name;
    copied.file = "tables/" + file_name_of(table.schema) + "." + file_name_of(table.name) + ".copy";
    for (std::size_t i = 0; i < table.columns.names.size(); ++i) {
      copied.columns.push_back({table.columns.names[i], table.columns.types[i]});
    }
    TRY(copy_out(reader, table, folder.path() / copied.file));
    const auto data = TRY(hash_rows(reader, table.columns, table.from()));
    copied.rows = data.rows;
    copied.hash = data.hash;
    TRY(write_file(folder.path() / (copied.file + ".json"),
                   to_json(copied).dump(1, ' ', false, Json::error_handler_t::replace) + "\n"));
    if (request_.watch.stopped()) return tl::unexpected(catalog::stopped_error());
    return copied;
  }

  Status read_back(const PartialFolder& folder, Record& record) {
    auto writer = TRY(open_rows_session(address_.url()));
    cancel_.watch(writer);
    for (std::size_t i = 0; i < tables_.size(); ++i) {
      tell(Stage::reading_back, folder);
      const auto& copied = record.copies[i];
      auto found = read_again(writer, tables_[i], folder.path() / copied.file);
      if (!found) {
        Error error = found.error();
        if (error.where.empty()) error.where = tables_[i].shown();
        if (error.sqlstate == "42501")
          error.hint = "reading back needs the right to make temporary tables: GRANT TEMPORARY ON DATABASE …";
        return tl::unexpected(std::move(error));
      }
      if (*found != catalog::TableData{copied.rows, copied.hash}) {
        return failure(
            "backup-differs",
            fmt::format("what was read back from the copy is not what the table holds: {} rows (hash {}) became {} "
                        "(hash {})",
                        with_commas(copied.rows), copied.hash, with_commas(found->rows), found->hash),
            "this copy must not be relied on", tables_[i].shown());
      }
    }
    record.read_back = {true, kTemporary, now_text()};
    return {};
  }

  const TablesRequest& request_;
  std::vector<Table> tables_;
  const Address& address_;
  const Stopwatch clock_;
  catalog::CancelOnStop cancel_;
};

}  // namespace

Result<Taken> take_tables(const TablesRequest& request) {
  const Address address = TRY(Address::read(request.url));
  auto connection = TRY(pg::open_own_session(address.url(), "segue backup"));
  Facts facts = TRY(read_facts(connection));
  TRY(connection.execute(fmt::format("SET lock_timeout = {}", request.lock_wait_ms)));
  auto tables = TRY(find(connection, request.tables));
  facts.bytes = facts.index_bytes = 0;
  for (const auto& table : tables) facts.bytes += 2 * table.bytes;  // text, and nothing is compressed
  std::vector<std::string> notes;
  TRY(check_disk(facts, {request.backups, false, {}}, notes));
  auto folder = TRY(PartialFolder::make(request.backups, facts.database));
  Copier copier(request, std::move(tables), address);
  auto taken = copier.run(facts, folder, std::move(notes));
  if (!taken && request.watch.stopped()) return tl::unexpected(catalog::stopped_error());
  return taken;
}

}  // namespace segue::backup
