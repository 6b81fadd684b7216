#include "pg/rows.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <charconv>
#include <stdexcept>

namespace segue::pg {
namespace {

template <class Number>
Number parse(std::string_view text) {
  Number number{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) {
    throw std::logic_error(fmt::format("a number was expected from the server, not '{}'", text));
  }
  return number;
}

}  // namespace

Rows::Rows(pg_result* result) : result_(result, PQclear), count_(static_cast<std::size_t>(PQntuples(result))) {}

std::size_t Rows::columns() const {
  return result_ ? static_cast<std::size_t>(PQnfields(result_.get())) : 0;
}

std::string Rows::column_name(std::size_t column) const {
  const char* name = PQfname(result_.get(), static_cast<int>(column));
  return name == nullptr ? std::string() : name;
}

std::uint32_t Rows::column_type(std::size_t column) const {
  return PQftype(result_.get(), static_cast<int>(column));
}

std::int64_t Rows::affected() const {
  const std::string_view count = result_ ? PQcmdTuples(result_.get()) : "";
  return count.empty() ? 0 : parse<std::int64_t>(count);
}

std::string Rows::command() const {
  return result_ ? PQcmdStatus(result_.get()) : "";
}

bool Rows::is_null(std::size_t row, std::size_t column) const {
  return PQgetisnull(result_.get(), static_cast<int>(row), static_cast<int>(column)) == 1;
}

std::string_view Rows::text(std::size_t row, std::size_t column) const {
  if (row >= size() || column >= columns()) {
    throw std::logic_error(fmt::format("there is no row {} column {} in this answer", row, column));
  }
  const int r = static_cast<int>(row), c = static_cast<int>(column);
  return {PQgetvalue(result_.get(), r, c), static_cast<std::size_t>(PQgetlength(result_.get(), r, c))};
}

std::optional<std::string> Rows::maybe(std::size_t row, std::size_t column) const {
  if (is_null(row, column)) return std::nullopt;
  return string(row, column);
}

std::int64_t Rows::integer(std::size_t row, std::size_t column) const {
  return parse<std::int64_t>(text(row, column));
}

double Rows::real(std::size_t row, std::size_t column) const {
  return parse<double>(text(row, column));
}

bool Rows::boolean(std::size_t row, std::size_t column) const {
  const auto value = text(row, column);
  if (value != "t" && value != "f") {
    throw std::logic_error(fmt::format("a boolean was expected from the server, not '{}'", value));
  }
  return value == "t";
}

// The text form of an array: {a,"b c",NULL}.
std::vector<std::string> Rows::list(std::size_t row, std::size_t column) const {
  const auto value = text(row, column);
  std::vector<std::string> items;
  std::string item;
  bool quoted = false, was_quoted = false;
  for (std::size_t at = 1; at < value.size(); ++at) {
    const char c = value[at];
    if (c == '\\' && at + 1 < value.size()) {
      item += value[++at];
    } else if (c == '"') {
      quoted = !quoted;
      was_quoted = true;
    } else if (!quoted && (c == ',' || c == '}')) {
      if (was_quoted || (!item.empty() && item != "NULL")) items.push_back(item);
      item.clear();
      was_quoted = false;
    } else {
      item += c;
    }
  }
  return items;
}

Param::Param(double value) : text_(fmt::format("{}", value)) {}

Param::Param(const std::vector<std::string>& list) {
  std::string text = "{";
  for (const auto& item : list) {
    text += text.size() > 1 ? ",\"" : "\"";
    for (const char c : item) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  text_ = text + "}";
}

}  // namespace segue::pg
