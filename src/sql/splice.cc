#include "sql/splice.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/parse.h"

namespace segue::sql {

Result<std::string> splice(std::string_view text, std::vector<Edit> edits) {
  std::stable_sort(edits.begin(), edits.end(),
                   [](const Edit& a, const Edit& b) { return a.range.begin < b.range.begin; });
  std::string made;
  std::size_t at = 0;
  for (const Edit& edit : edits) {
    if (edit.range.begin < at || edit.range.end < edit.range.begin || edit.range.end > text.size()) {
      return failure("edits-overlap", fmt::format("two changes want the bytes at {}", edit.range.begin));
    }
    made.append(text.substr(at, edit.range.begin - at)).append(edit.text);
    at = edit.range.end;
  }
  made.append(text.substr(at));
  return made;
}

Result<std::string> splice_and_parse(std::string_view text, std::vector<Edit> edits) {
  std::string made = TRY(splice(text, std::move(edits)));
  const Source source(made);
  for (const Statement& statement : source.statements()) {
    if (!statement.error) continue;
    const Position position = source.script().position(statement.error->byte);
    return failure("splice-broke-it", statement.error->message, {},
                   fmt::format("{}:{}", position.line, position.column));
  }
  return made;
}

}  // namespace segue::sql
