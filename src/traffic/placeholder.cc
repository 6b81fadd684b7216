#include "traffic/placeholder.h"

#include <algorithm>
#include <cctype>

#include "pg/quote.h"

namespace segue::traffic {
namespace {

bool is_digit(char sign) {
  return sign >= '0' && sign <= '9';
}

bool is_word(char sign) {
  return std::isalnum(static_cast<unsigned char>(sign)) != 0 || sign == '_' || static_cast<unsigned char>(sign) >= 0x80;
}

class Scanner {
 public:
  explicit Scanner(std::string_view sql) : sql_(sql) {}

  std::vector<Placeholder> scan() {
    while (at_ < sql_.size()) step();
    return std::move(found_);
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }

  void step() {
    const char sign = peek();
    if (sign == '\'') return skip_quoted('\'', escapes_before());
    if (sign == '"') return skip_quoted('"', false);
    if (sign == '-' && peek(1) == '-') return skip_line();
    if (sign == '/' && peek(1) == '*') return skip_comment();
    if (sign == '$' && !in_word()) return dollar();
    ++at_;
  }

  // A $ inside a name (a$1) belongs to the name.
  bool in_word() const { return at_ > 0 && is_word(sql_[at_ - 1]) && !is_number_before(); }
  bool is_number_before() const {
    std::size_t from = at_;
    while (from > 0 && is_word(sql_[from - 1])) --from;
    return is_digit(sql_[from]);
  }

  // E'…' knows backslashes.
  bool escapes_before() const {
    if (at_ == 0 || (sql_[at_ - 1] != 'E' && sql_[at_ - 1] != 'e')) return false;
    return at_ == 1 || !is_word(sql_[at_ - 2]);
  }

  void skip_quoted(char quote, bool escapes) {
    for (++at_; at_ < sql_.size(); ++at_) {
      const bool escaped = escapes && sql_[at_] == '\\';
      const bool doubled = sql_[at_] == quote && peek(1) == quote;
      if (escaped || doubled) {
        ++at_;
      } else if (sql_[at_] == quote) {
        ++at_;
        return;
      }
    }
  }

  void skip_line() { at_ = std::min(sql_.find('\n', at_), sql_.size()); }

  void skip_comment() {
    int depth = 0;
    while (at_ < sql_.size()) {
      if (peek() == '/' && peek(1) == '*') {
        ++depth;
        at_ += 2;
      } else if (peek() == '*' && peek(1) == '/') {
        at_ += 2;
        if (--depth == 0) return;
      } else {
        ++at_;
      }
    }
  }

  void dollar() {
    std::size_t end = at_ + 1;
    if (is_digit(peek(1))) {
      while (end < sql_.size() && is_digit(sql_[end])) ++end;
      const auto digits = sql_.substr(at_ + 1, std::min<std::size_t>(end - at_ - 1, 9));
      found_.push_back({at_, end - at_, static_cast<std::size_t>(std::stoul(std::string(digits)))});
      at_ = end;
      return;
    }
    while (end < sql_.size() && is_word(sql_[end])) ++end;
    if (end >= sql_.size() || sql_[end] != '$') {
      ++at_;
      return;
    }
    const auto tag = sql_.substr(at_, end - at_ + 1);
    const auto close = sql_.find(tag, end + 1);
    at_ = close == std::string_view::npos ? sql_.size() : close + tag.size();
  }

  std::string_view sql_;
  std::size_t at_ = 0;
  std::vector<Placeholder> found_;
};

}  // namespace

std::vector<Placeholder> placeholders_of(std::string_view sql) {
  return Scanner(sql).scan();
}

std::size_t highest_placeholder(std::string_view sql) {
  std::size_t highest = 0;
  for (const auto& one : placeholders_of(sql)) highest = std::max(highest, one.number);
  return highest;
}

std::string with_values(std::string_view sql, const std::vector<Value>& values) {
  std::string text;
  std::size_t from = 0;
  for (const auto& one : placeholders_of(sql)) {
    text.append(sql.substr(from, one.at - from));
    const auto& value = values.at(one.number - 1);
    // Blanks keep the literal from running into what stands beside it.
    text += value ? " " + pg::quote_literal(*value) + " " : " NULL ";
    from = one.at + one.length;
  }
  text.append(sql.substr(from));
  return text;
}

}  // namespace segue::traffic
