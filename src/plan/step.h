// What a plan is made of: steps, each with its actions up and down.
//
// An action is one unit that runs and is journaled: one transaction, one statement outside of a transaction, one
// backfill. Its SQL may hold ${first} and other placeholders; the engine puts the values in when it runs. Everything
// here is plain data, so that a plan can be kept in the ledger and be run from there by another process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "migration/phase.h"

namespace segue::plan {

using migration::Phase;

struct LockOn {
  std::string table;  // quoted and qualified: "public"."orders"
  std::string mode;   // as PostgreSQL says it: ACCESS EXCLUSIVE
};

enum class ActionKind {
  transaction,  // all its statements in one transaction, its locks taken first
  concurrent,   // one statement outside of a transaction; `object` is the index that it makes or drops
  backfill,     // `backfill` says what
  restore,      // rows that an earlier rollback kept come back; `tables` says of which tables
};

// Rows in batches: UPDATE table SET … WHERE pending.
struct BackfillJob {
  std::string table;                  // quoted and qualified
  std::vector<std::string> columns;   // quoted, those that are set
  std::vector<std::string> values;    // an expression for each
  std::string pending;                // the rows that are not right yet (NOT K), and no others
  std::string from;                   // what follows FROM; empty: nothing
  std::int64_t batch = 0;             // rows; 0: as the engine sees fit
  std::string pending_again = {};     // where the step was undone and comes again; empty: the same
  bool one_pass = false;              // rows that are written meanwhile may be pending again, and that is right
  bool skip_triggers = false;         // the user's own triggers (updated_at, audit) stay silent, where that is safe
  bool only_silent = false;           // where it is not, nothing is carried
  std::vector<std::string> key = {};  // unquoted: rows are found by it; empty: as the engine sees fit
  bool in_place = false;              // what is done twice is wrong; nobody else writes
  std::string carry = {};             // a call that carries a row elsewhere, instead of SET; the table itself stays
  bool settles = false;               // a row may be wrong for a moment: nobody waits for a pass that finds none
  bool leaves_failed = false;         // rows that were set aside before stay as they are
};

struct Action {
  ActionKind kind = ActionKind::transaction;
  std::vector<std::string> sql;
  std::vector<LockOn> locks;
  std::string object;  // of concurrent: "public"."idx_orders_status"
  BackfillJob backfill;
  std::vector<std::string> tables;  // of restore
  bool only_values = false;         // of restore: what stood in columns, not whole rows
  // Of an undo: needless when the step with this id is undone in the same rollback.
  std::string needless_if_undone;
  bool may_take_long = false;  // the author has accepted that others wait for it
};

// What a rule keeps aside.
enum class KeepWhat {
  rows,         // the rows that answer to its condition, and what refers to them
  whole_table,  // the table itself goes: all its rows are kept, and what refers to them is gone already
  values,       // the column goes, the rows stay: what stands in it, and by which key
  own_row,      // a row that the step itself has put in, unless others refer to it
};

// Rows that the shape before a step cannot express, and that a rollback of it therefore keeps aside.
struct KeepRule {
  std::string table;          // quoted and qualified
  std::string before_switch;  // a condition on the table's rows as `t`, by the names before the switch …
  std::string after_switch;   // … and after it
  std::string reason;         // "belongs to another client"
  KeepWhat what = KeepWhat::rows;
  // Needless when the step with this id is undone in the same rollback, because that one's rule covers these rows.
  std::string needless_if_undone = {};
  // A CHECK that keeps more of them from coming while they are set aside, by the names before and after the switch. It
  // goes with its column or table. Empty: a constraint that comes back does the same.
  std::string seal_before_switch = {};
  std::string seal_after_switch = {};
  // Of values: the columns, unquoted, and the constant that a single one has by itself, as SQL (NULL where there is
  // none). With no condition above, values that are not that constant are kept.
  std::vector<std::string> columns = {};
  std::optional<std::string> usual = {};
  std::vector<std::string> with = {};  // they come back only where these columns, unquoted, are what they were
};

struct Step {
  std::string id;  // "expand-02"
  Phase phase = Phase::expand;
  std::string move;   // "tenancy clients"
  std::string kind;   // for people and the ledger: "add column", "create index"
  std::string title;  // one line
  Action up;
  std::vector<Action> down;  // in the order in which they are run
  std::vector<KeepRule> keep;
  std::string blocks = "none";  // none, writes, reads_and_writes (for as long as the lock is held)
  bool scans = false;
  bool rewrites = false;
  std::int64_t rows = 0;  // estimated
  double seconds = 0;     // estimated
  std::string reason;
  std::string rewritten_from;
};

// Two columns that change names at the switch.
struct NameSwap {
  std::string table;      // quoted and qualified
  std::string column;     // the name that both want, unquoted
  std::string displaced;  // what the old one is called afterwards
  std::string waiting;    // what the new one is called until then
};

std::string_view to_text(ActionKind kind);

// The strongest lock of an action, as PostgreSQL says it; empty where it takes none that matters.
std::string strongest_lock(const Action& action);

// Of two modes, as PostgreSQL says them: whether the first is the weaker one. Empty is the weakest.
bool is_weaker(const std::string& mode, const std::string& other);

// Who waits while a lock of this mode is held: none, writes, reads_and_writes.
std::string who_waits(const std::string& mode);

// One line for people: "add column: users.client_id (integer)".
std::string headline(const Step& step);

// A table's name as people write it: public."work_orders" is work_orders.
std::string display_table(const std::string& quoted);

// The SQL of an action as one text, for people.
std::string sql_text(const Action& action);

// As update_text, and each row that is carried is a row of the answer.
std::string counted_text(const BackfillJob& job, const std::string& which);

// UPDATE … SET … FROM … WHERE the row is pending and, where it is given, `which` holds.
std::string update_text(const BackfillJob& job, const std::string& which = {});

// What a batch takes, for update_text: `where` speaks of the table's own columns only. Beside another table, or where
// rows that somebody holds are passed over, they are named by their places.
enum class Held { waited_for, passed_over };
std::string these_rows(const BackfillJob& job, const std::string& where, Held held);

// Of a batch beside other tables, sent before it: rows that nobody holds are locked, so that what the batch reads of
// the others is not older than that. Empty where there is no other table.
std::string lock_text(const BackfillJob& job, const std::string& where);

}  // namespace segue::plan
