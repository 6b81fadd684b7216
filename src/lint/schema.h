// The objects that exist at one point of a run of migrations: those that the files made so far, and, with a database,
// those that are there.
//
// Without a database it knows only what the files made; such tables are `complete`, of all others only what the files
// did to them is known. It answers the questions of sql::Knowledge, so facts_of() is as exact as it can be.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sql/facts.h"
#include "sql/knowledge.h"

namespace segue::lint {

using sql::QualifiedName;

// Where in the run something was made: the number of the file, from 0; -1: it was there before.
constexpr int from_before = -1;

struct Column {
  std::string name;
  std::string type;  // as format_type prints it
  bool not_null = false;
  bool not_null_later = false;  // by a later statement of the run: before it, and after its undo, it is not
  std::string default_text;     // "now()"; empty: none
  bool is_key_counter = false;  // serial or identity
  bool is_generated = false;
  int made_in = from_before;
  bool filled = false;  // a later statement wrote all its rows
};

enum class ConstraintType { primary, unique, foreign, check, exclude };

struct Constraint {
  ConstraintType type = ConstraintType::check;
  std::string name;
  std::vector<std::string> columns;
  QualifiedName to;
  std::vector<std::string> to_columns;
  char on_delete = 'a';  // as pg_constraint has it: a, r, c, n, d
  bool valid = true;
  std::string text;                           // of a CHECK: its condition
  std::vector<std::string> not_null_columns;  // those that a CHECK proves to hold no NULL
  int made_in = from_before;
};

struct Index {
  std::string name;
  std::vector<std::string> columns;  // names, or the text of expressions
  bool plain = true;                 // columns only, no expressions
  bool unique = false;
  bool nulls_not_distinct = false;
  std::string predicate;  // empty: all rows
  std::string method = "btree";
  std::string options;  // what else tells two indexes apart: order and operator classes
  bool valid = true;
  bool of_constraint = false;
  int made_in = from_before;
};

struct Policy {
  std::string name;
  bool permissive = true;
  std::string command = "all";
  std::vector<std::string> roles;
  std::string using_text;
  bool always_true = false;
  int made_in = from_before;
};

struct Trigger {
  std::string name;
  std::string function;
  int made_in = from_before;
};

struct Table {
  QualifiedName name;
  char kind = 'r';  // as pg_class has it: r, p, v, m, f, S
  bool complete = false;
  int made_in = from_before;
  std::vector<Column> columns;
  std::vector<Constraint> constraints;
  std::vector<Index> indexes;
  std::vector<Policy> policies;
  std::vector<Trigger> triggers;
  bool row_security = false;
  std::optional<QualifiedName> parent;
  bool is_default_partition = false;
  bool has_children = false;                                 // tables that inherit from it, other than partitions
  std::vector<std::pair<QualifiedName, std::string>> reads;  // of a view: table and column
  double rows = -1;                                          // -1: not known
  double bytes = -1;

  const Column* column(std::string_view name) const;
  Column* column(std::string_view name);
  const Constraint* constraint(std::string_view name) const;
  const Index* index(std::string_view name) const;
};

struct Type {
  char kind = 'b';  // e enum, d domain, c composite
  std::vector<std::string> labels;
  std::string base;
  bool constrained = false;
  int made_in = from_before;
};

struct Function {
  std::string name;
  bool is_volatile = true;
  std::string definition;  // the whole CREATE FUNCTION
  std::string language;
  std::string extension;  // that brought it
  int made_in = from_before;
};

// A table that stays where it is while others come and go, and is copied with its schema.
class TableEntry {
 public:
  TableEntry() = default;
  explicit TableEntry(Table table) : table_(std::make_unique<Table>(std::move(table))) {}
  TableEntry(const TableEntry& other) : table_(other.table_ ? std::make_unique<Table>(*other.table_) : nullptr) {}
  TableEntry(TableEntry&&) noexcept = default;
  TableEntry& operator=(TableEntry other) noexcept {
    table_.swap(other.table_);
    return *this;
  }
  explicit operator bool() const { return table_ != nullptr; }
  Table* operator->() const { return table_.get(); }
  Table& operator*() const { return *table_; }
  Table* get() const { return table_.get(); }

 private:
  std::unique_ptr<Table> table_;
};

// By name, and asked by any text.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
};
template <class Value>
using ByName = std::unordered_map<std::string, Value, NameHash, std::equal_to<>>;

