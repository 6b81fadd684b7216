#include "migration/kind.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "migration/units.h"

namespace segue::migration {
namespace {

constexpr std::size_t longest_name = 63;

using Refused = std::optional<Refusal>;

Refused refuse_line(std::string_view text) {
  if (text.find_first_of("\r\n\t") != std::string_view::npos) return Refusal{"it must stand on one line", "shorten it"};
  if (trim(text) != text) return Refusal{"blanks stand around it", "take them out"};
  if (display_width(text) > 200) return Refusal{"it is longer than 200 signs", "shorten it"};
  return std::nullopt;
}

Refused refuse_identity(std::string_view text) {
  if (text.size() > longest_name) return Refusal{"a migration's name has at most 63 letters", "shorten it"};
  std::string mended = lower(text);
  for (char& c : mended) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    if (!good) c = '-';
  }
  if (mended == text && text.front() != '-') return std::nullopt;
  const auto from = std::min(mended.find_first_not_of('-'), mended.size());
  mended = mended.substr(from, mended.find_last_not_of('-') + 1 - from);
  return Refusal{"a migration's name is made of a-z, 0-9 and -",
                 mended.empty() ? "choose a name" : fmt::format("call it `{}`", mended)};
}

Refused refuse_name(std::string_view text) {
  if (text.find_first_of("\r\n\t") != std::string_view::npos)
    return Refusal{"a name must stand on one line", "write the name alone"};
  if (trim(text) != text) return Refusal{"blanks stand around the name", "take them out"};
  if (text.size() > 1 && text.starts_with('"') && text.ends_with('"')) {
    return Refusal{"a name is written as the catalog holds it, without SQL's quotes", "take the double quotes out"};
  }
  if (text.size() > longest_name) {
    return Refusal{fmt::format("it has {} bytes; PostgreSQL's names have at most {}", text.size(), longest_name),
                   "shorten it"};
  }
  if (text.starts_with("segue_trash_"))
    return Refusal{"names that begin with segue_trash_ are segue's own", "choose another name"};
  return std::nullopt;
}

Refused refuse_table(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return refuse_name(text);
  const auto schema = text.substr(0, dot), table = text.substr(dot + 1);
  if (schema.empty() || table.empty() || table.find('.') != std::string_view::npos) {
    return Refusal{"a table is written as `table` or `schema.table`", "take the other dots out"};
  }
  for (const std::string_view own :
       {"segue", "segue_trash", "segue_archive", "pg_catalog", "pg_toast", "information_schema"}) {
    if (schema == own)
      return Refusal{fmt::format("schema {} is not the application's", schema), "name a table of the application"};
  }
  if (auto refused = refuse_name(schema)) return refused;
  return refuse_name(table);
}

Refused refuse_column_path(std::string_view text) {
  const auto dot = text.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == text.size()) {
    return Refusal{"it must name a table and its column", "write `table.column`"};
  }
  if (auto refused = refuse_table(text.substr(0, dot))) return refused;
  return refuse_name(text.substr(dot + 1));
}

Refused refuse_boolean(std::string_view text) {
  if (text == "true" || text == "false") return std::nullopt;
  const auto low = lower(text);
  const bool yes = low == "yes" || low == "on" || low == "true" || low == "1" || low == "y";
  const bool no = low == "no" || low == "off" || low == "false" || low == "0" || low == "n";
  return Refusal{"it must be true or false", yes ? "write true" : no ? "write false" : "write true or false"};
}

Refused refuse_duration(std::string_view text) {
  if (const auto duration = read_duration(text)) {
    if (*duration <= std::chrono::hours(24 * 3660)) return std::nullopt;
    return Refusal{"it is longer than ten years", "write a shorter time"};
  }
  if (read_count(text))
    return Refusal{"a duration needs a unit",
                   fmt::format("write {}ms, {}s, {}min, {}h or {}d", text, text, text, text, text)};
  if (text.ends_with('m') && read_count(text.substr(0, text.size() - 1))) {
    return Refusal{"m is no unit: it could be minutes or months", fmt::format("write {}in", text)};
  }
  return Refusal{"it is no duration", "write a number and ms, s, min, h or d: 50ms, 10min, 48h, 30d"};
}

