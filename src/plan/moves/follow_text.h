// The functions that bring changes of other tables to the rows of one (follow.h): their text.
#pragma once

#include <string>
#include <vector>

#include "migration/move.h"
#include "plan/moves/sources.h"

namespace segue::plan {

class FollowText {
 public:
  // `asked` holds each value as one question for one row; `settle` is the function that looks again, quoted.
  FollowText(const migration::BackfillMove& move, const migration::BackfillMove& asked, const Table& target,
             const std::vector<Source>& sources, std::string settle);

  const std::string& settle() const { return settle_; }
  // CREATE FUNCTION of the one that looks again; it takes how many changes it goes through at most.
  std::string settle_function() const;
  // Of the trigger on a source.
  std::string source_function(std::size_t at, const std::string& name) const;

  // The rows that an image of a source reaches; `which` of them is a condition on the target.
  std::string reached(const Source& source, const std::string& image, const std::string& which) const;

  // Whether OLD and NEW differ in one of these columns.
  static std::string changed(const Source& source, const std::vector<std::string>& columns);

 private:
  std::string mend(const std::string& rows) const;
  std::string definer(const std::string& name, const std::string& arguments, const std::string& returns,
                      const std::string& body) const;
  std::string note(const std::string& number, const std::string& old_row, const std::string& new_row) const;

  const migration::BackfillMove& move_;
  const Table& target_;
  const std::vector<Source>& sources_;
  const std::string name_, settle_;
  std::string wrong_, same_;
};

}  // namespace segue::plan
