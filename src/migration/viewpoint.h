// A viewpoint: a database user as the application sees him; what he can see is compared before and after.
#pragma once

#include <cstdint>
#include <vector>

#include "base/json.h"
#include "migration/value.h"

namespace segue::migration {

enum class Sight { same, none, more, query };

struct SightOf {
  Text table;
  Sight kind = Sight::same;
  std::int64_t more = 0;  // of more: that many rows on top
  Text query;             // of query: the rows that are to be seen
};

struct NamedText {
  Text name;
  Text value;
};

struct Viewpoint {
  Text name;
  Text role;
  Json claims;  // an object; unquoted numbers, true, false and null are such; placeholders stand in its strings
  Position claims_at;
  std::vector<NamedText> settings;  // SET LOCAL name = value
  std::vector<Text> tables;         // empty: all that the migration touches
  std::vector<SightOf> expect;
  Position at;
};

}  // namespace segue::migration
