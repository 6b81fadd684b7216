// One table of a tenancy: its column, rows, indexes, constraints, names, phase by phase.
#pragma once

#include <string>

#include "plan/draft.h"

namespace segue::plan {

class TenancyTable {
 public:
  TenancyTable(Draft& draft, const migration::TenancyMove& move, const Table& root, const Table& table,
               const migration::TableIndexes* uniques, const migration::TableIndexes* indexes);

  Status compile(const migration::Position& at);

 private:
  bool choose_names(const migration::Position& at);
  void add_column();
  void fill_column();
  void add_indexes();
  void add_index(const migration::IndexEntry& entry, bool unique);
  void add_constraints();
  Status swap_names(const migration::Position& at);
  void leave_old_unique(const migration::IndexEntry& entry);
  void leave_default();

  Step step(std::string kind, std::string title) const;
  // The columns of an entry as SQL, with the tenant's column by the name that it has before the switch.
  std::string columns_sql(const migration::IndexEntry& entry, bool unique) const;
  std::string default_name(const std::string& prefix, const migration::IndexEntry& entry, bool unique) const;
  // A condition on `t`, by the names before and after the switch.
  KeepRule keep(std::string condition_on_column, std::string reason) const;
  bool literal_batches() const;

  Draft& draft_;
  const migration::TenancyMove& move_;
  const Table& root_;
  const Table& table_;
  const migration::TableIndexes* uniques_;
  const migration::TableIndexes* indexes_;
  std::string column_;     // its name until the switch, unquoted
  std::string displaced_;  // what the column of the same name will be called; empty: there is none
  std::string add_column_id_;
};

}  // namespace segue::plan
