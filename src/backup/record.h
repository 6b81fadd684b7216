// backup.json: what a backup is, beside its files. A folder without it is no backup.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "backup/contents.h"
#include "base/error.h"
#include "base/json_fwd.h"

namespace segue::backup {

struct ReadBack {
  bool ok = false;
  std::string where;  // "scratch database on the same server", "private server", "temporary table"; empty: not yet
  std::string at;     // when
};

// A table that was copied by itself, in the folder's tables/.
struct CopiedTable {
  std::string schema, name;  // unquoted
  std::string file;          // below the folder
  struct Column {
    std::string name, type;  // unquoted; as format_type says
  };
  std::vector<Column> columns;  // stored and not generated, in their order
  std::int64_t rows = 0;
  std::string hash;
};

struct Record {
  std::string kind;  // "full" or "tables"
  std::string taken_at;
  std::string database;
  int server_version = 0;  // 150018
  std::string system;
  std::string encoding;      // of the files of tables/
  std::string create;        // encoding and locale, as CREATE DATABASE takes them
  std::string create_plain;  // the same without the locale
  std::string pg_dump;       // version; empty for "tables"
  std::string catalog;       // fingerprint
  catalog::DataFingerprint tables;
  catalog::TableData large_objects;
  std::vector<CopiedTable> copies;
  std::vector<std::string> roles;
  std::uint64_t bytes = 0;
  double seconds = 0;       // all of it
  double dump_seconds = 0;  // of these, the dump
  ReadBack read_back;
};

Json to_json(const CopiedTable& table);
Json to_json(const Record& record);

// Reads the folder's backup.json; the error says that this is no backup where it has none.
Result<Record> read_record(const std::filesystem::path& folder);
Status write_record(const std::filesystem::path& folder, const Record& record);

// The catalog of a full backup, and what else its contents were compared by.
Status write_catalog(const std::filesystem::path& folder, const catalog::Snapshot& catalog);
Result<Contents> read_stored_contents(const std::filesystem::path& folder, const Record& record);

}  // namespace segue::backup
