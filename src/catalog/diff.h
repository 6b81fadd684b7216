// What differs between two catalogs, as data, as sentences and as JSON (CONTRACT, section 3).
//
// Two spellings of one expression are no difference (see fingerprint.h: no difference exactly where the fingerprints
// are equal). The order is that of kinds and names, so the same two catalogs always give the same list.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json_fwd.h"
#include "catalog/snapshot.h"

namespace segue::catalog {

enum class Change { added, removed, changed };

// One attribute that changed, or one object that came or went (then `attribute` is empty and before or after holds a
// few words about it).
struct Difference {
  std::string kind;
  std::string object;
  std::string of;  // the relation that the object hangs on; empty for what stands alone
  Change change = Change::changed;
  std::string attribute;
  std::optional<std::string> before;
  std::optional<std::string> after;

  bool operator==(const Difference&) const = default;
};

std::vector<Difference> diff(const Snapshot& before, const Snapshot& after);

// "policy `tenant read` on `orders`: USING changed from … to …"
std::string sentence(const Difference& difference);

// All of it for a person, one sentence a line. What came or went with its table is counted in the table's line.
std::vector<std::string> sentences(const std::vector<Difference>& differences);

// [{kind, object, change, attribute, before, after}], complete, nothing folded.
Json to_json(const std::vector<Difference>& differences);

const char* name_of(Change change);  // "added"

}  // namespace segue::catalog
