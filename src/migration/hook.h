// A hook: something outside the database that is told or changed before or after a phase.
#pragma once

#include <variant>
#include <vector>

#include "migration/check.h"
#include "migration/value.h"
#include "migration/viewpoint.h"

namespace segue::migration {

struct HttpHook {
  Text url;
  Text method;  // POST unless said
  Text body;
  std::vector<NamedText> headers;
};

struct CommandHook {
  std::vector<Text> arguments;
};

struct RedisHook {
  Text url;
  std::vector<Text> keys;  // patterns
};

struct ReindexHook {
  std::vector<Text> names;
};

struct RefreshHook {
  std::vector<Text> views;
};

// Names of variables that begin with `from` begin with `to` afterwards; the old names stay, marked as deprecated.
struct EnvHook {
  Text file;
  std::vector<NamedText> rename;
};

// Values of one column, the audit entries' entity say, go from one to the other.
struct MapHook {
  Text table;
  Text column;
  Value from;
  Value to;
};

using AnyHook = std::variant<HttpHook, CommandHook, RedisHook, ReindexHook, RefreshHook, EnvHook, MapHook>;

struct Hook {
  Boundary when;
  AnyHook what;
  bool stops = true;  // on_failure: stop | warn
  Position at;
};

// "http", "command", …: the key in the file.
std::string_view kind_of(const Hook& hook);

}  // namespace segue::migration
