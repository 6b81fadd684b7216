// restore_table(): the rows of one table into a new one, from a copy or out of a full dump.
#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "backup/extract.h"
#include "backup/folder.h"
#include "backup/handover.h"
#include "backup/restore.h"
#include "backup/restore_table.h"
#include "backup/tool_run.h"
#include "base/clock.h"
#include "base/text.h"
#include "catalog/cancel_on_stop.h"
#include "pg/quote.h"

namespace segue::backup {
namespace {

// The time in the folder's name, in small letters so that nobody has to quote the new name.
std::string stamp_of(const std::filesystem::path& folder) {
  const std::string name = std::filesystem::weakly_canonical(folder).filename().string();
  const auto at = name.find_last_of('T');
  const bool stamped = at != std::string::npos && at >= 8 && name.size() >= at + 8;
  return lower(stamped ? name.substr(at - 8, 16) : utc_stamp());
}

// "public.orders" as it was quoted → its two names.
CopiedTable named(const std::string& shown) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < shown.size(); ++at) {
    std::string part;
    if (shown[at] != '"') {
      while (at < shown.size() && shown[at] != '.') part += shown[at++];
    } else {
      for (++at; at < shown.size(); ++at) {
        if (shown[at] == '"' && (at + 1 >= shown.size() || shown[at + 1] != '"')) break;
        if (shown[at] == '"') ++at;
        part += shown[at];
      }
      ++at;
    }
    parts.push_back(std::move(part));
  }
  CopiedTable table;
  table.schema = parts.empty() ? "" : parts.front();
  table.name = parts.size() < 2 ? "" : parts[1];
  return table;
}

class OneTable {
 public:
  OneTable(const RestoreRequest& request, const Record& record, pg::Connection& connection)
      : request_(request), record_(record), connection_(connection) {}

  Result<RestoredTable> run(const std::string& typed) {
    std::vector<std::string> names;
    for (const auto& [name, data] : record_.tables) names.push_back(name);
    const std::string shown = TRY(meant_table(typed, names));
    expected_ = record_.tables.at(shown);
    CopiedTable table = named(shown);
    for (const auto& copy : record_.copies) {
      if (copy.schema == table.schema && copy.name == table.name) table = copy;
    }
    const std::string stamp = "_" + stamp_of(request_.folder);
    std::string base = table.name;
    while (pg::fit_name(base + stamp) != base + stamp) base = pg::fit_name(base).substr(0, base.size() - 1);
    target_ = pg::quote_name(table.schema, base + stamp);
    RestoredTable restored;
    restored.table = pg::display_name(table.schema, base + stamp);

    TRY(connection_.begin());
    TRY(check_free(table.schema, restored.table));
    auto found = table.file.empty() ? from_dump(table, shown) : from_copy(table);
    if (!found) return tl::unexpected(found.error());
    restored.rows = found->rows;
    restored.hash_compared = !generated_;
    if (found->rows != expected_.rows || (!generated_ && found->hash != expected_.hash)) {
      return failure("backup-differs",
                     fmt::format("what was restored is not what was backed up: {} rows (hash {}) became {} (hash {})",
                                 with_commas(expected_.rows), expected_.hash, with_commas(found->rows), found->hash),
                     "nothing was kept; take another backup", shown);
    }
    const auto end = connection_.commit();
    if (end.outcome != pg::CommitOutcome::committed) return tl::unexpected(end.error);
    return restored;
  }

 private:
  Status check_free(const std::string& schema, const std::string& shown) {
    const auto there = TRY(connection_.value("SELECT (to_regnamespace(quote_ident($1)) IS NOT NULL)::text", {schema}));
    if (there != "true") {
      return refused("no-schema", "the database has no schema " + pg::display_name(schema),
                     "make it first: CREATE SCHEMA " + pg::display_name(schema), connection_.target());
    }
    const auto taken = TRY(connection_.value("SELECT (to_regclass($1) IS NOT NULL)::text", {target_}));
    if (taken == "true") {
      return refused("not-empty", shown + " is there already, and nothing that is there is ever written over",
                     "it may come from an earlier restore: rename or drop it first", connection_.target());
    }
    return {};
  }

