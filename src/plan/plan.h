// A plan: what a migration's moves compile to for one database.
//
// It is plain data with a hash: the same moves on the same catalog give the same hash. It is kept in the ledger when a
// run begins, and that run follows it to the end, whatever becomes of the file.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json_fwd.h"
#include "migration/migration.h"
#include "plan/step.h"

namespace segue::plan {

// A check as a run needs it.
struct PlannedCheck {
  std::string name;
  std::vector<std::string> boundaries;  // "after expand", "before switch", "after rollback of expand"
  std::string kind;                     // expect, no_rows, same_as, unchanged
  std::string query;
  std::vector<std::optional<std::string>> expected;
  std::optional<std::string> min;
  std::optional<std::string> max;
  bool is_range = false;
  std::string same_as;
  bool warning = false;
  bool settles = false;  // a row may be wrong for a moment, until what it has missed comes to it
  std::string mend;      // what to do where it fails
  std::string where;     // file:line:column
};

struct PlannedProbe {
  std::string name;
  std::string before;
  std::string after;
  double slower_by_at_most = -1;  // a share; below 0: not looked at
  double at_most_ms = -1;
  std::vector<std::string> uses;
  bool no_seq_scan = false;
  int runs = 5;
};

struct PlannedGate {
  Phase before = Phase::switch_over;
  std::string name;
  std::vector<std::string> approvals;  // roles; empty with `automatic`: one signature by anybody opens it
  bool four_eyes = false;
  std::string health;
  std::int64_t not_before = 0;      // milliseconds since 1970; 0: not given
  std::int64_t wait_seconds = 0;    // since the switch
  std::int64_t unused_seconds = 0;  // old shape unused for so long
  std::vector<std::string> command;
  bool automatic = false;    // added by the plan
  bool situational = false;  // by what was found beside the catalog (subscribers, recorded statements): not in the hash
  bool on_rollback = false;  // it stands on the way back, before `before` is undone
  std::string reason;
};

// Something outside of the moves that is told or changed at a boundary.
struct PlannedHook {
  std::string boundary;  // "after switch"
  std::string kind;      // http, command, redis, reindex, refresh, env
  std::string title;     // "POST https://search.example/reindex": never with a password or a query string
  std::string url;       // of http and redis
  std::string method;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::string> words;  // a command; keys of a cache; indexes; views
  std::string file;                // of env, relative to the project
  std::vector<std::pair<std::string, std::string>> renames;
  bool stops = true;
  std::string where;  // file:line:column
};

// What the old shape uses and the new one does not: by it a statement is known as one of the old application.
struct OldName {
  enum class Use {
    table,           // whoever names the table
    column,          // whoever names this column
    insert_without,  // whoever inserts and names none of these columns: the default is there for him
    infers,          // whoever says ON CONFLICT of exactly these columns
  };
  Use use = Use::column;
  std::string table;                 // quoted and qualified
  std::vector<std::string> columns;  // unquoted
  std::string counter;               // a sequence that counts writes of the old shape, quoted; empty: none
};

// What the contract has parked, for purge to take away: a column where it stands, or a table.
struct Trash {
  std::string table;    // quoted and qualified, by its name after the contract
  std::string column;   // unquoted: segue_trash_…; empty: the table itself
  std::string before;   // what it was called before: a column unquoted, a table quoted and qualified
  std::string archive;  // of a table: the name, unquoted, that it gets in schema segue_archive; empty: it is dropped
};

// Something to know or to mend before the plan may run. A hazard stops it.
struct Finding {
  std::string code;
  bool hazard = false;
  std::string message;
  std::string where;
  std::string hint;
};

struct Plan {
  std::string migration;
  std::string about;
  std::string hash;
  int server_version = 0;
  std::string sources;  // fingerprint of the migration's files
  std::vector<Step> steps;
  std::vector<PlannedCheck> checks;
  std::vector<PlannedProbe> probes;
  std::vector<PlannedGate> gates;
  std::vector<PlannedHook> hooks;
  std::vector<OldName> old_shape;
  std::vector<Trash> trash;
  std::vector<NameSwap> swaps;
  std::vector<std::pair<std::string, std::string>> renames;  // tables by the contract: from, to; quoted and qualified
  // Functions, quoted and with their arguments, that bring changes of other tables to rows that were missed.
  std::vector<std::string> settles;
  std::string first_query;   // gives the value of ${first}; empty: there is no tenancy
  std::string first_by_key;  // gives it too where the row whose key is $1, as text, is still there
  std::vector<std::string> at_risk;
  std::vector<Finding> findings;

  // Limits, in the units of the engine.
  int lock_wait_ms = 50;
  int lock_deadline_s = 600;
  double warnings_share = 0;
  std::int64_t failed_rows = 0;  // so many of a backfill may stay as they are …
  double failed_share = 0;       // … or such a share
  int workers = 0;               // of a backfill; 0: as the engine sees fit
  std::int64_t wal_rate = 0;     // bytes a second; 0: no limit
  double replication_lag_s = 0;  // 0: the usual
  // A backfill holds still while the query answers more than 0, while the file is there, and outside of the hours
  // (minutes of the day; none: -1).
  std::string hold_while, hold_file;
  int hours_from = -1, hours_to = -1;
  std::int64_t grace_seconds = std::int64_t{48} * 3600;
  std::int64_t trash_seconds = std::int64_t{48} * 3600;

  const Step* find(const std::string& id) const;
  // What a table, quoted and qualified, was called before the contract renamed or parked it.
  std::string name_before(const std::string& table) const;
  bool has_hazard() const;
};

// Sets the hash from everything that counts: not from estimates, reasons and positions in files.
void set_hash(Plan& plan);

// For the ledger: complete, read back the same.
std::string to_stored(const Plan& plan);
Result<Plan> from_stored(const std::string& stored);

// For people and programs (CONTRACT, section 3).
Json to_json(const Plan& plan);
std::string to_sql(const Plan& plan);  // what a person could run by hand in psql

}  // namespace segue::plan
