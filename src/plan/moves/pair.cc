#include "plan/moves/pair.h"

#include <fmt/format.h>

#include "base/text.h"
#include "pg/quote.h"

namespace segue::plan {
namespace {

using migration::Assignment;
using migration::OnDisagreement;

// a ≡ f AND b ≡ g …
std::string equal(const std::vector<Assignment>& side) {
  std::string text;
  for (const auto& one : side) {
    text += fmt::format("{}{} IS NOT DISTINCT FROM ({})", text.empty() ? "" : " AND ", pg::quote_name(one.column.value),
                        one.expression.value);
  }
  return text;
}

// Whether a side was written: changed, or, by an INSERT, neither NULL nor what it has by itself.
std::string changed(const std::vector<Assignment>& side) {
  std::string text;
  for (const auto& one : side) {
    text += fmt::format("{0}NEW.{1} IS DISTINCT FROM OLD.{1}", text.empty() ? "" : " OR ",
                        pg::quote_name(one.column.value));
  }
  return text;
}

std::string given(const std::vector<Assignment>& side, const std::vector<std::optional<std::string>>& defaults) {
  std::string text;
  for (std::size_t at = 0; at < side.size(); ++at) {
    const auto name = "NEW." + pg::quote_name(side[at].column.value);
    text += fmt::format("{}({} IS NOT NULL{})", text.empty() ? "" : " OR ", name,
                        defaults[at] ? fmt::format(" AND {} IS DISTINCT FROM {}", name, *defaults[at]) : "");
  }
  return text;
}

std::string any_value(const std::vector<Assignment>& side, const std::string& row) {
  std::string text;
  for (const auto& one : side) {
    text += fmt::format("{}{}{} IS NOT NULL", text.empty() ? "" : " OR ", row, pg::quote_name(one.column.value));
  }
  return text;
}

// SELECT f, g INTO NEW.a, NEW.b
std::string assign(const std::vector<Assignment>& side, const std::string& row) {
  std::string values, targets;
  for (const auto& one : side) {
    values += fmt::format("{}({})", values.empty() ? "" : ", ", one.expression.value);
    targets += fmt::format("{}NEW.{}", targets.empty() ? "" : ", ", pg::quote_name(one.column.value));
  }
  return fmt::format("SELECT {} INTO {} FROM {};\n", values, targets, row);
}

class Writer {
 public:
  Writer(const Table& table, const migration::BackfillMove& move,
         const std::vector<std::optional<std::string>>& new_defaults)
      : table_(table), move_(move), row_(fmt::format("(SELECT NEW.*) AS {}", pg::quote_name(table.name))) {
    for (const auto& one : new_defaults) {
      new_defaults_.push_back(one ? std::optional(pg::quote_literal(*one)) : std::nullopt);
    }
    for (const auto& one : move.back) {
      const auto* column = table.column(one.column.value);
      const bool has = column != nullptr && column->has_default;
      old_defaults_.push_back(has ? std::optional("(" + column->default_sql + ")") : std::nullopt);
    }
    // A new side that is NULL all over is not filled yet, even where the way back of NULL happens to be what stands in
    // the old one.
    right_ = fmt::format("(({}) OR (({}) AND {}))", equal(move.set), any_value(move.set, ""), equal(move.back));
  }

  const std::string& right() const { return right_; }
  std::string pending() const {
    return move_.where.empty() ? "NOT " + right_ : fmt::format("({}) AND NOT {}", move_.where.value, right_);
  }

  Pair::Triggers triggers(bool new_wins) const {
    const auto column = move_.set.front().column.value;
    return {sync_trigger(table_, "!segue_in", column, declare, in(new_wins)),
            sync_trigger(table_, "~segue_out", column, declare, out())};
  }

 private:
  static constexpr const char* declare = "DECLARE\n  wrote_new boolean;\n  wrote_old boolean;\n";

  std::string who_wrote() const {
    return fmt::format(
        "    IF TG_OP = 'INSERT' THEN\n      wrote_new := {};\n      wrote_old := {};\n    ELSE\n      wrote_new := "
        "{};\n      wrote_old := {};\n    END IF;\n",
        given(move_.set, new_defaults_), given(move_.back, old_defaults_), changed(move_.set), changed(move_.back));
  }
  std::string old_is_empty() const {
    const auto empty = fmt::format("NOT ({})", any_value(move_.back, "NEW."));
    return move_.where.empty() ? empty : fmt::format("({} AND (SELECT {} FROM {}))", empty, move_.where.value, row_);
  }
  std::string is_pending() const { return fmt::format("(SELECT {} FROM {})", pending(), row_); }

  // What the new application wrote goes to the old side; into an empty one also where the new side would follow from
  // its emptiness.
  std::string in(bool new_wins) const {
    return fmt::format(
        "  BEGIN\n{}    IF wrote_new{} AND ({} OR {}) THEN\n      {}    END IF;\n  EXCEPTION WHEN others THEN\n  "
        "  NULL;  -- "
        "found by the comparison\n  END;\n",
        who_wrote(), new_wins ? "" : " AND NOT wrote_old", old_is_empty(), is_pending(), assign(move_.back, row_));
  }

  // Whatever is not right by now follows from the old side, save what only the new application wrote and the old side
  // could not take.
  std::string out() const {
    std::string nulls;
    for (const auto& one : move_.set) nulls += fmt::format("      NEW.{} := NULL;\n", pg::quote_name(one.column.value));
    return fmt::format(
        "  BEGIN\n{}    IF (wrote_old OR NOT wrote_new) AND {} THEN\n      {}    END IF;\n  EXCEPTION WHEN others "
        "THEN\n  "
        "  IF wrote_old OR wrote_new IS NOT TRUE THEN\n{}    END IF;\n  END;\n",
        who_wrote(), is_pending(), assign(move_.set, row_), nulls);
  }

  const Table& table_;
  const migration::BackfillMove& move_;
  std::string row_;
  std::string right_;
  std::vector<std::optional<std::string>> new_defaults_, old_defaults_;
};

}  // namespace

Pair make_pair(const Table& table, const migration::BackfillMove& move,
               const std::vector<std::optional<std::string>>& new_defaults) {
  const Writer writer(table, move, new_defaults);
  const auto believed = move.on_disagreement.value;
  Pair pair;
  pair.right = writer.right();
  pair.pending = writer.pending();
  pair.changes_sides = believed == OnDisagreement::old_then_new;
  pair.before_switch = writer.triggers(believed == OnDisagreement::new_wins);
  pair.after_switch = writer.triggers(believed != OnDisagreement::old_wins);
  for (std::size_t at = 0; at < move.set.size(); ++at) {
    const auto column = pg::quote_name(move.set[at].column.value);
    pair.defaults.push_back(
        new_defaults[at] ? fmt::format("ALTER COLUMN {} SET DEFAULT {}", column, pg::quote_literal(*new_defaults[at]))
                         : fmt::format("ALTER COLUMN {} DROP DEFAULT", column));
  }
  return pair;
}

}  // namespace segue::plan
