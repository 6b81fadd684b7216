#include "base/hash.h"

#include <xxhash.h>

#include "base/text.h"

namespace segue {

std::string fingerprint_of(std::string_view text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return hex(hash.high64) + hex(hash.low64);
}

}  // namespace segue
