// The kinds of single values: what each is called, what it looks like, and whether a text is one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace segue::migration {

enum class Kind {
  text,      // anything that is not empty
  line,      // text on one line: the name of a check or a gate, a role of people
  identity,  // a migration's name: [a-z0-9-]+
  name,      // of a column, role, index, trigger
  table,     // of a table, with or without its schema
  sql,       // SQL, or the FILE.sql that holds it
  value,     // a value of the data; null is one
  boolean,
  count,     // a whole number, 0 or more
  positive,  // a whole number, 1 or more
  percent,
  allowance,  // a count or a percentage
  duration,
  size,     // bytes (per second)
  time,     // an instant with its zone
  hours,    // a part of each day
  version,  // of PostgreSQL
  url,
  column_path,  // table.column
  sight,        // same, none, +N or a query
  check_file,   // FILE.sql with checks
  word,         // only one of the words that the type lists
};

struct Refusal {
  std::string why;  // follows "`key` is `value`: "
  std::string hint;
};

struct KindFacts {
  std::string name;     // "a duration"
  std::string plural;   // "durations"
  std::string form;     // DURATION, as the reference writes it
  std::string example;  // "50ms, 10min, 48h or 30d"
  std::string pattern;  // of JSON Schema, for what is written as text; may be empty
};

const KindFacts& facts_of(Kind kind);

// Why the text is no such value; nothing if it is one.
std::optional<Refusal> refuse(Kind kind, std::string_view text);

// Whether the text names a file beside the migration: one line that ends in .sql.
bool names_sql_file(std::string_view text);

}  // namespace segue::migration
