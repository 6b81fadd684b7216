// A snapshot as JSON, to be kept in a file and read back the same: {segue_snapshot: 1, server_version, objects: [...]}.
#pragma once

#include "base/json_fwd.h"
#include "catalog/snapshot.h"

namespace segue::catalog {

Json to_json(const Snapshot& snapshot);

// `where` names the source in errors: the file.
Result<Snapshot> snapshot_from_json(const Json& json, const std::string& where);

}  // namespace segue::catalog
