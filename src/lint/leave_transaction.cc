#include "lint/leave_transaction.h"

#include <algorithm>

#include "base/text.h"
#include "sql/lexer.h"
#include "sql/written.h"

namespace segue::lint {
namespace {

using sql::Token;
using sql::TokenKind;

// dbmate sends a half at once: outside a transaction only one statement can stand in it.
bool stays_alone(const File& file, const Finding& finding) {
  const Section& half = file.layout.section_at(finding.range.begin);
  return pieces_in(file.source.script(), half) == 1 &&
         std::none_of(finding.fix->edits.begin(), finding.fix->edits.end(),
                      [](const sql::Edit& edit) { return edit.text.find(';') != std::string::npos; });
}

// What a statement with CONCURRENTLY makes, drops or detaches: the name behind that word, else the one before it.
std::string name_in(const std::string& statement) {
  const std::vector<Token> tokens = sql::tokens_of(statement, 0, statement.size());
  const auto is = [&](std::size_t index, std::string_view word) {
    return index < tokens.size() && sql::is_word(statement, tokens[index], word);
  };
  std::size_t at = 0;
  while (at < tokens.size() && !is(at, "concurrently")) ++at;
  if (at == tokens.size()) return {};
  std::size_t name = at + 1;
  while (is(name, "if") || is(name, "not") || is(name, "exists")) ++name;
  if (is(name, "on")) return {};  // PostgreSQL chooses the index's name
  if (name >= tokens.size()) name = at == 0 ? 0 : at - 1;
  while (name + 2 < tokens.size() && sql::is_sign(statement, tokens[name + 1], '.')) name += 2;
  return sql::folded(tokens[name].in(statement));
}

// Whether what stands behind the statement in its section names what it makes, or needs a unique index that it makes.
bool is_needed_later(const File& file, const Finding& finding) {
  const std::string& text = file.source.text();
  const std::string& moved = finding.fix->afterwards.front();
  const std::string name = name_in(moved);
  const bool unique = lower(moved.substr(0, 40)).find("unique") != std::string::npos;
  const std::size_t end = std::min(file.layout.section_at(finding.range.begin).range.end, text.size());
  for (const Token& token : sql::tokens_of(text, finding.statement.end, end)) {
    if (token.kind != TokenKind::word && token.kind != TokenKind::quoted_name) continue;
    const std::string word = sql::folded(token.in(text));
    if ((!name.empty() && word == name) || (unique && word == "conflict")) return true;
  }
  return false;
}

}  // namespace

std::optional<sql::Edit> no_transaction_mark(const File& file, const Finding& finding) {
  const sql::Script& script = file.source.script();
  const std::size_t statement = finding.range.begin;
  if (file.layout.layout == Layout::dbmate && !stays_alone(file, finding)) return std::nullopt;
  std::optional<sql::Edit> mark;
  for (const sql::Range& comment : script.comments) {
    const std::string_view text =
        trim(std::string_view(script.text).substr(comment.begin, comment.end - comment.begin));
    const std::size_t behind = comment.begin + text.size();  // before the other half of a Windows line end
    if (file.layout.layout == Layout::dbmate && comment.begin < statement &&
        text.find("migrate:") != std::string_view::npos)
      mark = sql::Edit{{behind, behind}, " transaction:false"};
    if (file.layout.layout == Layout::goose && text.find("+goose Up") != std::string_view::npos)
      return sql::Edit{{comment.begin, comment.begin}, "-- +goose NO TRANSACTION\n"};
  }
  return mark;
}

bool takes_sibling(const File& file, const Finding& finding) {
  const Layout layout = file.layout.layout;
  const bool known = layout == Layout::flyway || layout == Layout::golang_migrate || layout == Layout::supabase ||
                     layout == Layout::dbmate;
  // What goes down runs in the reverse order: a new file would come too early there.
  return known && file.layout.section_at(finding.range.begin).direction == Direction::up &&
         !finding.fix->afterwards.empty() && !is_needed_later(file, finding);
}

sql::Edit removal_of(const File& file, const Finding& finding) {
  const std::string& text = file.source.text();
  sql::Range range = finding.statement;
  // With the rest of its line, where nothing else stands on it.
  if (range.begin == 0 || text[range.begin - 1] == '\n') {
    std::size_t end = range.end;
    while (end < text.size() && (text[end] == ' ' || text[end] == '\t' || text[end] == '\r')) ++end;
    if (end < text.size() && text[end] == '\n') range.end = end + 1;
  }
  return {range, {}};
}

std::string text_of_sibling(Layout layout, const std::string& statement) {
  if (layout != Layout::dbmate) return statement + ";\n";
  return "-- migrate:up transaction:false\n" + statement + ";\n\n-- migrate:down\n";
}

}  // namespace segue::lint
