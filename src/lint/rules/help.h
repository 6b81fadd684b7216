// What rules have in common: finding commands and constraints in a statement, and building the change that mends it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lint/replay.h"
#include "lint/rule.h"
#include "sql/names.h"
#include "sql/types.h"

namespace segue::lint {

using Rules = std::vector<Rule>;
using sql::Action;
using sql::Node;

// The tables of rules, one a family.
Rules index_rules();
Rules index_policy_rules();
Rules add_column_rules();
Rules not_null_rules();
Rules column_type_rules();
Rules constraint_rules();
Rules foreign_key_rules();
Rules removal_rules();
Rules rename_rules();
Rules type_rules();
Rules type_policy_rules();
Rules partition_rules();
Rules storage_rules();
Rules transaction_rules();
Rules timeout_rules();
Rules row_rules();
Rules check_rules();
Rules query_rules();
Rules existence_rules();
Rules name_rules();
Rules policy_rules();
Rules function_rules();
Rules unique_rules();
Rules undo_rules();
Rules file_rules();
Rules trigger_rules();
Rules version_rules();

// Each command of an ALTER TABLE of this subtype ("AT_AddColumn").
template <class Take>
void each_action(Visit& visit, std::string_view subtype, Take take) {
  for (const Action& action : visit.facts.actions) {
    if (action.subtype == subtype) take(action);
  }
}
// Each constraint of this type ("CONSTR_FOREIGN") that ALTER TABLE adds to a column that it adds.
void each_inline(Visit& visit, std::string_view type, const std::function<void(const Action&, Node constraint)>& take);
// Each constraint of this type that ALTER TABLE … ADD CONSTRAINT adds.
void each_added(Visit& visit, std::string_view type, const std::function<void(const Action&, Node constraint)>& take);
// Each foreign key that the statement makes, of CREATE TABLE and ALTER TABLE, with its columns.
void each_foreign_key(Visit& visit, const std::function<void(Node constraint, std::vector<std::string> columns)>& take);

Node constraint_in(Node column_definition, std::string_view type);

// The relation that an ALTER TABLE, CREATE INDEX … is about, and its name as it is written.
QualifiedName target(const Visit& visit);
std::string target_text(const Visit& visit);
// Whether the statement's own relation may be in use.
bool is_live_target(const Visit& visit);

// Statements joined for a safe form: one a line, each with a semicolon.
std::string script(const std::vector<std::string>& statements);

// The whole statement gives way to these.
Fix replace_statement(const Visit& visit, const std::vector<std::string>& statements);
// One command of ALTER TABLE gives way to these statements, which run after it.
Fix replace_command(const Visit& visit, const Action& action, const std::vector<std::string>& statements);
// A part of one command goes, and these statements run after it.
Fix cut_from_command(const Visit& visit, sql::Range part, const std::vector<std::string>& statements);
// Text put in behind the first such keyword of the statement.
Fix insert_after(const Visit& visit, std::string_view keyword, std::string text);

// The bytes of a constraint that stands at a column: from CONSTRAINT or its keyword to its end.
sql::Range inline_constraint_range(const Visit& visit, const Action& action, Node constraint);

// " DEFERRABLE INITIALLY DEFERRED", as it is written behind such a constraint.
std::string deferring_text(const Visit& visit, const Action& action, Node constraint);

// The name that a constraint of the statement has or will get; PostgreSQL numbers those that would be the same. Only
// the last of these can be named by itself, and the others after it.
struct GivenName {
  std::string name;
  bool is_last = true;
};
GivenName given_name(const Visit& visit, Node constraint, std::string_view column);

// A name as SQL needs it.
std::string quoted(std::string_view name);
std::string quoted(const QualifiedName& name);
// Of the key under which a schema or a rule's memory has a table, and back as SQL needs it.
QualifiedName name_of_key(const std::string& key);
std::string quoted_key(const std::string& key);
std::string quoted_list(const std::vector<std::string>& names);
// "`a`, `b`"
std::string shown_list(const std::vector<std::string>& names);

bool same_columns(const std::vector<std::string>& a, const std::vector<std::string>& b);
bool contains(const std::vector<std::string>& list, std::string_view name);

// " (about 1,200,000 rows)" where the database tells, else empty.
std::string size_note(const Visit& visit, const QualifiedName& table);

}  // namespace segue::lint
