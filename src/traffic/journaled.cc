#include "traffic/journaled.h"

#include <fmt/format.h>

namespace segue::traffic {
namespace {

using Columns = std::vector<std::pair<std::string, JournalValue>>;

Result<Value> returned_value(const pg::Rows& rows, std::size_t row, const std::string& name) {
  for (std::size_t column = 0; column < rows.columns(); ++column) {
    if (rows.column_name(column) == name) return rows.maybe(row, column);
  }
  return failure("no-such-column", fmt::format("the journal wants the column `{}`, which is not returned", name),
                 "add it to RETURNING");
}

Result<NamedValues> values_of(const Columns& columns, const std::vector<Value>& params, const pg::Rows& rows,
                              std::size_t row) {
  NamedValues values;
  for (const auto& [name, from] : columns) {
    switch (from.from) {
      case JournalValue::From::param:
        values.emplace_back(name, params[from.param - 1]);
        break;
      case JournalValue::From::returned:
        values.emplace_back(name, TRY(returned_value(rows, row, from.column)));
        break;
      case JournalValue::From::constant:
        values.emplace_back(name, from.constant);
        break;
    }
  }
  return values;
}

bool wants_returned(const Columns& columns) {
  for (const auto& column : columns) {
    if (column.second.from == JournalValue::From::returned) return true;
  }
  return false;
}

}  // namespace

Write write_before(const JournalRule& rule, const std::vector<Value>& params) {
  Write write;
  write.table = rule.table;
  write.kind = rule.kind;
  const auto take = [&](const Columns& columns, NamedValues& values, std::vector<std::string>* open) {
    for (const auto& [name, from] : columns) {
      if (from.from == JournalValue::From::param) values.emplace_back(name, params[from.param - 1]);
      if (from.from == JournalValue::From::constant) values.emplace_back(name, from.constant);
      if (from.from == JournalValue::From::returned && open != nullptr) open->push_back(name);
    }
  };
  if (!rule.key_is_returned()) take(rule.key, write.key, nullptr);
  take(rule.set, write.set, &write.open);
  return write;
}

Result<std::vector<Write>> writes_after(const JournalRule& rule, const std::vector<Value>& params,
                                        const pg::Rows& rows) {
  std::vector<Write> writes;
  if (rows.affected() == 0) return writes;
  const bool by_row = rule.key_is_returned();
  if (!by_row && wants_returned(rule.set) && rows.empty()) {
    return failure("no-such-column", "the journal wants returned columns, and the statement returns no row",
                   "add RETURNING to it");
  }
  const std::size_t count = by_row ? rows.size() : 1;
  for (std::size_t row = 0; row < count; ++row) {
    Write write;
    write.table = rule.table;
    write.kind = rule.kind;
    write.key = TRY(values_of(rule.key, params, rows, row));
    write.set = TRY(values_of(rule.set, params, rows, row));
    writes.push_back(std::move(write));
  }
  return writes;
}

}  // namespace segue::traffic
