#include "catalog/fingerprint.h"

#include "base/hash.h"
#include "catalog/canonical.h"

namespace segue::catalog {
namespace {

// The length stands before each text, so that no two lists of texts look the same.
void put(std::string& into, const std::string& text) {
  into += std::to_string(text.size());
  into += ':';
  into += text;
}

}  // namespace

std::string fingerprint(const Snapshot& snapshot) {
  Canonical canonical;
  std::string all;
  for (const auto& [key, object] : snapshot.objects) {
    put(all, object.kind);
    put(all, object.name);
    for (const auto& [attribute, value] : object.attributes) {
      put(all, attribute);
      put(all, canonical(object.kind, attribute, value));
    }
    all += '\n';
  }
  return fingerprint_of(all);
}

Result<std::string> fingerprint_now(pg::Connection& connection) {
  return fingerprint(TRY(take_snapshot(connection, {})));
}

}  // namespace segue::catalog
