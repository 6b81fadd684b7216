#include "engine/take_backup.h"

#include <fmt/format.h>

#include <filesystem>

#include "backup/find_tools.h"
#include "backup/take_tables.h"
#include "base/identity.h"
#include "base/json.h"
#include "base/text.h"
#include "plan/tables.h"

namespace segue::engine {
namespace {

// Those that are there, as SQL names them.
Result<std::vector<std::string>> changed_tables(Work& work) {
  const auto names = plan::tables_of(work.plan);
  const auto rows = TRY(
      work.connection.query("SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid "
                            "= c.relnamespace WHERE "
                            "c.relkind IN ('r', 'p') AND n.nspname || '.' || c.relname = ANY ($1::text[]) ORDER BY 1",
                            {std::vector<std::string>(names.begin(), names.end())}));
  std::vector<std::string> tables;
  for (std::size_t row = 0; row < rows.size(); ++row) tables.push_back(rows.string(row, 0));
  return tables;
}

Result<backup::Taken> take(Work& work, BackupWanted wanted) {
  backup::Watch watch;
  watch.stop = work.stop_flag();
  watch.progress = [&](const backup::Progress& progress) {
    Event event;
    event.kind = Event::Kind::busy;
    event.title = fmt::format("backup: {}", backup::name_of(progress.stage));
    event.share = progress.total > 0 ? static_cast<double>(progress.done) / static_cast<double>(progress.total) : 0;
    event.message = bytes_text(static_cast<double>(progress.done));
    work.tell(event);
  };
  if (wanted == BackupWanted::full) {
    backup::Request request;
    request.url = work.database();
    request.backups = work.folder() + "/backups";
    request.watch = watch;
    return backup::take(request);
  }
  backup::TablesRequest request;
  request.url = work.database();
  request.backups = work.folder() + "/backups";
  request.tables = TRY(changed_tables(work));
  request.watch = watch;
  if (request.tables.empty()) return backup::Taken{};
  return backup::take_tables(request);
}

Status note_it(Work& work, const backup::Taken& taken) {
  Json tables = Json::object();
  for (const auto& [name, found] : taken.tables) {
    tables[name] = {{"rows", found.rows}, {"hash", found.hash}};
  }
  return work.connection.execute(
      "INSERT INTO segue.backup (run_id, folder, host, tool, seconds, bytes, tables, read_back) VALUES ($1, $2, $3, "
      "$4, "
      "$5, $6, $7, $8)",
      {work.run.id, taken.folder, host_name(), taken.pg_dump, taken.seconds, static_cast<std::int64_t>(taken.bytes),
       tables.dump(), taken.read_back});
}

}  // namespace

Status backup_can_be_taken(pg::Connection& connection, BackupWanted wanted) {
  if (wanted == BackupWanted::full) TRY(backup::find_tools(connection.server_version() / 10000));
  return {};
}

Status take_backup(Work& work, BackupWanted wanted) {
  if (wanted == BackupWanted::none) return work.log("info", "no-backup", "run without a backup, as asked");
  const auto there =
      TRY(work.connection.query("SELECT EXISTS (SELECT FROM segue.backup WHERE run_id = $1)", {work.run.id}));
  if (there.boolean(0, 0)) return {};
  const auto taken = TRY(take(work, wanted));
  if (taken.folder.empty()) return {};  // no table that is there is changed
  TRY(note_it(work, taken));
  Event event;
  event.kind = Event::Kind::step_done;
  event.phase = "prepare";
  event.title = fmt::format("backup, read back: {} in {}", bytes_text(static_cast<double>(taken.bytes)),
                            std::filesystem::path(taken.folder).lexically_relative(work.folder()).string());
  event.seconds = taken.seconds;
  work.tell(event);
  for (const auto& note : taken.notes) {
    Event remark;
    remark.message = note;
    work.tell(remark);
  }
  return work.log("info", "backup-taken", event.title);
}

}  // namespace segue::engine
