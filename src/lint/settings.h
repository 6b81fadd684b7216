// What a project decides about lint: `.segue-lint.yaml`, or the key `lint:` of segue.yaml.
//
//   postgres: 16                 # PostgreSQL version, 12 to 18
//   in_transaction: true         # plain files are run in one transaction
//   fail_on: warning
//   applied_up_to: 20240601_x.sql  # files up to this one are history: read for names, not judged
//   severities: { drop-column: off, prefer-text: warning }
//   exclude: ["vendor/**"]
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "lint/finding.h"
#include "sql/facts.h"

namespace segue::lint {

struct Settings {
  sql::ServerVersion version;
  bool version_given = false;
  bool in_transaction = false;
  Severity fail_on = Severity::warning;
  std::string applied_up_to;
  std::map<std::string, Severity> rules;
  std::vector<std::string> ignore;
};

// Of the text of such a file; `where` names it in errors. `key`: the settings stand under this key ("lint").
Result<Settings> read_settings(const std::string& yaml, const std::string& where, const std::string& key);

// From .segue-lint.yaml or segue.yaml, searched from the folder upward; the defaults where there is none.
Result<Settings> find_settings(const std::string& folder);

// "15", "15.4" → a version; an error outside 12 to 18.
Result<sql::ServerVersion> version_of(const std::string& text, const std::string& where);

}  // namespace segue::lint
