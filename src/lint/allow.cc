#include "lint/allow.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "lint/rule.h"

namespace segue::lint {
namespace {

constexpr std::string_view mark = "segue:allow";

// The statement that a comment is about: the one around it, the one before it on the same line, else the next one.
sql::Range statement_of(const File& file, const sql::Range& comment) {
  const auto& statements = file.source.statements();
  const auto& script = file.source.script();
  const auto next = std::lower_bound(statements.begin(), statements.end(), comment.begin,
                                     [](const sql::Statement& each, std::size_t at) { return each.piece.end < at; });
  if (next != statements.end() && next->piece.begin <= comment.begin) return {next->piece.begin, next->piece.close};
  if (next != statements.begin()) {
    const sql::Piece& before = (next - 1)->piece;
    if (script.position(before.end).line == script.position(comment.begin).line) return {before.begin, before.close};
  }
  return next == statements.end() ? sql::Range{} : sql::Range{next->piece.begin, next->piece.close};
}

}  // namespace

void read_allowances(const File& file, std::size_t file_number, std::vector<Allowance>& allowances) {
  const std::string& text = file.source.text();
  if (text.find(mark) == std::string::npos) return;
  for (const sql::Range& comment : file.source.script().comments) {
    std::string_view body = std::string_view(text).substr(comment.begin, comment.end - comment.begin);
    const std::size_t at = body.find(mark);
    if (at == std::string_view::npos) continue;
    body.remove_prefix(at + mark.size());
    if (body.ends_with("*/")) body.remove_suffix(2);
    body = trim(body.substr(0, std::min(body.find('\n'), body.size())));
    // Codes up to the first blank that does not follow a comma.
    std::size_t end = 0;
    while (end < body.size() && (body[end] != ' ' || (end > 0 && body[end - 1] == ','))) ++end;
    const std::string reason(trim(body.substr(end)));
    for (const std::string& code : split(body.substr(0, end), ',')) {
      allowances.push_back({file_number, comment, statement_of(file, comment), std::string(trim(code)), reason, false});
    }
  }
}

void apply_allowances(std::vector<Allowance>& allowances, Findings& findings) {
  std::multimap<std::pair<std::size_t, std::string>, Allowance*> by_code;
  for (Allowance& each : allowances) by_code.emplace(std::pair{each.file, each.code}, &each);
  if (!by_code.empty()) {
    std::erase_if(findings.list(), [&](const Finding& finding) {
      bool accepted = false;
      const auto [from, to] = by_code.equal_range({finding.file, finding.code});
      for (auto at = from; at != to; ++at) {
        Allowance& each = *at->second;
        if (finding.range.begin < each.statement.begin || finding.range.begin > each.statement.end) continue;
        each.used = accepted = true;
      }
      return accepted;
    });
  }
  for (const Allowance& each : allowances) {
    const Rule* rule = find_rule(each.code);
    if (!each.used) {
      findings.add(*find_rule("unused-allow"), each.file, each.comment,
                   rule == nullptr ? fmt::format("`segue:allow` names `{}`, which is no rule", each.code)
                                   : fmt::format("`segue:allow {}` accepts nothing: take it away", each.code));
    } else if (each.reason.empty()) {
      findings.add(*find_rule("allow-without-reason"), each.file, each.comment,
                   fmt::format("`segue:allow {}` gives no reason", each.code));
    }
  }
}

}  // namespace segue::lint
