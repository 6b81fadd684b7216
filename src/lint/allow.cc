#include "lint/allow.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "base/text.h"
#include "lint/rule.h"
#include "sql/embedded.h"
#include "sql/lexer.h"

namespace segue::lint {
namespace {

constexpr std::string_view mark = "segue:allow";

// Comments, and the statements between which they stand; both by their places.
struct Part {
  bool in_code = false;
  std::vector<sql::Range> comments;
  std::vector<sql::Range> statements;
};

// The statement that a comment is about: the one around it, the one before it on the same line, else the next one.
sql::Range statement_of(const sql::Script& script, const std::vector<sql::Range>& statements,
                        const sql::Range& comment) {
  const auto next = std::lower_bound(statements.begin(), statements.end(), comment.begin,
                                     [](const sql::Range& each, std::size_t at) { return each.end <= at; });
  if (next != statements.end() && next->begin <= comment.begin) return *next;
  if (next != statements.begin()) {
    const sql::Range& before = *(next - 1);
    if (script.position(before.end).line == script.position(comment.begin).line) return before;
  }
  return next == statements.end() ? sql::Range{} : *next;
}

// What stands in the body of a DO block or function.
Part inside(const sql::Statement& block, const std::string& text) {
  Part part{true, {}, {}};
  const sql::Range body = sql::quoted_body(text, block.piece.begin, block.piece.end);
  if (body.end <= body.begin) return part;
  sql::Lexer lexer(std::string_view(text).substr(0, body.end), body.begin);
  for (sql::Token token = lexer.next(); token.kind != sql::TokenKind::end; token = lexer.next()) {
    if (token.kind == sql::TokenKind::comment) part.comments.push_back({token.begin, token.end});
  }
  const sql::Code code = sql::read_code(text, body.begin, body.end);
  part.statements = code.statements;
  part.statements.insert(part.statements.end(), code.executes.begin(), code.executes.end());
  std::sort(part.statements.begin(), part.statements.end(),
            [](const sql::Range& a, const sql::Range& b) { return a.begin < b.begin; });
  return part;
}

void read_part(const Part& part, const File& file, std::size_t file_number, std::vector<Allowance>& allowances) {
  const std::string& text = file.source.text();
  for (const sql::Range& comment : part.comments) {
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
    const sql::Range statement = statement_of(file.source.script(), part.statements, comment);
    for (const std::string& code : split(body.substr(0, end), ',')) {
      allowances.push_back({file_number, comment, statement, std::string(trim(code)), reason, part.in_code, false});
    }
  }
}

}  // namespace

void read_allowances(const File& file, std::size_t file_number, std::vector<Allowance>& allowances) {
  const std::string& text = file.source.text();
  if (text.find(mark) == std::string::npos) return;
  Part outer{false, file.source.script().comments, {}};
  for (const sql::Statement& each : file.source.statements()) {
    outer.statements.push_back({each.piece.begin, each.piece.close});
    if (each.tree.is("DoStmt") || each.tree.is("CreateFunctionStmt"))
      read_part(inside(each, text), file, file_number, allowances);
  }
  read_part(outer, file, file_number, allowances);
}

void apply_allowances(std::vector<Allowance>& allowances, Findings& findings) {
  // By where the statement ends, so that only those are looked at that can hold the finding; statements inside code
  // apart from those around it, so that no two of a kind overlap.
  std::multimap<std::tuple<bool, std::size_t, std::string, std::size_t>, Allowance*> by_code;
  for (Allowance& each : allowances) {
    if (each.statement == sql::Range{}) continue;
    by_code.emplace(std::tuple{each.in_code, each.file, each.code, each.statement.end}, &each);
  }
  if (!by_code.empty()) {
    std::erase_if(findings.list(), [&](const Finding& finding) {
      bool accepted = false;
      for (const bool in_code : {false, true}) {
        auto at = by_code.lower_bound({in_code, finding.file, finding.code, finding.range.begin});
        for (; at != by_code.end(); ++at) {
          Allowance& each = *at->second;
          if (each.in_code != in_code || each.file != finding.file || each.code != finding.code ||
              finding.range.begin < each.statement.begin)
            break;
          each.used = accepted = true;
        }
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
