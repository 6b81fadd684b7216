#include "sql/split.h"

#include <algorithm>

#include "sql/lexer.h"

namespace segue::sql {

std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const unsigned char first = byte(at);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (std::size_t index = 1; index < length; ++index) {
    if ((byte(at + index) & 0xC0) != 0x80) return 0;
  }
  if (length < 3) return length;
  const unsigned char second = byte(at + 1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate = first == 0xED && second > 0x9F;
  const bool beyond_unicode = first == 0xF4 && second > 0x8F;
  return overlong || surrogate || beyond_unicode ? 0 : length;
}

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// Replaces what is no text by `?`; where, goes to `broken`.
void mend_bytes(std::string& text, std::vector<std::size_t>& broken) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = text[at] == '\0' ? 0 : utf8_length(text, at);
    if (length == 0) {
      text[at] = '?';
      broken.push_back(at);
    }
    at += std::max<std::size_t>(length, 1);
  }
}

void blank_out(std::string& plain, std::size_t begin, std::size_t end) {
  for (std::size_t at = begin; at < end; ++at) {
    if (plain[at] != '\n') plain[at] = ' ';
  }
}

// :name → $1, :'name' → a string, :"name" → a name; each as long as it was.
void replace_variable(std::string& plain, const Token& token) {
  const char quote = plain[token.begin + 1];
  if (quote == '\'' || quote == '"') {
    plain[token.begin] = ' ';
    return;
  }
  blank_out(plain, token.begin, token.end);
  plain[token.begin] = '$';
  plain[token.begin + 1] = '1';
}

// A bare variable as a name of the same length: :table → _table, ${schema} → __schema_.
std::string as_name(std::string_view variable) {
  std::string name(variable);
  for (char& sign : name) {
    const bool fits = (sign >= 'a' && sign <= 'z') || (sign >= 'A' && sign <= 'Z') || (sign >= '0' && sign <= '9');
    if (!fits) sign = '_';
  }
  return name;
}

// The word of a backslash command: "gset" of "\gset prefix_".
std::string_view command_of(std::string_view meta) {
  std::size_t end = 1;
  while (end < meta.size() && ((meta[end] >= 'a' && meta[end] <= 'z') || meta[end] == ';')) ++end;
  return meta.substr(1, end - 1);
}

// Whether psql sends the statement before it, as a semicolon would.
bool sends(std::string_view command) {
  constexpr std::string_view senders[] = {"g", "gx", "gset", "gexec", "gdesc", "crosstabview", "watch"};
  return std::find(std::begin(senders), std::end(senders), command) != std::end(senders);
}

// Follows one statement, token by token, for the things that change how it ends.
class Progress {
 public:
  explicit Progress(std::string_view plain) : plain_(plain) {}

  void start() { *this = Progress(plain_); }

  void take(const Token& token) {
    if (words_ < 4 && token.kind == TokenKind::word) head(token);
    ++words_;
    count_depth(token);
    if (token.kind != TokenKind::word) return;
    if (routine_) body(token);
    if (is_copy_ && parens_ == 0) {
      if (is_word(plain_, token, "from")) from_ = true;
      stdin_ = stdin_ || (from_ && is_word(plain_, token, "stdin"));
    }
  }

  bool may_end() const { return parens_ == 0 && body_depth_ == 0; }
  bool reads_rows() const { return stdin_; }
  bool in_brackets() const { return brackets_ > 0; }
  std::size_t depth() const { return deepest_; }

 private:
  void head(const Token& token) {
    if (words_ == 0) {
      creates_ = is_word(plain_, token, "create");
      is_copy_ = is_word(plain_, token, "copy");
    } else if (creates_) {
      routine_ = routine_ || is_word(plain_, token, "function") || is_word(plain_, token, "procedure");
    }
  }

  // BEGIN ATOMIC … END of a function in standard form; CASE … END nests in it.
  void body(const Token& token) {
    if (body_depth_ == 0) {
      if (after_begin_ && is_word(plain_, token, "atomic")) body_depth_ = 1;
      after_begin_ = is_word(plain_, token, "begin");
    } else if (is_word(plain_, token, "case")) {
      ++body_depth_;
    } else if (is_word(plain_, token, "end")) {
      --body_depth_;
    }
  }

