// The rows that a statement gave back, and how many it touched. Values are typed when asked for.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct pg_result;

namespace segue::pg {

class Rows {
 public:
  Rows() = default;
  explicit Rows(pg_result* result);  // takes it over

  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  std::size_t columns() const;
  std::string column_name(std::size_t column) const;
  std::uint32_t column_type(std::size_t column) const;  // the oid of the type

  // Rows inserted, updated, deleted or selected.
  std::int64_t affected() const;
  std::string command() const;  // the command tag: "UPDATE 3"

  bool is_null(std::size_t row, std::size_t column) const;
  // The value as text; empty where it is NULL. The view lives as long as these rows.
  std::string_view text(std::size_t row, std::size_t column) const;

  // Typed values. Asking for another type than the statement gives is a bug and throws.
  std::string string(std::size_t row, std::size_t column) const { return std::string(text(row, column)); }
  std::optional<std::string> maybe(std::size_t row, std::size_t column) const;
  std::int64_t integer(std::size_t row, std::size_t column) const;
  double real(std::size_t row, std::size_t column) const;
  bool boolean(std::size_t row, std::size_t column) const;
  std::vector<std::string> list(std::size_t row, std::size_t column) const;  // a text[] without NULLs

 private:
  std::shared_ptr<pg_result> result_;
  std::size_t count_ = 0;
};

// One value of a parameter list: text, or NULL. The server learns the type from the statement.
class Param {
 public:
  Param(std::nullptr_t) {}
  Param(const char* text) : text_(text) {}
  Param(std::string text) : text_(std::move(text)) {}
  Param(std::string_view text) : text_(std::string(text)) {}
  Param(const std::optional<std::string>& text) : text_(text) {}
  Param(bool value) : text_(value ? "t" : "f") {}
  Param(int value) : text_(std::to_string(value)) {}
  Param(long value) : text_(std::to_string(value)) {}
  Param(long long value) : text_(std::to_string(value)) {}
  Param(unsigned long value) : text_(std::to_string(value)) {}
  Param(double value);
  Param(const std::vector<std::string>& list);  // as a text[]

  const char* c_str() const { return text_ ? text_->c_str() : nullptr; }
  std::size_t size() const { return text_ ? text_->size() : 0; }

 private:
  std::optional<std::string> text_;
};
using Params = std::vector<Param>;

}  // namespace segue::pg
