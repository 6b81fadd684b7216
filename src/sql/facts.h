// What PostgreSQL does when it runs a statement: which objects it touches, which locks it takes, what it scans and
// rewrites, whether it can run in a transaction.
//
// The claims are measured: a test runs every class of statement on real servers and compares (tests/lint/probe). Where
// the text alone does not decide (is this function volatile? is this the same type?) the Knowledge is asked; without
// an answer the worse is assumed, and `unsure` says so. Locks on the system catalogs are left out.
#pragma once

#include <string>
#include <vector>

#include "sql/knowledge.h"
#include "sql/lock.h"
#include "sql/parse.h"

namespace segue::sql {

struct ServerVersion {
  int number = 150000;  // as the server says it: 150018
  int major() const { return number / 10000; }
};

enum class Kind {
  unknown,  // it could not be parsed
  select,
  insert,
  update,
  remove,  // DELETE
  merge,
  copy,
  truncate,
  create_table,
  create_table_as,
  create_view,
  create_materialized_view,
  create_index,
  create_sequence,
  create_type,
  create_domain,
  create_function,
  create_trigger,
  create_policy,
  create_rule,
  create_schema,
  create_extension,
  create_publication,
  create_statistics,
  create_other,
  alter_table,
  alter_type,
  alter_domain,
  alter_other,
  rename,
  drop,
  refresh,
  reindex,
  vacuum,
  analyze,
  cluster,
  comment,
  grant,
  lock,
  transaction,
  set,
  code,  // DO and CALL
  other,
};

enum class Role { creates, alters, drops, reads, writes, refers };
std::string_view name_of(Role role);

// An object that the statement names, or touches without naming it.
struct Touched {
  std::string kind;  // "table", "view", "materialized view", "index", "sequence", "type", "function", "column", …
  QualifiedName name;
  std::string column;
  Role role = Role::reads;
  Lock lock = Lock::none;
  bool scans = false;     // reads all of it while holding the lock
  bool rewrites = false;  // writes all of it anew
};

// One command of an ALTER TABLE.
struct Action {
  Node command;              // the AlterTableCmd
  std::string_view subtype;  // "AT_AddColumn"
  Lock lock = Lock::access_exclusive;
  bool scans = false;
  bool rewrites = false;
};

struct Facts {
  Kind kind = Kind::unknown;
  std::string word;  // "ALTER TABLE", "CREATE INDEX CONCURRENTLY"
  std::vector<Touched> objects;
  std::vector<Action> actions;
  Lock lock = Lock::none;  // the strongest on anything that was there before
  Blocks blocks = Blocks::none;
  bool rewrites = false;
  bool scans = false;
  bool transactional = true;        // can run in a transaction block
  bool reversible = true;           // what it does can be undone without data that it destroys
  std::vector<std::string> unsure;  // what only a database can tell, in words

  // The first object of this role; nullptr if there is none.
  const Touched* first(Role role) const;
};

Facts facts_of(const Statement& statement, ServerVersion version, const Knowledge& knowledge = Knowledge());

// Whether the node is a RangeVar; the parser tags only those whose place could hold something else.
bool is_relation(Node node);

// The name of a RangeVar, or of a list of String nodes.
QualifiedName name_of_relation(Node range_var);
QualifiedName name_of_list(Node list);

// Whether the value differs from row to row, so that a new column with this default rewrites the table; nothing where
// it uses functions that are not known.
std::optional<bool> is_volatile_expression(Node expression, const Knowledge& knowledge);

// "table" for OBJECT_TABLE; the word that SQL has for it in lower case.
std::string object_word(std::string_view object_type);

// The value of a DefElem list's option, an empty node if it is not there.
Node option(Node list, std::string_view name);
// Whether an option without a value, or with true or 1, is there.
bool is_on(Node list, std::string_view name);

}  // namespace segue::sql
