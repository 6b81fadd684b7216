// What a database holds, and what differs between two: the proof that a backup can be restored.
//
// Catalog and rows as src/catalog/ sees them, with its blind list; the rows of segue's own schemas too; large objects
// by number, owner aside. Not compared: subscriptions (they are never restored), materialized views' rows, sequence
// positions, foreign tables' rows.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/error.h"
#include "catalog/data_fingerprint.h"
#include "catalog/snapshot.h"

namespace segue::backup {

struct Contents {
  catalog::Snapshot catalog;  // without subscriptions
  catalog::DataFingerprint tables;
  catalog::TableData large_objects;

  std::string fingerprint() const;  // of the catalog
};

struct ContentsOptions {
  std::string snapshot = {};  // of pg_export_snapshot(), held meanwhile; empty: as it is now
  int workers = 0;            // connections for the rows; 0: as many as cores
  const std::atomic<bool>* stop = nullptr;
};

Result<Contents> read_contents(const std::string& url, const ContentsOptions& options);

struct Leave {
  bool tablespaces = false;  // do not compare where things lie: another server has other tablespaces
};

// What differs, one sentence each; empty where nothing does.
std::vector<std::string> differences(const Contents& expected, const Contents& found, Leave leave = {});

// The same as the error "backup-differs", or nothing.
Status compare(const Contents& expected, const Contents& found, const std::string& where, Leave leave = {});

}  // namespace segue::backup
