// What --fix does: the changes that findings carry, applied until nothing is left that can be mended.
//
// Every result is parsed again; a change that would break the file is not made. Statements that must leave the file's
// transaction go where the layout lets them (leave_transaction.h). In a plain file inside BEGIN and COMMIT they stay,
// and so does their finding.
#pragma once

#include <string>
#include <vector>

#include "lint/lint.h"

namespace segue::lint {

struct FixedFile {
  std::string path;
  std::string before;  // empty for a new file
  std::string after;
  bool is_new = false;
};

// Whether --fix makes the change that a finding carries, where it stands.
bool can_be_mended(const File& file, const Finding& finding);

// The files that change, and those that come. `inputs` are judged as one run.
std::vector<FixedFile> fix(const Options& options, std::vector<Input> inputs);

// A unified diff with three lines around each change.
std::string unified_diff(const FixedFile& file);

}  // namespace segue::lint