class Schema : public sql::Knowledge {
 public:
  bool from_database = false;
  int server_version = 0;
  bool utc = false;
  std::vector<std::string> search_path = {"public"};
  std::vector<std::string> usual_search_path = {"public"};           // of a new session
  std::optional<std::vector<std::string>> search_path_before_local;  // what the end of the transaction brings back
  std::map<std::string, std::string> extensions;                     // name → schema
  std::map<std::string, std::string> sequences;                      // key → "table.column" that owns it, or empty

  // Names are found as the search_path would find them; nullptr where nothing is known of one.
  const Table* find(const QualifiedName& name) const;
  Table* find(const QualifiedName& name);
  // Whether both name one table. Other names, other tables: a constraint's target is renamed with its table.
  bool is_same(const QualifiedName& a, const QualifiedName& b) const;
  // Makes an incomplete entry where nothing was known.
  Table& at(const QualifiedName& name);
  Table& add(Table table);
  void remove(const QualifiedName& name);
  void rename(const QualifiedName& name, const QualifiedName& to);
  const Table* table_with_index(const QualifiedName& index) const;

  const Type* type(const QualifiedName& name) const;
  Type* type(const QualifiedName& name);
  void add_type(const QualifiedName& name, Type type);
  void remove_type(const QualifiedName& name);
  void rename_type(const QualifiedName& name, const QualifiedName& to);
  const Function* function(const QualifiedName& name) const;
  void add_function(const QualifiedName& name, Function function);
  void remove_function(const QualifiedName& name);
  // With all that is in it.
  void remove_schema(const std::string& schema);
  void rename_schema(const std::string& schema, const std::string& to);

  const ByName<TableEntry>& tables() const { return tables_; }
  const ByName<Function>& functions() const { return functions_; }
  bool knows_everything() const { return from_database; }

  void add_constraint(Table& table, Constraint constraint);
  // Views whose reads are known.
  std::vector<std::string> reading_views;
  // Partitions, and tables that inherit.
  std::vector<QualifiedName> children(const QualifiedName& table) const;
  std::vector<const Table*> views_that_read(const Table& table, std::string_view column) const;

  static std::string key(const QualifiedName& name);

  std::optional<bool> is_volatile(const QualifiedName& function) const override;
  std::optional<bool> is_constrained_domain(const QualifiedName& type) const override;
  std::optional<std::string> column_type(const QualifiedName& table, const std::string& column) const override;
  std::optional<bool> is_nullable(const QualifiedName& table, const std::string& column) const override;
  bool proven_not_null(const QualifiedName& table, const std::string& column) const override;
  std::optional<bool> is_checked(const QualifiedName& table, const std::string& column) const override;
  std::vector<QualifiedName> referencing(const QualifiedName& table, const std::string& column) const override;
  std::vector<QualifiedName> readers(const QualifiedName& table, const std::string& column) const override;
  std::vector<QualifiedName> referenced(const QualifiedName& table, const std::string& of) const override;
  std::vector<QualifiedName> partitions(const QualifiedName& table) const override;
  std::optional<QualifiedName> default_partition(const QualifiedName& table) const override;
  std::optional<bool> is_partitioned(const QualifiedName& table) const override;
  std::optional<QualifiedName> table_of_index(const QualifiedName& index) const override;
  std::vector<QualifiedName> tables_with_type(const QualifiedName& type) const override;
  bool timezone_is_utc() const override { return utc; }

 private:
  // What is known under the name; nullptr where nothing is.
  template <class Map>
  static auto* entry_of(Map& map, const QualifiedName& name, const std::vector<std::string>& search_path);
  // The key under which the name is known, or the one that it would get.
  template <class Map>
  std::string found_key(const Map& map, const QualifiedName& name) const;
  std::string new_key(const QualifiedName& name) const;
  ByName<TableEntry> tables_;
  // Referenced table → tables that refer, or did, both keys.
  ByName<std::vector<std::string>> referrers_;
  ByName<std::string> index_tables_;  // index → table, both keys
  ByName<Type> types_;
  ByName<Function> functions_;

  friend void note_index(Schema& schema, const QualifiedName& index, const QualifiedName& table);
};

// Tells the schema which table an index is on.
void note_index(Schema& schema, const QualifiedName& index, const QualifiedName& table);

}  // namespace segue::lint
