// convert: a column gets another type. With `as` both types live side by side, each under its own name, until contract.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "pg/quote.h"
#include "plan/actions.h"
#include "plan/moves/move.h"
#include "plan/moves/twice.h"

namespace segue::plan {
namespace {

using migration::ConvertMove;
using migration::Position;
using Values = std::vector<std::string>;

constexpr std::size_t most_named = 10;  // values in one message

std::string literal(const migration::Value& value) {
  return value.is_null ? "NULL" : pg::quote_literal(value.text.value);
}

// Values of a type that can be counted: the labels of an enum, true and false. Nothing where it takes more than that.
Result<std::optional<Values>> values_of(pg::Connection& connection, const std::string& type) {
  if (type == "boolean") return std::optional<Values>({"true", "false"});
  const auto rows = TRY(connection.query(
      "SELECT enumlabel FROM pg_enum WHERE enumtypid = to_regtype($1) ORDER BY enumsortorder", {type}));
  if (rows.empty()) return std::optional<Values>();
  Values values;
  for (std::size_t row = 0; row < rows.size(); ++row) values.push_back(rows.string(row, 0));
  return std::optional(values);
}

class Compiler {
 public:
  Compiler(Draft& draft, const ConvertMove& move, const Position& at, const Table& table)
      : draft_(draft), move_(move), at_(at), table_(table), old_(*table.column(move.column)) {}

  Status compile() {
    if (!TRY(type_is_right())) return {};
    Twice twice;
    twice.move = "convert " + table_.display();
    twice.table = table_;
    twice.old_name = move_.column;
    twice.new_name = move_.as;
    twice.type = move_.to;
    twice.forth = forth();
    twice.back = back();
    const auto old_values = TRY(values_of(draft_.connection, old_.type));
    if (!move_.mapping.empty()) {
      TRY(look_at_values(old_values));
      look_back(TRY(new_values()));
    }
    twice.total = move_.has_otherwise || (old_values && all_mapped(*old_values)) || move_.mapping.empty();
    return add_twice(draft_, twice, at_);
  }

 private:
  std::string shown() const { return table_.display() + "." + move_.column.value; }

  // The type is there, or its labels are given and it is not.
  Result<bool> type_is_right() {
    TRY(draft_.connection.execute("SAVEPOINT segue_type"));
    const auto asked = draft_.connection.query(fmt::format("SELECT NULL::{}", move_.to.value));
    if (!asked && draft_.connection.lost()) return tl::unexpected(asked.error());
    TRY(draft_.connection.execute("ROLLBACK TO SAVEPOINT segue_type"));
    if (move_.labels.empty()) {
      if (asked) return true;
      draft_.note("no-such-type", fmt::format("there is no type {} yet: {}", move_.to.value, asked.error().message),
                  move_.to.at, "fine where a `sql:` move of this migration makes it; else give its `labels`");
      return true;
    }
    if (asked) {
      draft_.hazard("type-exists", fmt::format("there is a type {} already", move_.to.value), move_.to.at,
                    "leave `labels` out to use it, or choose another name");
      return false;
    }
    std::string labels;
    for (const auto& label : move_.labels) labels += (labels.empty() ? "" : ", ") + pg::quote_literal(label);
    auto made = named_step("convert " + table_.display(), "create type", move_.to.value);
    made.up = transaction({fmt::format("CREATE TYPE {} AS ENUM ({})", move_.to.value, labels)}, {});
    made.down = {transaction({"DROP TYPE " + move_.to.value}, {})};
    made.reason = "a type of its own: a label cannot be taken out of one that the old shape uses";
    draft_.add(Phase::expand, Place::first, made);
    return true;
  }

  Result<std::optional<Values>> new_values() {
    if (move_.labels.empty()) return values_of(draft_.connection, move_.to);
    return std::optional(Values(move_.labels.begin(), move_.labels.end()));
  }

  bool all_mapped(const Values& values) const {
    return std::all_of(values.begin(), values.end(), [&](const auto& value) {
      return std::any_of(move_.mapping.begin(), move_.mapping.end(),
                         [&](const auto& pair) { return !pair.from.is_null && pair.from.text.value == value; });
    });
  }

  migration::Text expression(const std::string& value) const {
    migration::Text text;
    text.value = value;
    text.at = at_;
    return text;
  }

  migration::Text forth() const {
    if (!move_.using_expression.empty()) return move_.using_expression;
    const auto old = pg::quote_name(move_.column);
    if (move_.mapping.empty()) return expression(fmt::format("{}::{}", old, move_.to.value));
    std::string text = "CASE";
    for (const auto& pair : move_.mapping) {
      text += pair.from.is_null ? fmt::format(" WHEN {} IS NULL THEN {}", old, literal(pair.to))
                                : fmt::format(" WHEN {} = {} THEN {}", old, literal(pair.from), literal(pair.to));
    }
    if (move_.has_otherwise) text += fmt::format(" WHEN {} IS NULL THEN NULL ELSE {}", old, literal(move_.otherwise));
    return expression(text + " END");
  }

  // The inverse; of several old values with one image the first that is written down.
  migration::Text back() const {
    const auto name = pg::quote_name(move_.as);
    if (!move_.back.empty()) return move_.back;
    if (move_.mapping.empty()) return expression(fmt::format("{}::{}", name, old_.type));
    std::string text = "CASE";
    for (const auto& pair : move_.mapping) {
      text += pair.to.is_null ? fmt::format(" WHEN {} IS NULL THEN {}", name, literal(pair.from))
                              : fmt::format(" WHEN {} = {} THEN {}", name, literal(pair.to), literal(pair.from));
    }
    return expression(text + " END");
  }