Refused refuse_count(std::string_view text) {
  if (read_count(text)) return std::nullopt;
  std::string without;
  for (const char c : text) {
    if (c != ',' && c != '_' && c != ' ') without += c;
  }
  if (read_count(without)) return Refusal{"it is no whole number", fmt::format("write {}", without)};
  return Refusal{"it is no whole number", "write digits only, 0 or more"};
}

Refused refuse_positive(std::string_view text) {
  if (auto refused = refuse_count(text)) return refused;
  if (*read_count(text) > 0) return std::nullopt;
  return Refusal{"it must be at least 1", "write 1 or more"};
}

Refused refuse_percent(std::string_view text) {
  if (read_percent(text)) return std::nullopt;
  if (read_count(text)) return Refusal{"a share is written with %", fmt::format("write {}%", text)};
  return Refusal{"it is no percentage", "write a number and %: 10%"};
}

Refused refuse_allowance(std::string_view text) {
  if (read_allowance(text)) return std::nullopt;
  if (read_percent(text)) return Refusal{"a share is at most 100%", "write 100% or less"};
  return Refusal{"it is neither a count nor a percentage",
                 "write a number of rows, such as 0, or a share of them, such as 1%"};
}

Refused refuse_size(std::string_view text) {
  if (const auto bytes = read_size(text)) {
    if (*bytes > 0) return std::nullopt;
    return Refusal{"it must be more than nothing", "write for example 20MB"};
  }
  if (read_count(text))
    return Refusal{"a size needs a unit", fmt::format("write {}kB, {}MB or {}GB", text, text, text)};
  return Refusal{"it is no size", "write a number and B, kB, MB, GB or TB: 20MB"};
}

Refused refuse_time(std::string_view text) {
  if (read_time(text)) return std::nullopt;
  if (read_time(std::string(text) + "Z"))
    return Refusal{"a time needs its zone", fmt::format("write {}Z for UTC, or for example {}+01:00", text, text)};
  return Refusal{"it is no time", "write it as 2026-03-01T02:00:00Z or 2026-03-01T02:00+01:00"};
}

Refused refuse_hours(std::string_view text) {
  if (read_hours(text)) return std::nullopt;
  return Refusal{"it is no part of a day",
                 "write for example 22:00-06:00, by the clock of the machine that runs segue"};
}

Refused refuse_version(std::string_view text) {
  const auto major = read_count(text.substr(0, text.find('.')));
  const auto point = text.find('.');
  const bool whole = point == std::string_view::npos || read_count(text.substr(point + 1));
  if (major && *major >= 12 && *major <= 18 && whole) return std::nullopt;
  return Refusal{"no such version", "write one of 12 to 18, such as 15"};
}

Refused refuse_url(std::string_view text) {
  if (text.starts_with("${")) return std::nullopt;
  if (text.find_first_of(" \t\r\n") != std::string_view::npos)
    return Refusal{"blanks stand in it", "write them as %20"};
  const auto scheme = text.find("://");
  if (scheme != std::string_view::npos && scheme > 0 && text.size() > scheme + 3) return std::nullopt;
  return Refusal{"it is no URL", "write it whole: https://host/path"};
}

Refused refuse_sight(std::string_view text) {
  if (text == "same" || text == "none" || names_sql_file(text)) return std::nullopt;
  if (text.starts_with('+')) {
    if (read_count(text.substr(1))) return std::nullopt;
    return Refusal{"after + stands no whole number", "write for example +3"};
  }
  const auto low = lower(trim(text).substr(0, 6));
  for (const std::string_view begins : {"select", "with", "values", "table"}) {
    if (starts_with_word(low, begins)) return std::nullopt;
  }
  return Refusal{"it is neither same, none, +N nor a query",
                 "write `same`, `none`, `+3` (so many rows more) or the query whose rows are to be seen"};
}

Refused refuse_check_file(std::string_view text) {
  if (names_sql_file(text)) return std::nullopt;
  return Refusal{"checks are a list, or a file that ends in .sql",
                 "write `checks: checks.sql`, or the checks as a list"};
}

Refused refuse_nothing(std::string_view) {
  return std::nullopt;
}

