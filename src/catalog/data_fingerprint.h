// The content of tables as a count and a hash for each, to tell whether two databases hold the same rows.
//
// The hash covers every value of every row as a dump would carry it (NULL and '' differ, duplicates count), the order
// of the columns and their built-in types; not the order of rows, dropped columns, names of columns, settings of the
// session, or the server's version from 14 to 18. Values of types that are not built in count as their text. What a
// dump does not carry is not seen: which NaN a NaN is, the encoding declared in an xml value. A row of about 1 GB is
// too long for the server to hash and is an error. All connections read one snapshot. Foreign tables, temporary tables
// and materialized views are not read; a partitioned table is its leaves, each under its own name.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json_fwd.h"
#include "pg/connection.h"

namespace segue::catalog {

struct TableData {
  std::int64_t rows = 0;
  std::string hash;  // 16 hexadecimal digits

  bool operator==(const TableData&) const = default;
};

using DataFingerprint = std::map<std::string, TableData>;  // by "public.orders", quoted as SQL quotes names

struct DataFingerprintOptions {
  std::vector<std::string> schemas;  // as in SnapshotOptions
  std::vector<std::string> tables;   // only these, named as in the result; empty: all
  int workers = 0;                   // connections; 0: as many as this machine has cores, at most 8
  // Of pg_export_snapshot(), from a session that holds it until this is done; empty: a snapshot of its own.
  std::string snapshot = {};
  bool own_schemas = false;                 // also segue, segue_trash and segue_archive
  const std::atomic<bool>* stop = nullptr;  // set: ends at once, with the error "stopped"
};

// Fails, naming the table, where the user may not read one or would not see all rows of it (row level security).
Result<DataFingerprint> data_fingerprint(const pg::ConnectOptions& connect, const DataFingerprintOptions& options = {});

// {table: {rows, hash}}
Json to_json(const DataFingerprint& data);

}  // namespace segue::catalog
