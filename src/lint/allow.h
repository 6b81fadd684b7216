// `-- segue:allow CODE reason`: a finding that somebody looked at and accepts.
//
// The comment stands on the line of the statement, inside it, or in the comments right before it; several codes are
// separated by commas. One that accepts nothing is itself a finding, and so is one without a reason.
#pragma once

#include <string>
#include <vector>

#include "lint/visit.h"

namespace segue::lint {

struct Allowance {
  std::size_t file = 0;
  sql::Range comment;
  sql::Range statement;  // the one that it is about, its comments before it included
  std::string code;
  std::string reason;
  bool in_code = false;  // it stands in the body of a DO block or function
  bool used = false;
};

// Those of a file.
void read_allowances(const File& file, std::size_t file_number, std::vector<Allowance>& allowances);

// Takes accepted findings out of the list and adds one for each allowance that accepts none.
void apply_allowances(std::vector<Allowance>& allowances, Findings& findings);

}  // namespace segue::lint