  // A tree grows deeper with operators and parentheses, never with what stands beside it after a comma.
  void count_depth(const Token& token) {
    const char sign = token.kind == TokenKind::sign ? plain_[token.begin] : '\0';
    if (sign == '(' || sign == '[') {
      levels_.push_back(since_comma_);
      below_ += since_comma_;
      since_comma_ = 1;
      sign == '(' ? ++parens_ : ++brackets_;
    } else if (sign == ')' || sign == ']') {
      if (!levels_.empty()) {
        since_comma_ = levels_.back();
        below_ -= levels_.back();
        levels_.pop_back();
      }
      if (sign == ')' && parens_ > 0) --parens_;
      if (sign == ']' && brackets_ > 0) --brackets_;
    } else if (sign == ',') {
      since_comma_ = 0;
    }
    ++since_comma_;
    deepest_ = std::max(deepest_, below_ + since_comma_);
  }

  std::string_view plain_;
  std::size_t words_ = 0;
  bool creates_ = false;
  bool routine_ = false;
  bool is_copy_ = false;
  bool from_ = false;
  bool stdin_ = false;
  bool after_begin_ = false;
  int body_depth_ = 0;
  int parens_ = 0;
  int brackets_ = 0;
  std::vector<std::size_t> levels_;
  std::size_t below_ = 0;
  std::size_t since_comma_ = 0;
  std::size_t deepest_ = 0;
};

// The rows of COPY: from the next line to the line "\.", both blanked; behind them.
std::size_t skip_rows(std::string& plain, std::string_view text, std::size_t from) {
  std::size_t line = text.find('\n', from);
  if (line == std::string_view::npos) return text.size();
  const std::size_t begin = ++line;
  while (line < text.size()) {
    std::size_t end = text.find('\n', line);
    if (end == std::string_view::npos) end = text.size();
    std::string_view row = text.substr(line, end - line);
    if (!row.empty() && row.back() == '\r') row.remove_suffix(1);
    line = std::min(end + 1, text.size());
    if (row == "\\.") break;
  }
  blank_out(plain, begin, line);
  return line;
}

class Splitter {
 public:
  explicit Splitter(Script& script) : script_(script), lexer_(script.plain), progress_(script.plain) {}

  void run() {
    if (!script_.signs_before.empty()) mend_bytes(script_.plain, broken_);
    if (script_.plain.starts_with(byte_order_mark)) blank_out(script_.plain, 0, byte_order_mark.size());
    for (Token token = lexer_.next(); token.kind != TokenKind::end; token = lexer_.next()) take(token);
    finish(script_.plain.size(), piece_.end);
    mark_broken();
  }

 private:
  void take(const Token& token) {
    switch (token.kind) {
      case TokenKind::comment:
        script_.comments.push_back({token.begin, token.end});
        piece_.unclosed = piece_.unclosed || !token.closed;
        return;
      case TokenKind::meta:
        return take_meta(token);
      case TokenKind::variable:
        // a[low:high] is a slice.
        if (!progress_.in_brackets()) {
          const char quote = script_.plain[token.begin + 1];
          if (quote != '\'' && quote != '"') script_.variables.push_back({token.begin, token.end});
          replace_variable(script_.plain, token);
          piece_.variables = true;
        }
        break;
      default:
        break;
    }
    if (is_sign(script_.plain, token, ';') && progress_.may_end()) {
      const bool rows = open_ && progress_.reads_rows();
      finish(token.end, token.end);
      if (rows) {
        const std::size_t behind = skip_rows(script_.plain, script_.text, token.end);
        lexer_.move_to(behind);
        piece_.lead = behind;
      }
      return;
    }
    if (!open_) {
      open_ = true;
      piece_.begin = token.begin;
    }
    piece_.end = token.end;
    piece_.unclosed = piece_.unclosed || !token.closed;
    progress_.take(token);
  }

