// A plan while it is being made: what moves add their steps and findings to.
//
// Steps are added in any order and sorted by phase at the end, those of one phase in the order in which they were added
// with their place (see Place): what is added later stands on what was added before.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "migration/migration.h"
#include "pg/connection.h"
#include "plan/plan.h"
#include "plan/table.h"

namespace segue::plan {

// The order inside a phase, by what is cheapest and safest: a constraint is added when the index that serves it is
// there, and a name is only swapped when nothing else is left to be done.
enum class Place {
  first,
  tables,
  kept,
  rows,
  columns,
  defaults,
  triggers,
  indexes,
  constraints,
  checks,
  swap,
  drops,
  last
};

class Draft {
 public:
  Draft(pg::Connection& connection, const migration::Migration& file) : connection(connection), file(file) {}

  // Adds a step; its id is given by finish().
  Step& add(Phase phase, Place place, Step step);
  void hazard(std::string code, std::string message, const migration::Position& at, std::string hint);
  void note(std::string code, std::string message, const migration::Position& at, std::string hint = {});

  // A table of the catalog, or one that an earlier move of this migration makes.
  Result<std::optional<Table>> table(const std::string& name);
  // Whether rows of it can be changed in batches and constraints be added to it; else a hazard says why not.
  bool plain(const Table& table, const migration::Position& at, bool or_partitioned = false);
  // Says which of the user's own triggers fire for each row of a backfill, where they cannot be kept silent.
  Status note_triggers(const Table& table, const migration::Position& at);
  // Registers what a CREATE TABLE of this migration will make.
  void will_make(Table table);
  bool makes(const Table& table) const { return made_.contains(table.quoted()); }
  // A column that a `sql:` move of this migration adds to a table that was there before.
  struct NewColumn {
    std::string type;  // as format_type says it
    bool has_default = false;
    Phase phase = Phase::expand;
  };
  void will_add(const Table& table, const std::string& column, NewColumn known) {
    added_[table.quoted()][column] = std::move(known);
  }
  const NewColumn* added(const Table& table, const std::string& column) const {
    const auto found = added_.find(table.quoted());
    if (found == added_.end() || !found->second.contains(column)) return nullptr;
    return &found->second.at(column);
  }
  const std::map<std::string, NewColumn>& added(const Table& table) { return added_[table.quoted()]; }
  // That a constraint goes with a column that leaves; false where it went with another one already.
  bool leaves(const Table& table, const std::string& constraint) {
    return leaving_.insert(table.quoted() + " " + constraint).second;
  }
  // Triggers that segue makes run in the order of the moves that ask for them.
  int next_trigger() { return ++triggers_; }
  // Values that an earlier rollback kept of this table come back as soon as the phase has added their columns.
  void brings_back(const std::string& table, Phase phase) { brought_back_[phase].insert(table); }

  // Those that were added so far, to be changed by a later move.
  std::vector<Step*> steps_in(Phase phase);

  // What a table, quoted, is called after the contract.
  void is_renamed(const std::string& from, const std::string& to) { plan.renames.emplace_back(from, to); }

  // Orders the steps, numbers them, puts their ids in where undo actions refer to them.
  Plan finish();

  pg::Connection& connection;
  const migration::Migration& file;
  Plan plan;

 private:
  void join_backfills();

  struct Placed {
    Phase phase;
    Place place;
    Step step;
  };
  std::vector<Placed> steps_;
  std::map<std::string, Table> made_;                              // by quoted name
  std::map<std::string, std::map<std::string, NewColumn>> added_;  // by table and column
  int triggers_ = 0;
  std::set<std::string> leaving_;
  std::map<Phase, std::set<std::string>> brought_back_;
};

}  // namespace segue::plan
