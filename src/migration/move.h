// The moves of a migration: one struct a kind, as the file says it. What a move does is the plan's business.
//
// Names of tables may carry a schema ("public.users"); names are what the catalog holds, without quotes.
// A Text that may be left out is empty then.
#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "migration/phase.h"
#include "migration/units.h"
#include "migration/value.h"

namespace segue::migration {

struct SqlMove {
  Text sql;
  Setting<Phase> phase{Phase::expand, {}};
  Text undo;
};

// `column: expression`, in the order of the file.
struct Assignment {
  Text column;
  Text expression;
};

enum class KeepInSync { derive, pair, no };
enum class Writers { any, none };
enum class OnDisagreement { old_then_new, refuse, old_wins, new_wins };

struct UserTrigger {
  Text name;
  bool fires = true;  // skip: it is held back for the engine's own rows
};

struct BackfillMove {
  Text table;
  std::vector<Assignment> set;
  Text from;  // what follows FROM in UPDATE … FROM
  Text join;
  Text where;
  Setting<KeepInSync> keep_in_sync{KeepInSync::derive, {}};  // no if writers: none, else pair if `back` is given
  std::vector<Assignment> back;
  std::vector<Text> key;  // empty: the plan chooses
  Setting<Writers> writers{Writers::any, {}};
  Setting<OnDisagreement> on_disagreement{OnDisagreement::old_then_new, {}};
  std::vector<UserTrigger> triggers;
};

enum class OldUniqueLeaves { at_contract, at_switch };

// One entry of tenancy's unique or index: `[email]` or `{ columns: [email], name, where, from }`.
struct IndexEntry {
  std::vector<Text> columns;  // of an index also "date DESC"
  Text name;                  // empty: the plan names it
  Text where;
  Setting<OldUniqueLeaves> from{OldUniqueLeaves::at_contract, {}};  // of unique only
  Position at;
};

struct TableIndexes {
  Text table;
  std::vector<IndexEntry> entries;
};

struct ColumnValue {
  Text column;
  Value value;
};

struct TableName {
  Text table;
  Text name;
};

struct TenancyMove {
  Text root;
  std::vector<ColumnValue> first;
  Text column;
  std::vector<Text> tables;
  bool through_auto = false;  // through: auto
  std::vector<Text> through;  // through: [..]: tables that are reached through a parent
  std::vector<TableIndexes> unique;
  std::vector<TableIndexes> index;
  Text on_delete;  // "restrict" unless said
  Setting<bool> rls{false, {}};
  std::vector<TableName> displace;
};

struct RenameMove {
  Text table;
  Text column;  // empty: the table is renamed
  Text to;
};

struct LabelPair {
  Value from;
  Value to;
};

struct ConvertMove {
  Text table;
  Text column;
  Text to;  // a type
  std::vector<LabelPair> mapping;
  bool has_otherwise = false;
  Value otherwise;  // `else:`, the image of what the mapping does not name
  Text using_expression;
  Text back;
  Text as;
  std::vector<Text> labels;  // of the enum type to be made
};

enum class OnMissing { create, refuse, set_null };

struct ReparentMove {
  Text table;
  Text from;    // the column that holds the old parent's key
  Text to;      // the column that gets the new one's
  Text parent;  // the new parent's table
  Text through;
  Setting<OnMissing> missing{OnMissing::refuse, {}};
  Text never;
  Text on_delete;  // empty: the plan chooses
};

struct JunctionMove {
  Text from;        // "opportunities.contact_id", as written
  Text from_table;  // its parts
  Text from_column;
  Text table;
  std::vector<Text> columns;  // two
  Text primary;
};

struct PoliciesMove {
  Text table;
  Text like;  // a table; or
  Text sql;
};

struct RetireMove {
  Text table;
  std::vector<Text> columns;  // empty: the table
  Setting<bool> archive{true, {}};
};

using AnyMove = std::variant<SqlMove, BackfillMove, TenancyMove, RenameMove, ConvertMove, ReparentMove, JunctionMove,
                             PoliciesMove, RetireMove>;

struct Move {
  AnyMove what;
  Position at;
};

// "sql", "backfill", …: the key in the file.
std::string_view kind_of(const Move& move);

}  // namespace segue::migration