  // What the mapping does not name, counted; and again when the rows are carried, since others write meanwhile.
  Status look_at_values(const std::optional<Values>& old_values) {
    if (move_.has_otherwise) return {};
    std::string named;
    for (const auto& pair : move_.mapping) {
      if (!pair.from.is_null) named += (named.empty() ? "" : ", ") + literal(pair.from);
    }
    const auto old = pg::quote_name(move_.column);
    const auto unnamed = fmt::format("{0} IS NOT NULL AND {0} NOT IN ({1})", old, named.empty() ? "NULL" : named);
    TRY(draft_.connection.execute("SAVEPOINT segue_values"));
    const auto rows = draft_.connection.query(
        fmt::format("SELECT {}::text, count(*) FROM {} WHERE {} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {}", old,
                    table_.quoted(), unnamed, most_named + 1));
    if (!rows && draft_.connection.lost()) return tl::unexpected(rows.error());
    TRY(draft_.connection.execute("ROLLBACK TO SAVEPOINT segue_values"));
    if (!rows) {
      draft_.hazard(
          "mapping-does-not-fit",
          fmt::format("{} ({}) cannot be compared with the mapping: {}", shown(), old_.type, rows.error().message), at_,
          "give values of the column's type");
      return {};
    }
    if (!rows->empty()) {
      std::string list;
      for (std::size_t row = 0; row < std::min(rows->size(), most_named); ++row) {
        list += fmt::format("{}{} ({})", row ? ", " : "", rows->text(row, 0), with_commas(rows->integer(row, 1)));
      }
      if (rows->size() > most_named) list += ", …";
      draft_.hazard("mapping-incomplete",
                    fmt::format("{} holds values that `mapping` does not name: {}", shown(), list), at_,
                    "name each of them, or say what the others become: `else: VALUE`");
    } else if (!old_values) {
      draft_.note("values-without-image",
                  fmt::format("{} takes any {}: a value that `mapping` does not name has no image, and a row that gets "
                              "one stops the switch",
                              shown(), old_.type),
                  at_, "say what the others become: `else: VALUE`");
    }
    PlannedCheck check;
    check.name = fmt::format("{}: every value has an image", shown());
    check.boundaries = {"before backfill", "before switch"};
    check.kind = "no_rows";
    check.query = fmt::format("SELECT {}, count(*) FROM {} WHERE {} GROUP BY 1", old, table_.quoted(), unnamed);
    check.mend = "give these rows a value that the mapping names";
    draft_.plan.checks.push_back(check);
    return {};
  }

  // A label that has no old value cannot be shown to the old application.
  void look_back(const std::optional<Values>& labels) {
    if (!labels || !move_.back.empty()) return;
    for (const auto& pair : move_.mapping) {
      if (!pair.to.is_null) known_label(*labels, pair.to);
    }
    if (move_.has_otherwise && !move_.otherwise.is_null) known_label(*labels, move_.otherwise);
    Values without;
    for (const auto& label : *labels) {
      const bool mapped = std::any_of(move_.mapping.begin(), move_.mapping.end(), [&](const auto& pair) {
        return !pair.to.is_null && pair.to.text.value == label;
      });
      if (!mapped) without.push_back(label);
    }
    if (without.empty()) return;
    const auto message = fmt::format("no old value stands for {}: where the new application writes it, {} becomes NULL",
                                     join(without, ", "), shown());
    const auto* hint = "let an old value map to it, or the new application not write it before the contract";
    if (old_.not_null) {
      draft_.hazard("label-without-old-value", message + ", which is NOT NULL", at_, hint);
    } else {
      draft_.note("label-without-old-value", message, at_, hint);
    }
  }

  void known_label(const Values& labels, const migration::Value& value) {
    if (std::find(labels.begin(), labels.end(), value.text.value) != labels.end()) return;
    const auto near = nearest_word(value.text.value, labels);
    draft_.hazard("no-such-label", fmt::format("{} has no value {}", move_.to.value, value.text.value), value.text.at,
                  near.empty() ? "its values: " + join(labels, ", ") : fmt::format("did you mean '{}'?", near));
  }

  Draft& draft_;
  const ConvertMove& move_;
  const Position& at_;
  const Table& table_;
  const TableColumn& old_;
};

}  // namespace

Status compile_convert(Draft& draft, const ConvertMove& move, const Position& at) {
  if (move.as.empty()) {
    draft.hazard("not-yet", "a convert without `as` is not supported yet", at,
                 "give the new column a name of its own: `as: NAME`");
    return {};
  }
  const auto table = TRY(draft.table(move.table));
  if (!table || table->column(move.column) == nullptr) {
    draft.hazard(table ? "no-such-column" : "no-such-table",
                 table ? fmt::format("{} has no column {}", table->display(), move.column.value)
                       : fmt::format("there is no table '{}'", move.table.value),
                 table ? move.column.at : move.table.at, "name it as the database does");
    return {};
  }
  if (!table->in_catalog) {
    draft.hazard("made-here", fmt::format("{} is made by this migration", table->display()), move.table.at,
                 "give the column its type where the table is made");
    return {};
  }
  return Compiler(draft, move, at, *table).compile();
}

}  // namespace segue::plan
