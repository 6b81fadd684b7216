// One thing that lint has to say: where, what, which lock, the safe form, and the change that mends it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/lock.h"
#include "sql/splice.h"

namespace segue::lint {

enum class Severity { off, note, warning, error };
const char* name_of(Severity severity);
std::optional<Severity> severity_of(std::string_view word);

// How a finding is mended in place.
struct Fix {
  std::vector<sql::Edit> edits;
  // Statements that have to run outside the file's transaction, after it.
  std::vector<std::string> afterwards;
  bool needs_no_transaction = false;  // the edits hold only where no transaction is open
  bool when_settled = false;          // only after everything else of the file is mended
};

struct Finding {
  std::size_t file = 0;  // of Report::files
  sql::Range range;
  std::string code;
  Severity severity = Severity::warning;
  std::string message;
  std::string object;
  sql::Lock lock = sql::Lock::none;
  sql::Blocks blocks = sql::Blocks::none;
  bool rewrites = false;
  bool scans = false;
  std::string safe_form;
  std::vector<std::string> refs;
  std::optional<Fix> fix;
  sql::Range statement;         // the statement that it is about, without its semicolon
  bool in_transaction = false;  // one is open where it runs
  bool in_code = false;         // it stands in a DO block
};

}  // namespace segue::lint
