// A column that leaves with the contract: first goes what asks it for a value, so that rows may say nothing of it; then
// it is parked where it stands, as segue_trash_<name>, with its values, and only purge drops it.
#pragma once

#include <string>
#include <vector>

#include "plan/draft.h"
#include "plan/moves/leaving_constraint.h"

namespace segue::plan {

class LeavingColumn {
 public:
  LeavingColumn(Draft& draft, std::string move, const Table& table, const std::string& column,
                const migration::Position& at);

  // Whether it may leave; else hazards say what hangs on it. A key never may; a foreign key of its own and a unique one
  // may where its values stay here alone (`alone`), not where another column has them too.
  Result<bool> may_leave(bool alone);

  // With `set_aside`, rows that the new shape has written and that cannot be what they must be in the old one are set
  // aside before that asks for it again; else somebody else makes them right.
  void relax(bool set_aside);
  void park();

  std::string trash_name() const;
  const TableColumn& column() const { return column_; }

 private:
  Result<bool> can_be_written_without();
  Result<bool> read_constraints(bool alone);
  Result<bool> read_indexes(bool alone);
  std::vector<KeepRule> rules() const;
  bool can_be_emptied(const LeavingConstraint& constraint) const;
  std::string shown() const;

  Draft& draft_;
  const std::string move_;
  const Table& table_;
  const TableColumn& column_;
  const migration::Position& at_;
  bool steady_default_ = false;
  bool in_unique_ = false;
  std::vector<LeavingConstraint> constraints_;
};

}  // namespace segue::plan
