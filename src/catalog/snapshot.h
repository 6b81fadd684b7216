// What a database's catalog says, as one flat list of named objects with attributes as text.
//
// The model is generic on purpose: an object is a kind, a stable readable name and attributes by name. Fingerprint,
// diff and files need no more. It promises one consistent view (one transaction), names that do not depend on
// search_path, and nothing that a dump and restore changes, save the spelling of expressions, which canonical.h makes
// equal. It does not hold data, oids, positions of sequences, or statistics (see fingerprint.h).
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "pg/connection.h"

namespace segue::catalog {

struct Object {
  std::string kind;  // "column"
  std::string name;  // "public.orders.status": unique within its kind, quoted as SQL quotes names
  std::string of;    // the name of the relation that it hangs on, "public.orders"; empty for what stands alone
  std::map<std::string, std::string> attributes;  // an attribute that is absent has the value that nobody set

  bool operator==(const Object&) const = default;
};

using ObjectKey = std::pair<std::string, std::string>;  // kind, name

struct Snapshot {
  int server_version = 0;  // 150018
  std::map<ObjectKey, Object> objects;

  const Object* find(const std::string& kind, const std::string& name) const;
  // Puts it in; one that is there already gets the attributes that it lacks.
  void add(Object object);

  bool operator==(const Snapshot&) const = default;
};

struct SnapshotOptions {
  // Only what lives in these schemas; empty: everything, except pg_*, information_schema, segue, segue_trash and
  // segue_archive. With schemas named, objects that live in no schema (extensions, publications, …) are left out.
  std::vector<std::string> schemas;
};

// Everything at one moment, in one round trip: in the caller's transaction if the connection is in one, else in a
// REPEATABLE READ READ ONLY one of its own. Settings of the session are as before afterwards. What the user may not
// read is left out; nothing but a lost connection or a broken catalog makes it fail.
Result<Snapshot> take_snapshot(pg::Connection& connection, const SnapshotOptions& options = {});

}  // namespace segue::catalog
