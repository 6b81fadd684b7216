#include "sql/parse.h"

#include <fmt/format.h>

#include "sql/tree_reader.h"

namespace segue::sql {
namespace {

// Beyond the first the usual stack may be too small for the parser's own recursion; beyond the second nobody wrote it.
constexpr std::size_t deep = 1500;
constexpr std::size_t too_deep = 40000;

}  // namespace

Source::Source(std::string text)
    : script_(std::make_unique<Script>(split_script(std::move(text)))), arena_(std::make_unique<Arena>()) {
  statements_.reserve(script_->pieces.size());
  for (const Piece& piece : script_->pieces) statements_.push_back({piece, script_->text_of(piece), {}, {}});
  parse_together();
}

Source::~Source() = default;
Source::Source(Source&&) noexcept = default;
Source& Source::operator=(Source&&) noexcept = default;

void Source::forget_trees() {
  statements_ = {};
  script_->plain = {};
  arena_ = std::make_unique<Arena>();
}

// One call for the whole text is the fastest; where it fails, or sees other statements than the splitter, each is
// parsed on its own.
void Source::parse_together() {
  bool simple = true;
  for (const Piece& piece : script_->pieces) simple = simple && piece.depth <= deep && !piece.unclosed;
  if (simple) {
    const ReadTree read = read_tree(*arena_, script_->plain, 0, false);
    if (!read.error && read.statements.size() == statements_.size()) {
      auto statement = statements_.begin();
      bool aligned = true;
      for (const Node raw : read.statements) {
        const auto begin = static_cast<std::size_t>(raw["stmt_location"].number());
        const auto length = static_cast<std::size_t>(raw["stmt_len"].number());
        const std::size_t end = length == 0 ? script_->plain.size() : begin + length;
        aligned = aligned && begin <= statement->piece.begin && statement->piece.end <= end;
        statement->tree = raw["stmt"];
        ++statement;
      }
      if (aligned) return;
    }
  }
  for (Statement& statement : statements_) parse_alone(statement);
}

void Source::parse_alone(Statement& statement) {
  statement.tree = Node();
  const Piece& piece = statement.piece;
  if (piece.depth > too_deep) {
    statement.error = ParseError{"the statement nests too deeply to be read", piece.begin};
    return;
  }
  // The blank keeps every position above 0, which the parser's answer leaves out.
  std::string text = " " + script_->plain.substr(piece.begin, piece.end - piece.begin);
  const auto offset = static_cast<std::int64_t>(piece.begin) - 1;
  ReadTree read = read_tree(*arena_, text, offset, piece.depth > deep);
  if (read.error && piece.variables) {
    // A bare variable may stand for a name instead of a value.
    text = " " + script_->with_named_variables(piece);
    ReadTree again = read_tree(*arena_, text, offset, piece.depth > deep);
    if (!again.error) read = std::move(again);
  }
  if (read.error) {
    statement.error = ParseError{std::move(read.error->message), read.error->byte};
    return;
  }
  if (read.statements.size() != 1) {
    statement.error = ParseError{"the statement cannot be told from its neighbours", piece.begin};
    return;
  }
  statement.tree = (*read.statements.begin())["stmt"];
}

Result<Source> parse_one(std::string text) {
  Source source(std::move(text));
  const auto& statements = source.statements();
  if (statements.size() != 1) {
    return failure("syntax", fmt::format("one statement was expected, {} stand there", statements.size()));
  }
  const Statement& statement = statements.front();
  if (statement.error) {
    const Position position = source.script().position(statement.error->byte);
    return failure("syntax", statement.error->message, {}, fmt::format("{}:{}", position.line, position.column));
  }
  return source;
}

}  // namespace segue::sql
