// The functions and triggers that hold a foreign key and its junction table equal: their text.
//
// One function brings a row's key to its marked link, another the marked link to the key. Each is what a trigger calls,
// what the backfill calls for rows that have no link yet, and what is called again for changes that were noted (see
// follow.h): a row that somebody holds at that moment is passed over and looked at again.
#pragma once

#include <string>
#include <vector>

#include "plan/moves/owned.h"
#include "plan/table.h"

namespace segue::plan {

struct Junction {
  Table table;              // that holds the foreign key
  std::string key;          // its primary key, unquoted
  std::string column;       // the foreign key
  std::string key_type;     // as format_type says it
  Table links;              // the junction table
  std::string mine, other;  // its columns: for this table's key, and for the other one's
  std::string primary;      // marks the link that the old column stands for
};

class JunctionText {
 public:
  explicit JunctionText(const Junction& junction);

  // Rows whose key and marked link differ.
  std::string wrong() const;

  // For each row that the engine carries.
  std::string call_to_link() const;
  std::string call_to_key() const;
  const std::string& settle() const { return settle_; }

  std::vector<std::string> functions() const;
  std::vector<std::string> drop_functions() const;
  std::vector<std::string> triggers_on_table() const;
  std::vector<std::string> triggers_on_links() const;
  std::vector<std::string> drop_triggers_on_table() const;
  std::vector<std::string> drop_triggers_on_links() const;

 private:
  std::string link_body() const;
  std::string key_body() const;
  std::string settle_body() const;
  std::string trigger_body(bool on_table) const;
  std::vector<MadeFunction> made() const;
  std::string named(const std::string& quoted, const char* letter) const;

  const Junction& of_;
  std::string table_, links_, key_, column_, mine_, other_, primary_;  // quoted
  std::string to_link_, to_key_, settle_, on_table_, on_links_;
  std::string table_trigger_, links_trigger_;
};

}  // namespace segue::plan