  Result<catalog::TableData> from_copy(const CopiedTable& table) {
    TRY(make_table(connection_, "TABLE", target_, table));
    return load_copy(connection_, request_.folder, table, record_.encoding, target_);
  }

  // pg_restore writes into a handover, from which COPY reads.
  Result<catalog::TableData> from_dump(CopiedTable table, const std::string& shown) {
    const Tools tools = TRY(find_tools(std::atoi(record_.pg_dump.c_str()), request_.pg_bin));
    const Contents contents = TRY(read_stored_contents(request_.folder, record_));
    CopyScript script;
    Handover rows, header;
    std::atomic<bool> end = false;
    script.rows = [&](std::string piece) { rows.give(std::move(piece)); };
    script.started = [&] { header.give("started"); };
    Status extracted;
    std::jthread extractor([&] {
      extracted = run_extract(
          tools, request_.folder / "dump", table.schema, table.name,
          [&](std::string_view piece) { script.take(piece); }, [&] { return !end && !request_.watch.stopped(); });
      header.close();
      rows.close();
    });
    Result<catalog::TableData> found;
    if (header.take().empty()) {
      extractor.join();
      TRY(extracted);
      return usage_error("the dump holds no rows of " + shown + " by itself",
                         "of a partitioned table, name its partitions one by one");
    }
    found = load(table, shown, contents, script, rows);
    end = true;
    rows.close();
    extractor.join();
    if (found) TRY(extracted);
    return found;
  }

  Result<catalog::TableData> load(CopiedTable& table, const std::string& shown, const Contents& contents,
                                  const CopyScript& script, Handover& rows) {
    for (const auto& name : script.columns()) {
      const auto* column = contents.catalog.find("column", shown + "." + pg::display_name(name));
      if (column == nullptr) return failure("backup-differs", "the dump and its catalog.json are not of one backup");
      table.columns.push_back({name, column->attributes.at("type")});
    }
    for (const auto& [key, object] : contents.catalog.objects) {
      generated_ =
          generated_ || (object.of == shown && key.first == "column" && object.attributes.contains("generated"));
    }
    TRY(make_table(connection_, "TABLE", target_, table));
    const auto oid = TRY(connection_.value("SELECT $1::regclass::oid::text", {target_}));
    const auto columns = TRY(read_columns(connection_, static_cast<std::uint32_t>(std::stoul(oid))));
    const std::string own = TRY(connection_.value("SELECT current_setting('client_encoding')"));
    TRY(connection_.execute("SELECT set_config('client_encoding', $1, false)", {script.encoding()}));
    TRY(connection_.copy_in("COPY " + target_ + " " + columns.in_brackets() + " FROM STDIN",
                            [&] { return rows.take(); }));
    TRY(connection_.execute("SELECT set_config('client_encoding', $1, false)", {own}));
    return hash_rows(connection_, columns, target_);
  }

  const RestoreRequest& request_;
  const Record& record_;
  pg::Connection& connection_;
  catalog::TableData expected_;
  std::string target_;  // quoted
  bool generated_ = false;
};

}  // namespace

Result<RestoredTable> restore_table(const RestoreRequest& request, const std::string& table) {
  const Stopwatch clock;
  const Record record = TRY(read_record(request.folder));
  auto connection = TRY(open_rows_session(request.url));
  catalog::CancelOnStop cancel(request.watch.stop);
  cancel.watch(connection);
  auto restored = OneTable(request, record, connection).run(table);
  if (!restored && request.watch.stopped()) return tl::unexpected(catalog::stopped_error());
  if (restored) restored->seconds = clock.seconds();
  return restored;
}

}  // namespace segue::backup
