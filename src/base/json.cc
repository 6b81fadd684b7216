#include "base/json.h"

#include <fmt/format.h>

#include <algorithm>

namespace segue {

Result<Json> parse_json(std::string_view text, const std::string& where) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& bad) {
    const auto upto = text.substr(0, std::min<std::size_t>(bad.byte == 0 ? 0 : bad.byte - 1, text.size()));
    const auto line = 1 + std::count(upto.begin(), upto.end(), '\n');
    const auto column = upto.size() - (upto.rfind('\n') == std::string_view::npos ? 0 : upto.rfind('\n') + 1) + 1;
    return usage_error("this is not JSON", "the file may be cut off or of another kind",
                       fmt::format("{}:{}:{}", where, line, column));
  }
}

Json to_json(const Error& error) {
  Json inner = {{"code", error.code}, {"message", error.message}};
  if (!error.where.empty()) inner["where"] = error.where;
  if (!error.hint.empty()) inner["hint"] = error.hint;
  if (!error.sqlstate.empty()) inner["sqlstate"] = error.sqlstate;
  return Json{{"error", inner}};
}

}  // namespace segue