struct Row {
  Kind kind;
  KindFacts facts;
  Refused (*refuse)(std::string_view);
};

const std::array<Row, 22>& rows() {
  static const std::array<Row, 22> table = {{
      {Kind::text, {"text", "text", "TEXT", "", ""}, refuse_nothing},
      {Kind::line, {"text", "text", "TEXT", "", ""}, refuse_line},
      {Kind::identity,
       {"a migration's name", "migrations' names", "NAME", "multi-client", "^[a-z0-9][a-z0-9-]{0,62}$"},
       refuse_identity},
      {Kind::name, {"a name", "names", "NAME", "client_id", "^[^\"]{1,63}$"}, refuse_name},
      {Kind::table, {"a table", "tables", "TABLE", "work_orders", "^[^\"]{1,127}$"}, refuse_table},
      {Kind::sql, {"SQL or a FILE.sql", "pieces of SQL", "SQL", "clients.sql", ""}, refuse_nothing},
      {Kind::value, {"a value", "values", "VALUE", "", ""}, refuse_nothing},
      {Kind::boolean, {"true or false", "booleans", "true or false", "true", ""}, refuse_boolean},
      {Kind::count, {"a whole number", "whole numbers", "N", "10000", "^[0-9]+$"}, refuse_count},
      {Kind::positive, {"a whole number from 1", "whole numbers from 1", "N", "5", "^[0-9]+$"}, refuse_positive},
      {Kind::percent, {"a percentage", "percentages", "N%", "10%", "^[0-9]+(\\.[0-9]+)?%$"}, refuse_percent},
      {Kind::allowance,
       {"a count or a percentage", "counts or percentages", "N or N%", "0 or 1%", "^[0-9]+((\\.[0-9]+)?%)?$"},
       refuse_allowance},
      {Kind::duration,
       {"a duration", "durations", "DURATION", "50ms, 10min, 48h or 30d", "^[0-9]+(\\.[0-9]+)?(ms|s|min|h|d)$"},
       refuse_duration},
      {Kind::size, {"a size", "sizes", "SIZE", "20MB", "^[0-9]+(\\.[0-9]+)?(B|kB|MB|GB|TB)(/s)?$"}, refuse_size},
      {Kind::time,
       {"a time", "times", "TIME", "2026-03-01T02:00:00Z",
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}(:[0-9]{2})?)$"},
       refuse_time},
      {Kind::hours,
       {"a part of the day", "parts of the day", "HH:MM-HH:MM", "22:00-06:00", "^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$"},
       refuse_hours},
      {Kind::version, {"a version", "versions", "VERSION", "15 or 15.4", "^1[2-8](\\.[0-9]+)?$"}, refuse_version},
      {Kind::url, {"a URL", "URLs", "URL", "http://127.0.0.1:3000/api/health", "^(\\$\\{|[^ ]+://[^ ]+)"}, refuse_url},
      {Kind::column_path,
       {"a table's column", "tables' columns", "TABLE.COLUMN", "opportunities.contact_id", "^[^\"]+\\.[^\".]+$"},
       refuse_column_path},
      {Kind::sight, {"same, none, +N or a query", "expectations", "same, none, +N or QUERY", "same", ""}, refuse_sight},
      {Kind::check_file, {"a FILE.sql", "files", "FILE.sql", "checks.sql", "\\.sql$"}, refuse_check_file},
      {Kind::word, {"one of its words", "words", "WORD", "", ""}, refuse_nothing},
  }};
  return table;
}

const Row& row_of(Kind kind) {
  return rows()[static_cast<std::size_t>(kind)];
}

}  // namespace

const KindFacts& facts_of(Kind kind) {
  return row_of(kind).facts;
}

std::optional<Refusal> refuse(Kind kind, std::string_view text) {
  if (trim(text).empty()) {
    if (kind == Kind::value) return std::nullopt;
    return Refusal{"nothing stands here", fmt::format("write {}", facts_of(kind).name)};
  }
  return row_of(kind).refuse(text);
}

bool names_sql_file(std::string_view text) {
  return text.size() > 4 && text.ends_with(".sql") && text.find_first_of("\r\n;") == std::string_view::npos &&
         text.find(' ') == std::string_view::npos;
}

}  // namespace segue::migration
