#include "backup/extract.h"

namespace segue::backup {
namespace {

constexpr std::size_t kBatch = 1 << 16;

// The identifier at `at`, moved past; empty where there is none.
std::string identifier(std::string_view text, std::size_t& at) {
  std::string name;
  if (at >= text.size() || text[at] != '"') {
    while (at < text.size() && text.find_first_of(" .,()", at) != at) name += text[at++];
    return name;
  }
  for (++at; at < text.size(); ++at) {
    if (text[at] == '"' && (at + 1 >= text.size() || text[at + 1] != '"')) break;
    if (text[at] == '"') ++at;
    name += text[at];
  }
  ++at;
  return name;
}

}  // namespace

bool read_copy_line(std::string_view line, std::vector<std::string>& columns) {
  constexpr std::string_view start = "COPY ", end = " FROM stdin;";
  if (!line.starts_with(start) || !line.ends_with(end)) return false;
  const std::string_view text = line.substr(start.size(), line.size() - start.size() - end.size());
  std::size_t at = 0;
  identifier(text, at);
  if (at < text.size() && text[at] == '.') identifier(text, ++at);
  columns.clear();
  const std::size_t bracket = text.find('(', at);
  if (bracket == std::string_view::npos) return true;
  for (at = bracket + 1; at < text.size() && text[at] != ')';) {
    columns.push_back(identifier(text, at));
    while (at < text.size() && (text[at] == ',' || text[at] == ' ')) ++at;
  }
  return true;
}

void CopyScript::line(std::string_view text) {
  if (state_ == State::inside) {
    if (text == "\\.") {
      state_ = State::after;
      if (!batch_.empty()) rows(std::move(batch_));
      return;
    }
    batch_.append(text).push_back('\n');
    if (batch_.size() < kBatch) return;
    rows(std::move(batch_));
    batch_.clear();
    return;
  }
  constexpr std::string_view encoding = "SET client_encoding = '";
  if (text.starts_with(encoding)) encoding_ = text.substr(encoding.size(), text.size() - encoding.size() - 2);
  if (state_ == State::before && read_copy_line(text, columns_)) {
    state_ = State::inside;
    started();
  }
}

void CopyScript::take(std::string_view piece) {
  while (!piece.empty()) {
    const std::size_t end = piece.find('\n');
    if (end == std::string_view::npos) {
      rest_ += piece;
      return;
    }
    if (rest_.empty()) {
      line(piece.substr(0, end));
    } else {
      rest_ += piece.substr(0, end);
      line(rest_);
      rest_.clear();
    }
    piece.remove_prefix(end + 1);
  }
}

}  // namespace segue::backup