  void take_meta(const Token& token) {
    const std::string_view command = command_of(token.in(script_.plain));
    if (command.starts_with(";")) {  // a semicolon that stays in the statement
      blank_out(script_.plain, token.begin, token.begin + 1);
      lexer_.move_to(token.begin + 1);
      return;
    }
    script_.meta_lines.push_back({token.begin, token.end});
    const bool ends = sends(command);
    blank_out(script_.plain, token.begin, token.end);
    if (ends && open_) finish(token.end, piece_.end);
  }

  void finish(std::size_t behind, std::size_t close) {
    if (open_) {
      piece_.close = close;
      piece_.depth = progress_.depth();
      script_.pieces.push_back(piece_);
    }
    piece_ = Piece{};
    piece_.lead = behind;
    open_ = false;
    progress_.start();
  }

  void mark_broken() {
    for (Piece& piece : script_.pieces) {
      const auto first = std::lower_bound(broken_.begin(), broken_.end(), piece.begin);
      piece.broken = first != broken_.end() && *first < piece.end;
    }
  }

  Script& script_;
  Lexer lexer_;
  Progress progress_;
  Piece piece_;
  bool open_ = false;
  std::vector<std::size_t> broken_;
};

}  // namespace

namespace {

bool begins_sign(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
}

// Whether every byte is a character that may stand in a text: no NUL, nothing beyond ASCII.
bool is_plain_ascii(std::string_view text) {
  bool plain = true;  // no early end: so the compiler looks at many bytes at once
  for (const char sign : text) plain &= static_cast<signed char>(sign) > 0;
  return plain;
}

void mark_signs(Script& script) {
  std::size_t signs = 0;
  script.signs_before.reserve(script.text.size() / Script::mark_every + 1);
  for (std::size_t at = 0; at < script.text.size(); ++at) {
    if (at % Script::mark_every == 0) script.signs_before.push_back(signs);
    signs += begins_sign(script.text[at]);
  }
}

}  // namespace

Script split_script(std::string text) {
  Script script;
  script.text = std::move(text);
  if (script.text.starts_with(byte_order_mark)) script.line_starts.push_back(byte_order_mark.size());
  if (!is_plain_ascii(script.text)) mark_signs(script);
  script.plain = script.text;
  if (script.line_starts.empty()) script.line_starts.push_back(0);
  for (std::size_t at = script.text.find('\n'); at != std::string::npos; at = script.text.find('\n', at + 1)) {
    script.line_starts.push_back(at + 1);
  }
  Splitter(script).run();
  return script;
}

Position Script::position(std::size_t byte) const {
  byte = std::min(byte, text.size());
  byte = std::max(byte, line_starts.front());
  const auto next = std::upper_bound(line_starts.begin(), line_starts.end(), byte);
  Position position;
  position.line = static_cast<int>(next - line_starts.begin());
  position.column = static_cast<int>(signs_until(byte) - signs_until(*(next - 1))) + 1;
  return position;
}

std::size_t Script::signs_until(std::size_t byte) const {
  if (signs_before.empty()) return byte;
  const std::size_t mark = std::min(byte / mark_every, signs_before.size() - 1);
  std::size_t signs = signs_before[mark];
  for (std::size_t at = mark * mark_every; at < byte; ++at) signs += begins_sign(text[at]);
  return signs;
}

std::string_view Script::text_of(const Piece& piece) const {
  return std::string_view(text).substr(piece.begin, piece.end - piece.begin);
}

std::string Script::with_named_variables(const Piece& piece) const {
  std::string made = plain.substr(piece.begin, piece.end - piece.begin);
  const auto first = std::lower_bound(variables.begin(), variables.end(), piece.begin,
                                      [](const Range& each, std::size_t byte) { return each.begin < byte; });
  for (auto each = first; each != variables.end() && each->end <= piece.end; ++each) {
    const std::size_t length = each->end - each->begin;
    made.replace(each->begin - piece.begin, length, as_name(std::string_view(text).substr(each->begin, length)));
  }
  return made;
}

std::string_view Script::line(int number) const {
  if (number < 1 || static_cast<std::size_t>(number) > line_starts.size()) return {};
  const std::size_t begin = line_starts[static_cast<std::size_t>(number) - 1];
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  std::string_view line = std::string_view(text).substr(begin, end - begin);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

}  // namespace segue::sql
