#include "sql/from_clause.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sql/facts.h"
#include "sql/lexer.h"
#include "sql/parse.h"

namespace segue::sql {
namespace {

constexpr const char* prefix = "SELECT FROM ";

tl::unexpected<Error> not_plain(const std::string& what) {
  return failure("from-clause", what, "name plain tables, with inner joins by ON");
}

Status collect(Node item, FromClause& into, std::size_t& joins) {
  if (item.is("JoinExpr")) {
    const auto type = item["jointype"].text();
    if (!type.empty() && type != "JOIN_INNER") {
      return not_plain("an outer join: a change of its other side would touch every row");
    }
    if (item["usingClause"] || item["isNatural"].truth()) return not_plain("a join by USING or NATURAL");
    if (item["quals"]) ++joins;
    TRY(collect(item["larg"], into, joins));
    return collect(item["rarg"], into, joins);
  }
  if (item.is("RangeSubselect")) return not_plain("a subquery: which rows a change of its tables reaches is not known");
  if (item.is("RangeFunction")) return not_plain("a function: when its rows change is not known");
  if (!item.is("RangeVar")) return not_plain("something that is no table");
  if (!item["inh"].truth()) return not_plain("ONLY: rows of its partitions would not be followed");
  if (item["alias"]["colnames"]) return not_plain("other names for columns");
  FromTable table;
  table.name = name_of_relation(item);
  table.alias = item["alias"] ? item["alias"]["aliasname"].string() : table.name.name;
  into.tables.push_back(table);
  return {};
}

// Words that begin the next part of a FROM clause.
bool ends_condition(std::string_view text, const Token& token) {
  static constexpr std::array<std::string_view, 8> words = {"join",  "inner", "cross",   "left",
                                                            "right", "full",  "natural", "on"};
  return is_sign(text, token, ',') ||
         std::any_of(words.begin(), words.end(), [&](auto word) { return is_word(text, token, word); });
}

int depth_change(std::string_view text, const Token& token) {
  if (is_sign(text, token, '(') || is_sign(text, token, '[')) return 1;
  return is_sign(text, token, ')') || is_sign(text, token, ']') ? -1 : 0;
}

// The text after each ON, up to what ends it.
std::vector<std::string> texts_after_on(std::string_view text) {
  std::vector<std::string> found;
  const auto tokens = tokens_of(text, 0, text.size());
  for (std::size_t at = 0; at + 1 < tokens.size(); ++at) {
    if (!is_word(text, tokens[at], "on")) continue;
    const auto begin = tokens[at + 1].begin;
    auto end = begin;
    int depth = 0;
    for (std::size_t next = at + 1; next < tokens.size(); ++next) {
      depth += depth_change(text, tokens[next]);
      if (depth < 0 || (depth == 0 && ends_condition(text, tokens[next]))) break;
      end = tokens[next].end;
    }
    found.emplace_back(text.substr(begin, end - begin));
  }
  return found;
}

}  // namespace

Result<FromClause> take_from_apart(std::string_view from) {
  const auto source = parse_one(prefix + std::string(from));
  if (!source) return not_plain(fmt::format("it cannot be read: {}", source.error().message));
  const auto query = source->statements()[0].tree;
  FromClause clause;
  std::size_t joins = 0;
  for (const auto item : query["fromClause"]) TRY(collect(item, clause, joins));
  // Anything after FROM …: WHERE, GROUP BY, LIMIT.
  for (const char* more : {"whereClause", "groupClause", "havingClause", "windowClause", "sortClause", "limitCount",
                           "limitOffset", "lockingClause"}) {
    if (query[more]) return not_plain("more than tables and joins");
  }
  for (const auto& text : texts_after_on(from)) {
    for (auto& one : conditions_of(text)) clause.conditions.push_back(std::move(one));
    if (joins > 0) --joins;
  }
  if (joins > 0) return not_plain("a join whose condition cannot be told");
  return clause;
}

std::vector<std::string> conditions_of(std::string_view condition) {
  const std::string whole(trim(condition));
  const auto source = parse_one("SELECT WHERE " + whole);
  if (!source) return {whole};
  const auto tree = source->statements()[0].tree["whereClause"];
  if (!tree.is("BoolExpr") || tree["boolop"].text() != "AND_EXPR") return {whole};
  // AND also stands in BETWEEN and inside CASE: pieces count only if each is a condition of its own.
  std::vector<std::string> pieces;
  const auto tokens = tokens_of(whole, 0, whole.size());
  int depth = 0, cases = 0;
  bool between = false;
  std::size_t begin = 0;
  for (const auto& token : tokens) {
    depth += depth_change(whole, token);
    if (is_word(whole, token, "case")) ++cases;
    if (is_word(whole, token, "end")) --cases;
    if (depth != 0 || cases != 0) continue;
    if (is_word(whole, token, "between")) between = true;
    if (!is_word(whole, token, "and")) continue;
    if (between) {
      between = false;
      continue;
    }
    pieces.emplace_back(trim(std::string_view(whole).substr(begin, token.begin - begin)));
    begin = token.end;
  }
  pieces.emplace_back(trim(std::string_view(whole).substr(begin)));
  const bool all = pieces.size() == tree["args"].size() &&
                   std::all_of(pieces.begin(), pieces.end(),
                               [](const auto& one) { return parse_one("SELECT WHERE " + one).has_value(); });
  return all ? pieces : std::vector<std::string>{whole};
}

}  // namespace segue::sql
