#include "backup/record.h"

#include "backup/folder.h"
#include "base/json.h"
#include "catalog/snapshot_json.h"

namespace segue::backup {
namespace fs = std::filesystem;
namespace {

constexpr int kForm = 1;

CopiedTable table_from(const Json& json) {
  CopiedTable table;
  table.schema = json.at("schema");
  table.name = json.at("name");
  table.file = json.at("file");
  table.rows = json.at("rows");
  table.hash = json.at("hash");
  for (const auto& column : json.at("columns")) table.columns.push_back({column.at("name"), column.at("type")});
  return table;
}

Record record_from(const Json& json) {
  Record record;
  record.kind = json.at("kind");
  record.taken_at = json.at("taken_at");
  record.database = json.at("database");
  record.server_version = json.at("server_version");
  record.system = json.value("system_identifier", "");
  record.encoding = json.value("encoding", "");
  record.create = json.value("create", "");
  record.create_plain = json.value("create_plain", "");
  record.pg_dump = json.value("pg_dump", "");
  record.catalog = json.value("catalog", "");
  for (const auto& [name, data] : json.at("tables").items()) {
    record.tables[name] = {data.at("rows").get<std::int64_t>(), data.at("hash").get<std::string>()};
  }
  const Json& objects = json.at("large_objects");
  record.large_objects = {objects.at("rows").get<std::int64_t>(), objects.at("hash").get<std::string>()};
  for (const auto& one : json.at("copies")) record.copies.push_back(table_from(one));
  for (const auto& one : json.at("roles")) record.roles.push_back(one);
  record.bytes = json.at("bytes");
  record.seconds = json.at("seconds");
  record.dump_seconds = json.at("dump_seconds");
  const Json& back = json.at("read_back");
  record.read_back = {back.at("ok"), back.at("where"), back.at("at")};
  return record;
}

}  // namespace

Json to_json(const CopiedTable& table) {
  Json columns = Json::array();
  for (const auto& column : table.columns) columns.push_back({{"name", column.name}, {"type", column.type}});
  return {{"schema", table.schema}, {"name", table.name}, {"file", table.file},
          {"rows", table.rows},     {"hash", table.hash}, {"columns", columns}};
}

Json to_json(const Record& record) {
  Json copies = Json::array();
  for (const auto& table : record.copies) copies.push_back(to_json(table));
  return {{"segue_backup", kForm},
          {"kind", record.kind},
          {"taken_at", record.taken_at},
          {"database", record.database},
          {"server_version", record.server_version},
          {"system_identifier", record.system},
          {"encoding", record.encoding},
          {"create", record.create},
          {"create_plain", record.create_plain},
          {"pg_dump", record.pg_dump},
          {"catalog", record.catalog},
          {"bytes", record.bytes},
          {"seconds", record.seconds},
          {"dump_seconds", record.dump_seconds},
          {"read_back", {{"ok", record.read_back.ok}, {"where", record.read_back.where}, {"at", record.read_back.at}}},
          {"roles", record.roles},
          {"large_objects", {{"rows", record.large_objects.rows}, {"hash", record.large_objects.hash}}},
          {"tables", catalog::to_json(record.tables)},
          {"copies", copies}};
}

Result<Record> read_record(const fs::path& folder) {
  const fs::path path = folder / "backup.json";
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    return usage_error("this is no backup: it holds no backup.json", "`segue backup --list` shows what there is",
                       folder);
  }
  const auto json = TRY(parse_json(TRY(read_file(path)), path));
  try {
    if (json.at("segue_backup") != kForm) {
      return usage_error("this backup was written by a newer segue", "use that one to read it", path);
    }
    return record_from(json);
  } catch (const Json::exception& wrong) {
    return usage_error("this backup.json is not as segue writes it", wrong.what(), path);
  }
}

Status write_record(const fs::path& folder, const Record& record) {
  return write_file(folder / "backup.json", to_json(record).dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

Status write_catalog(const fs::path& folder, const catalog::Snapshot& catalog) {
  return write_file(folder / "catalog.json",
                    catalog::to_json(catalog).dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

Result<Contents> read_stored_contents(const fs::path& folder, const Record& record) {
  const fs::path path = folder / "catalog.json";
  Contents contents;
  contents.catalog = TRY(catalog::snapshot_from_json(TRY(parse_json(TRY(read_file(path)), path)), path));
  contents.tables = record.tables;
  contents.large_objects = record.large_objects;
  return contents;
}

}  // namespace segue::backup
