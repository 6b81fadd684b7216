#include "plan/moves/ways.h"

#include <algorithm>
#include <set>

#include "sql/lexer.h"
#include "sql/written.h"

namespace segue::plan {
namespace {

using Numbers = std::set<std::size_t>;  // of sources

struct Condition {
  std::string text;
  Numbers sources;  // that it may speak of: too many rather than too few
};

Condition read(const std::string& text, const std::vector<Source>& sources, const Table& target) {
  Condition condition{text, {}};
  const auto tokens = sql::tokens_of(text, 0, text.size());
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    const bool name = tokens[at].kind == sql::TokenKind::word || tokens[at].kind == sql::TokenKind::quoted_name;
    if (!name || (at > 0 && sql::is_sign(text, tokens[at - 1], '.'))) continue;
    const auto folded = sql::folded(tokens[at].in(text));
    const bool qualifies = at + 1 < tokens.size() && sql::is_sign(text, tokens[at + 1], '.');
    if (qualifies && folded == target.name) continue;
    for (std::size_t number = 0; number < sources.size(); ++number) {
      const auto& one = sources[number];
      if (qualifies ? one.alias == folded : one.table.column(folded) != nullptr || one.alias == folded) {
        condition.sources.insert(number);
      }
    }
  }
  return condition;
}

bool within(const Numbers& some, const Numbers& all) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

}  // namespace

void find_ways(std::vector<Source>& sources, const Table& target, const std::vector<std::string>& conditions) {
  std::vector<Condition> all;
  for (const auto& text : conditions) all.push_back(read(text, sources, target));
  std::vector<Numbers> ways(sources.size());
  Numbers reached;
  // Ring by ring, beginning at the target.
  for (bool more = true; more;) {
    more = false;
    const auto before = reached;
    for (std::size_t number = 0; number < sources.size(); ++number) {
      if (before.contains(number)) continue;
      auto with = before;
      with.insert(number);
      for (const auto& one : all) {
        if (!one.sources.contains(number) || !within(one.sources, with)) continue;
        ways[number] = {number};
        for (const auto other : one.sources) ways[number].insert(ways[other].begin(), ways[other].end());
        reached.insert(number);
        more = true;
        break;
      }
    }
  }
  for (std::size_t number = 0; number < sources.size(); ++number) {
    auto& way = ways[number];
    for (std::size_t other = 0; !reached.contains(number) && other < sources.size(); ++other) way.insert(other);
    for (const auto other : way) {
      if (other != number) sources[number].over.push_back(other);
    }
    for (const auto& one : all) {
      if (within(one.sources, way)) sources[number].conditions.push_back(one.text);
    }
  }
}

}  // namespace segue::plan
