#include "sql/from_clause.h"

#include <fmt/format.h>

#include "sql/facts.h"
#include "sql/lexer.h"
#include "sql/parse.h"

namespace segue::sql {
namespace {

constexpr std::string_view prefix = "SELECT FROM ";

tl::unexpected<Error> not_plain(const std::string& what) {
  return failure("from-clause", what, "name plain tables, with inner joins");
}

// name, schema.name, database.schema.name: from its first byte to its last.
Range place_of_name(std::string_view text, std::size_t begin) {
  const auto tokens = tokens_of(text, begin, text.size());
  std::size_t last = 0;
  while (last + 2 < tokens.size() && is_sign(text, tokens[last + 1], '.')) last += 2;
  return {begin, tokens.empty() ? begin : tokens[last].end};
}

Status collect(Node item, std::string_view text, std::vector<FromTable>& into) {
  if (item.is("JoinExpr")) {
    const auto type = item["jointype"].text();
    if (!type.empty() && type != "JOIN_INNER") {
      return not_plain("an outer join: a change of its other side would touch every row");
    }
    TRY(collect(item["larg"], text, into));
    return collect(item["rarg"], text, into);
  }
  if (item.is("RangeSubselect")) return not_plain("a subquery: which rows a change of its tables reaches is not known");
  if (item.is("RangeFunction")) return not_plain("a function: when its rows change is not known");
  if (!item.is("RangeVar")) return not_plain("something that is no table");
  if (!item["inh"].truth()) return not_plain("ONLY: rows of its partitions would not be followed");
  FromTable table;
  table.name = name_of_relation(item);
  table.has_alias = static_cast<bool>(item["alias"]);
  table.alias = table.has_alias ? item["alias"]["aliasname"].string() : table.name.name;
  table.place = place_of_name(text, item.location());
  into.push_back(table);
  return {};
}

}  // namespace

Result<std::vector<FromTable>> tables_after_from(std::string_view from) {
  const auto source = parse_one(std::string(prefix) + std::string(from));
  if (!source) return not_plain(fmt::format("it cannot be read: {}", source.error().message));
  const auto query = source->statements()[0].tree;
  std::vector<FromTable> tables;
  for (const auto item : query["fromClause"]) TRY(collect(item, source->text(), tables));
  for (auto& table : tables) {
    table.place.begin -= prefix.size();
    table.place.end -= prefix.size();
  }
  // Anything after FROM …: WHERE, GROUP BY, LIMIT.
  for (const char* more : {"whereClause", "groupClause", "havingClause", "windowClause", "sortClause", "limitCount",
                           "limitOffset", "lockingClause"}) {
    if (query[more]) return not_plain("more than tables and joins");
  }
  return tables;
}

}  // namespace segue::sql
