// A file of checks: each begins with a comment line `-- check: NAME · after: PHASE · expect: …`; its query follows.
//
// The line is made into the same tree that a check in migration.yaml gives, so the same table says what may stand in it
// and the same words say what is wrong. Separators are ·, and | or , where a key follows them.
#include <fmt/format.h>

#include "base/text.h"
#include "migration/extract.h"
#include "migration/form.h"
#include "migration/nearest.h"
#include "migration/validate.h"

namespace segue::migration {
namespace {

constexpr std::string_view dot = "·";

bool is_flag(std::string_view word) {
  return word == "no_rows" || word == "unchanged";
}

bool is_word_sign(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

std::size_t blanks_at(std::string_view text, std::size_t at) {
  const auto end = text.find_first_not_of(" \t", at);
  return end == std::string_view::npos ? text.size() : end;
}

// The length of the separator at `at`, 0 if none: a | or a comma is one only before `key:` or a bare no_rows.
std::size_t separator_at(std::string_view text, std::size_t at) {
  if (text.substr(at).starts_with(dot)) return dot.size();
  if (text[at] != '|' && text[at] != ',') return 0;
  const auto from = blanks_at(text, at + 1);
  auto to = from;
  while (to < text.size() && is_word_sign(text[to])) ++to;
  if (to == from) return 0;
  const auto after = blanks_at(text, to);
  const bool key = after < text.size() && text[after] == ':' && !text.substr(after).starts_with("::");
  const bool ends =
      after == text.size() || text[after] == '|' || text[after] == ',' || text.substr(after).starts_with(dot);
  return key || (ends && is_flag(text.substr(from, to - from))) ? 1 : 0;
}

struct Piece {
  std::string_view text;
  std::size_t at = 0;  // in the line
};

Piece trimmed(std::string_view line, std::size_t from, std::size_t to) {
  const auto text = trim(line.substr(from, to - from));
  return {text, text.empty() ? from : static_cast<std::size_t>(text.data() - line.data())};
}

std::vector<Piece> split_header(std::string_view line, std::size_t from) {
  std::vector<Piece> pieces;
  int depth = 0;
  for (auto at = from; at < line.size();) {
    const char c = line[at];
    depth += c == '[' || c == '{' || c == '(' ? 1 : 0;
    depth -= (c == ']' || c == '}' || c == ')') && depth > 0 ? 1 : 0;
    const auto length = depth > 0 ? 0 : separator_at(line, at);
    if (length > 0) {
      pieces.push_back(trimmed(line, from, at));
      from = at + length;
    }
    at += std::max<std::size_t>(1, length);
  }
  pieces.push_back(trimmed(line, from, line.size()));
  return pieces;
}

void shift(Node& node, Mark by) {
  node.at = {node.at.line + by.line, node.at.column + by.column};
  for (auto& item : node.items) shift(item, by);
  for (auto& entry : node.entries) {
    shift(entry.key, by);
    shift(entry.value, by);
  }
}

class CheckFile {
 public:
  CheckFile(const Source& file, Reading& reading) : file_(file), reading_(reading) {}

  std::vector<Check> take() {
    std::vector<Check> checks;
    const int lines = static_cast<int>(std::count(file_.text().begin(), file_.text().end(), '\n')) + 1;
    int first = 0;
    while (first < lines && header_from(first) == 0) ++first;
    look_at_lead(first);
    for (int line = first; line < lines && !reading_.full();) {
      int next = line + 1;
      while (next < lines && header_from(next) == 0) ++next;
      checks.push_back(take_one(line, next));
      line = next;
    }
    if (first == lines)
      problem("no-checks", {0, 0}, "no check stands in this file",
              "begin each with `-- check: NAME · after: PHASE · expect: VALUE`, its query below");
    return checks;
  }

 private:
  void problem(std::string code, Mark at, std::string message, std::string hint) {
    reading_.problem(std::move(code), file_.position(at), std::move(message), std::move(hint));
  }

  // Where the name begins in a `-- check:` line; 0 if the line is none.
  std::size_t header_from(int number) const {
    const auto line = file_.line(number);
    auto at = blanks_at(line, 0);
    if (!line.substr(at).starts_with("--")) return 0;
    at = blanks_at(line, at + 2);
    const std::string_view word = "check:";
    return line.substr(at).starts_with(word) ? at + word.size() : 0;
  }

  // Nothing but comments may stand before the first check.
  void look_at_lead(int first) {
    for (int number = 0; number < first; ++number) {
      const auto line = trim(file_.line(number));
      if (line.empty()) continue;
      if (!line.starts_with("--"))
        return problem("before-first-check", {number, 0}, "SQL stands before the first `-- check:` line",
                       "put a `-- check: NAME · …` line above it");
      const auto word = trim(line.substr(2, line.find(':') == std::string_view::npos ? 0 : line.find(':') - 2));
      if (word.size() < 12 && nearest(word, {"check"}) == "check") {
        problem("unknown-key", {number, 0}, fmt::format("unknown key {} at the head of a check", shown(word)),
                "did you mean `check`?");
      }
    }
  }

  Check take_one(int line, int next) {
    Node check;
    check.kind = Node::Kind::map;
    check.at = {line, static_cast<int>(blanks_at(file_.line(line), 0))};
    const auto pieces = split_header(file_.line(line), header_from(line));
    if (!pieces.front().text.empty())
      put(check, scalar_node("name", line, pieces.front().at), value_node("name", pieces.front(), line));
    std::string query_key = "query";
    for (std::size_t i = 1; i < pieces.size(); ++i) {
      auto piece = pieces[i];
      if (piece.text.empty()) continue;
      const auto colon = piece.text.find(':');
      const auto key = trim(piece.text.substr(0, colon));
      const auto value = colon == std::string_view::npos
                             ? Piece{}
                             : trimmed(file_.line(line), piece.at + colon + 1, piece.at + piece.text.size());
      if (is_flag(key) && (value.text.empty() || value.text == "true")) {
        query_key = key;
      } else if (colon == std::string_view::npos) {
        problem("unknown-key", {line, static_cast<int>(piece.at)},
                fmt::format("{} in the head of a check has no value", shown(piece.text)),
                "write `key: value` between the dots");
      } else {
        put(check, scalar_node(key, line, piece.at), value_node(key, value, line));
      }
    }
    take_query(check, query_key, line + 1, next);
    validate(check, mapping(check_form()), "check", file_, reading_);
    reading_.gather_placeholders(file_, check);
    auto taken = take_check(Fields(reading_, file_, &check));
    taken.mend = mend_below(line + 1, next);
    return taken;
  }

  // What a comment line `-- mend: …` between the head and the next one says.
  std::string mend_below(int line, int next) const {
    for (; line < next; ++line) {
      const auto text = trim(file_.line(line));
      if (!text.starts_with("--")) continue;
      const auto comment = trim(text.substr(2));
      if (comment.starts_with("mend:")) return std::string(trim(comment.substr(5)));
    }
    return {};
  }

  static void put(Node& check, Node key, Node value) { check.entries.push_back({std::move(key), std::move(value)}); }

  static Node scalar_node(std::string_view text, int line, std::size_t column) {
    Node node;
    node.kind = Node::Kind::scalar;
    node.text = text;
    node.at = {line, static_cast<int>(column)};
    return node;
  }

  // A list or a mapping is read as YAML, everything else is the text as it stands.
  Node value_node(std::string_view key, const Piece& piece, int line) {
    const Mark at{line, static_cast<int>(piece.at)};
    const bool is_text = key == "name" || key == "same_as" || is_flag(key);
    if (!is_text && (piece.text.starts_with('[') || piece.text.starts_with('{'))) return tree_node(piece, at);
    auto node = scalar_node(piece.text, line, piece.at);
    const auto low = lower(piece.text);
    const bool in_quotes = piece.text.size() > 1 && (piece.text.front() == '"' || piece.text.front() == '\'') &&
                           piece.text.back() == piece.text.front();
    if (is_text) return node;
    if (in_quotes) {
      node.text = piece.text.substr(1, piece.text.size() - 2);
      node.quoted = true;
    } else if (piece.text.empty() || low == "null" || low == "~") {
      node.kind = Node::Kind::empty;
    }
    return node;
  }

  Node tree_node(const Piece& piece, Mark at) {
    const Source part(file_.shown(), std::string(piece.text));
    Problems problems;
    auto tree = parse_yaml(part, problems);
    for (auto& each : problems) {
      each.at = file_.position(at);
      reading_.add({each});
    }
    if (!tree) {
      Node nothing;
      nothing.refused = true;
      return nothing;
    }
    shift(*tree, at);
    return *tree;
  }

  // The lines below the head, without what follows the last sign of SQL.
  void take_query(Node& check, const std::string& key, int from, int to) {
    int first = to;
    for (int number = to - 1; number >= from; --number) {
      const auto line = trim(file_.line(number));
      if (!line.empty() && !line.starts_with("--")) first = number;
    }
    if (first == to) {
      const bool has_own = check.find("no_rows") != nullptr || check.find("unchanged") != nullptr;
      if (!has_own)
        problem("no-query", check.at, "no query stands below this check", "write it on the lines that follow");
      Node nothing;
      nothing.refused = true;
      if (!has_own) put(check, scalar_node(key, check.at.line, 0), std::move(nothing));
      return;
    }
    std::string query;
    for (int number = first; number < to; ++number) query += std::string(file_.line(number)) + "\n";
    const auto end = query.find_last_not_of(" \t\r\n;");
    query.resize(end == std::string::npos ? 0 : end + 1);
    auto key_node = scalar_node(key, first, 0);
    put(check, std::move(key_node), scalar_node(query, first, 0));
  }

  const Source& file_;
  Reading& reading_;
};

}  // namespace

std::vector<Check> take_check_file(const Source& file, Reading& reading) {
  return CheckFile(file, reading).take();
}

}  // namespace segue::migration
