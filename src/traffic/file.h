// A traffic file as data: what read.h makes of the YAML and the client runs. See docs for the format's meaning.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "traffic/generator.h"

namespace segue::traffic {

enum class Protocol { simple, prepared };
std::string_view name_of(Protocol protocol);

// What every transaction of a statement sets first. Empty: the statement is sent as it is.
struct Identity {
  std::string role;
  std::optional<Generator> claims;  // a JSON object
  std::vector<std::pair<std::string, Generator>> settings;
  bool empty() const { return role.empty() && !claims && settings.empty(); }
};

struct RowRange {
  std::int64_t least = 0;
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

// Where a journaled value comes from.
struct JournalValue {
  enum class From { param, returned, constant } from = From::constant;
  std::size_t param = 0;  // from 1
  std::string column;     // of the returned row
  Value constant;
};

struct JournalRule {
  enum class Kind { insert, update, erase } kind = Kind::insert;
  std::string table;
  std::vector<std::pair<std::string, JournalValue>> key;
  std::vector<std::pair<std::string, JournalValue>> set;
  bool key_is_returned() const;
};
std::string_view name_of(JournalRule::Kind kind);

// One SQL statement.
struct Action {
  std::string name;
  std::string sql;
  std::vector<Generator> params;
  std::optional<RowRange> rows;
  std::vector<std::string> may_fail;
  std::optional<std::size_t> adds_to;  // a pool
  std::optional<JournalRule> journal;
  std::string where;  // file:line:column of its SQL
};

// One entry of `statements`: a statement by itself, or a transaction of several.
struct Statement {
  std::string name;
  double weight = 1;
  bool transaction = false;
  std::vector<Generator> lets;  // by slot
  std::vector<Action> actions;
  Identity identity;
  bool reprepare = false;
};

// A query asked at the start.
struct StartQuery {
  std::string name;
  std::string sql;
  std::string where;
};

// A column of a pool that the file names; it can only be checked once the pool was asked.
struct PoolUse {
  std::size_t pool;
  std::string column;
  std::string where;
};

struct TableCheck {
  std::string query;  // empty: there is no such table in this shape
  std::string kept;   // empty: nothing is set aside
  std::vector<std::string> ignore;
  std::string where;
};

struct File {
  std::string name;
  std::string about;
  std::string path;
  int connections = 4;
  std::optional<double> rate;
  Protocol protocol = Protocol::prepared;
  std::vector<std::pair<std::string, std::string>> session;
  std::vector<StartQuery> vars;
  std::vector<StartQuery> pools;
  std::vector<PoolUse> pool_uses;
  std::size_t counters = 0;  // how many serials there are
  std::vector<Statement> statements;
  std::vector<std::pair<std::string, TableCheck>> checks;
};

}  // namespace segue::traffic
