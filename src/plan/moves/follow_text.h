// The functions and triggers that bring changes of other tables to the rows of one (follow.h): their text.
//
// What the user has written stands only in functions whose names the server binds when they are made (BEGIN ATOMIC):
// nobody can slip another function under them later. All of them run with the rights of the target's owner, whose
// triggers they may fire, and nobody else may call them.
#pragma once

#include <string>
#include <vector>

#include "migration/move.h"
#include "plan/moves/owned.h"
#include "plan/moves/sources.h"
#include "plan/moves/sync.h"

namespace segue::plan {

// A column that is set: its type without a length, and the value as one question to a row of the target.
struct Followed {
  std::string column;  // unquoted
  std::string type;
  std::string question;
};

class FollowText {
 public:
  FollowText(const Table& target, std::vector<Followed> values, const std::vector<Source>& sources);

  // Looks again; it takes how many changes it goes through at most. Quoted.
  const std::string& settle() const { return settle_; }
  std::vector<std::string> functions() const;
  std::vector<std::string> drop_functions() const;

  // For the engine's own statements on the target: a value, and whether a row is not right.
  std::string value_of(std::size_t at) const;
  std::string wrong() const;

  SyncTrigger on_target(int number) const;
  std::vector<std::string> on_source(std::size_t at) const;
  std::vector<std::string> drop_on_source(std::size_t at) const;

  // The rows that a source's row reaches, by its columns `finds` as these values.
  std::string reach_query(std::size_t at, const std::vector<std::string>& values) const;

 private:
  std::string named(const std::string& what) const;
  std::string value_function() const;
  std::string safe_function() const;
  std::string mend_function() const;
  std::string reach_function(std::size_t at) const;
  std::string settle_function() const;
  std::string target_function() const;
  std::string source_function(std::size_t at) const;
  std::string mend(const std::string& which) const;
  std::string reached(std::size_t at, const std::string& row) const;
  std::string reached_by_note(std::size_t at, const std::string& which) const;
  std::vector<MadeFunction> made() const;
  std::vector<std::pair<std::string, std::string>> triggers_on(std::size_t at) const;  // name, the rest

  const Table& target_;
  const std::vector<Followed> values_;
  const std::vector<Source>& sources_;
  std::string name_, meant_, settle_;
};

}  // namespace segue::plan
