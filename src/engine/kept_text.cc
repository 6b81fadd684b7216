#include "engine/kept_text.h"

#include <fmt/format.h>

#include "pg/quote.h"

namespace segue::engine {
namespace {

std::string new_name(const plan::Plan& plan, const std::string& table, const std::string& column, bool after_switch) {
  for (const auto& one : plan.trash) {
    if (one.column == column && !column.empty() && plan.name_before(one.table) == plan.name_before(table))
      return one.before;
  }
  if (after_switch) return column;
  for (const auto& swap : plan.swaps) {
    if (swap.table != table) continue;
    if (column == swap.column) return swap.displaced;
    if (column == swap.waiting) return swap.column;
  }
  return column;
}

}  // namespace

// Not a cast to text, which strips the blanks of a character(n).
std::string text_of_column(const std::string& column) {
  return fmt::format("CASE WHEN t.{0} IS NOT NULL THEN format('%s', t.{0}) END", pg::quote_name(column));
}

std::string kept_object(const plan::Plan& plan, const std::string& table, const std::vector<std::string>& columns,
                        bool after_switch) {
  std::string names, values;
  for (const auto& column : columns) {
    names += (names.empty() ? "" : ", ") + pg::quote_literal(new_name(plan, table, column, after_switch));
    values += (values.empty() ? "" : ", ") + text_of_column(column);
  }
  return fmt::format("jsonb_object(ARRAY[{}]::text[], ARRAY[{}]::text[])", names, values);
}

}  // namespace segue::engine
