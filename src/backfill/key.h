// The key that a backfill walks along: the primary key, or another unique one without NULLs, or none (pages then).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pg/connection.h"

namespace segue::backfill {

struct Key {
  std::vector<std::string> columns;  // quoted
  std::vector<std::string> types;    // as format_type says them
  bool integer = false;              // one column of a whole number: progress can be computed

  bool none() const { return columns.empty(); }

  // "(k1, k2)", "k1, k2", "($1::int, $2::text)" from parameter `first` on.
  std::string row() const;
  std::string list() const;
  std::string parameters(int first) const;
  // The key's values as one JSON array of text, as the ledger keeps a position.
  std::string position() const;
  // The same as an object by column: {"id": "17"}, as segue.failed_row keeps it.
  // `of` names the table where another has such a column too: "\"public\".\"orders\"".
  std::string object(const std::string& of) const;
  // The row with this object as its key, in a form that an index answers.
  std::string matches(const std::string& object) const;
};

// A quoted column without its quotes.
std::string unquoted(const std::string& column);

// `wanted`: the columns, unquoted, that it must have; empty: any.
Result<Key> find_key(pg::Connection& connection, const std::string& table, const std::vector<std::string>& wanted = {});

}  // namespace segue::backfill
