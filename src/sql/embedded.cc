#include "sql/embedded.h"

#include <algorithm>
#include <array>

#include "sql/lexer.h"

namespace segue::sql {
namespace {

bool is_any(std::string_view text, const Token& token, std::initializer_list<std::string_view> words) {
  return token.kind == TokenKind::word &&
         std::any_of(words.begin(), words.end(), [&](auto word) { return is_word(text, token, word); });
}

// Words after which a statement begins, beside the semicolon.
bool opens(std::string_view text, const Token& token) {
  return is_any(text, token, {"begin", "then", "else", "loop", "declare"});
}

bool begins_sql(std::string_view text, const Token& token) {
  return is_any(text, token, {"create",  "alter",   "drop", "insert", "update", "delete", "truncate",
                              "select",  "perform", "with", "merge",  "grant",  "revoke", "comment",
                              "refresh", "reindex", "lock", "set",    "vacuum", "cluster"});
}

class CodeReader {
 public:
  CodeReader(std::string_view text, std::size_t begin, std::size_t end)
      : text_(text), tokens_(tokens_of(text, begin, end)) {}

  Code read() {
    bool fresh = true;
    while (at_ < tokens_.size()) {
      const Token& token = tokens_[at_];
      if (fresh && begins_sql(text_, token)) {
        take_statement(code_.statements);
        fresh = true;
        continue;
      }
      if (fresh && is_word(text_, token, "execute")) {
        take_statement(code_.executes);
        continue;
      }
      if (fresh && is_any(text_, token, {"commit", "rollback"})) {
        take_statement(code_.commits);
        continue;
      }
      loops(token);
      fresh = is_sign(text_, token, ';') || opens(text_, token);
      ++at_;
    }
    return std::move(code_);
  }

 private:
  // Up to the semicolon; PERFORM is SELECT to the parser, which is told apart by its caller.
  void take_statement(std::vector<Range>& into) {
    const std::size_t begin = tokens_[at_].begin;
    std::size_t end = tokens_[at_].end;
    for (; at_ < tokens_.size() && !is_sign(text_, tokens_[at_], ';'); ++at_) end = tokens_[at_].end;
    ++at_;
    into.push_back({begin, end});
  }

  void loops(const Token& token) {
    if (is_any(text_, token, {"for", "while"})) {
      pending_ = token.begin;
      return;
    }
    if (!is_word(text_, token, "loop")) return;
    if (at_ > 0 && is_word(text_, tokens_[at_ - 1], "end")) {
      if (open_.empty()) return;
      code_.loops.push_back({open_.back(), token.end});
      open_.pop_back();
    } else {
      open_.push_back(pending_ == npos ? token.begin : pending_);
      pending_ = npos;
    }
  }

  static constexpr std::size_t npos = std::string_view::npos;
  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t pending_ = npos;
  std::vector<std::size_t> open_;
  Code code_;
};

}  // namespace

Code read_code(std::string_view text, std::size_t begin, std::size_t end) {
  return CodeReader(text, begin, end).read();
}

Range quoted_body(std::string_view text, std::size_t from, std::size_t end) {
  Lexer lexer(text.substr(0, end), from);
  Range longest;
  for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
    if (token.kind != TokenKind::string || !token.closed) continue;
    const std::string_view written = token.in(text);
    Range body;
    if (written.front() == '$') {
      const std::size_t mark = written.find('$', 1) + 1;
      body = {token.begin + mark, token.end - mark};
    } else if (written.front() == '\'' && written.find("''") == std::string_view::npos) {
      body = {token.begin + 1, token.end - 1};
    }
    if (body.end > body.begin && body.end - body.begin > longest.end - longest.begin) longest = body;
  }
  return longest;
}

std::string only(std::string_view text, const std::vector<Range>& ranges) {
  if (ranges.empty()) return {};
  // What stands behind the last one is of no use.
  std::string made(text.substr(0, std::min(text.size(), ranges.back().end + 1)));
  if (made.size() < ranges.back().end + 1) made += ';';
  std::size_t at = 0;
  const auto blank = [&](std::size_t begin, std::size_t end) {
    for (std::size_t byte = begin; byte < end && byte < made.size(); ++byte) {
      if (made[byte] != '\n') made[byte] = ' ';
    }
  };
  for (const Range& range : ranges) {
    blank(at, range.begin);
    at = range.end;
    if (at < made.size()) made[at++] = ';';
  }
  blank(at, made.size());
  return made;
}

}  // namespace segue::sql
