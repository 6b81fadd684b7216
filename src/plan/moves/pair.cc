#include "plan/moves/pair.h"

#include <fmt/format.h>

#include "pg/quote.h"

namespace segue::plan {
namespace {

using migration::OnDisagreement;

// A column of one side: what it is called, how it follows from the other side, what it has by itself.
struct Column {
  std::string name;   // quoted
  std::string image;  // its expression, in its own type: what does not fit is rounded here as it would be in the column
  std::optional<std::string> usual;
};
using Side = std::vector<Column>;

std::string join_with(const Side& side, const std::string& between, const auto& text_of) {
  std::string text;
  for (const auto& one : side) text += (text.empty() ? "" : between) + text_of(one);
  return text;
}

std::string equal(const Side& side) {
  return join_with(side, " AND ", [](const auto& one) { return one.name + " IS NOT DISTINCT FROM " + one.image; });
}

std::string any_value(const Side& side, const std::string& row) {
  return "(" + join_with(side, " OR ", [&](const auto& one) { return row + one.name + " IS NOT NULL"; }) + ")";
}

// Whether a side was written: changed, or, by an INSERT, neither NULL nor what it has by itself.
std::string changed(const Side& side) {
  return join_with(side, " OR ",
                   [](const auto& one) { return fmt::format("NEW.{0} IS DISTINCT FROM OLD.{0}", one.name); });
}

std::string given(const Side& side) {
  return join_with(side, " OR ", [](const auto& one) {
    const auto usual = one.usual ? fmt::format(" AND NEW.{} IS DISTINCT FROM {}", one.name, *one.usual) : "";
    return fmt::format("(NEW.{} IS NOT NULL{})", one.name, usual);
  });
}

class Writer {
 public:
  Writer(const Table& table, const migration::BackfillMove& move, const std::vector<NewSide>& new_side, int number)
      : table_(table), move_(move), number_(number), alias_(pg::quote_name(table.name)) {
    for (std::size_t at = 0; at < move.set.size(); ++at) {
      const auto& side = new_side[at];
      new_.push_back({pg::quote_name(move.set[at].column.value), image(move.set[at].expression.value, side.type),
                      side.usual ? std::optional(pg::quote_literal(*side.usual)) : std::nullopt});
    }
    for (const auto& one : move.back) {
      const auto* column = table.column(one.column.value);
      const auto usual = column->default_sql.empty() ? std::nullopt : std::optional("(" + column->default_sql + ")");
      old_.push_back({pg::quote_name(one.column.value), image(one.expression.value, column->type), usual});
    }
  }

  const Side& new_side() const { return new_; }
  const Side& old_side() const { return old_; }
  std::string right() const { return fmt::format("(({}) OR ({} AND {}))", equal(new_), filled(""), equal(old_)); }
  std::string wrong() const { return within("NOT " + right()); }
  std::string unfilled() const { return within(fmt::format("NOT {} AND NOT ({})", filled(""), equal(new_))); }
  std::string stale_old() const { return within(fmt::format("{} AND NOT {}", filled(""), right())); }
  // Of a row called t: a value that does not follow from the old side.
  std::string own_value() const {
    return fmt::format("(SELECT {} AND NOT ({}) FROM (SELECT t.*) AS {})", filled(""), equal(new_), alias_);
  }

  Pair::Triggers triggers(bool new_wins) const {
    const auto column = move_.set.front().column.value;
    const std::string declare =
        "DECLARE\n  wrote_new boolean;\n  wrote_old boolean;\n  wrong boolean;\n  refused boolean := false;\n";
    // Most updates touch neither side. What has just come under `where` can only be seen from inside.
    const bool always = !move_.where.empty();
    const auto news = changed(new_);
    const auto any = fmt::format("{} OR {} OR NOT {}", news, changed(old_), filled("NEW."));
    auto out_trigger =
        sync_trigger(table_, fmt::format("~segue_out_{:02}", number_), column, declare, out(), always ? "" : any);
    out_trigger.create.insert(
        out_trigger.create.begin(),
        {fmt::format("CREATE SEQUENCE {}", counter()), fmt::format("GRANT USAGE ON SEQUENCE {} TO PUBLIC", counter())});
    out_trigger.drop.push_back(fmt::format("DROP SEQUENCE {}", counter()));
    return {sync_trigger(table_, fmt::format("!segue_in_{:02}", 99 - number_), column, declare, in(new_wins),
                         always ? "" : news),
            out_trigger};
  }

  std::string counter() const { return counter_of(table_, move_.set.front().column.value); }

 private:
  static std::string image(const std::string& expression, const std::string& type) {
    return type.empty() ? "(" + expression + ")" : fmt::format("({})::{}", expression, type);
  }
  std::string filled(const std::string& row) const { return any_value(new_, row); }
  std::string within(const std::string& condition) const {
    return move_.where.empty() ? condition : fmt::format("({}) AND {}", move_.where.value, condition);
  }
  // Expressions speak of the row by the table's column names.
  std::string of_row(const std::string& expression) const {
    return fmt::format("(SELECT {} FROM (SELECT NEW.*) AS {})", expression, alias_);
  }
  std::string assign(const Side& side) const {
    const auto images = join_with(side, ", ", [](const auto& one) { return one.image; });
    const auto targets = join_with(side, ", ", [](const auto& one) { return "NEW." + one.name; });
    return fmt::format("SELECT {} INTO {} FROM (SELECT NEW.*) AS {};", images, targets, alias_);
  }
  std::string who_wrote() const {
    return fmt::format(
        "    IF TG_OP = 'INSERT' THEN\n      wrote_new := {};\n      wrote_old := {};\n    ELSE\n      wrote_new := "
        "{};\n      wrote_old := {};\n    END IF;\n",
        given(new_), given(old_), changed(new_), changed(old_));
  }

  // What the new application wrote goes to the old side; by an INSERT into an empty one also where the new side would
  // follow from its emptiness.
  std::string in(bool new_wins) const {
    const auto empty = fmt::format("TG_OP = 'INSERT' AND NOT {} AND {}", any_value(old_, "NEW."),
                                   move_.where.empty() ? "true" : of_row(move_.where.value));
    return fmt::format(
        "  BEGIN\n{}    IF wrote_new{} AND (({}) OR {}) THEN\n      {}\n    END IF;\n  EXCEPTION WHEN others THEN\n    "
        "NULL;  -- found by the comparison\n  END;\n",
        who_wrote(), new_wins ? "" : " AND NOT wrote_old", empty, of_row(wrong()), assign(old_));
  }

  // An image that cannot be had makes the row wrong; what nobody wrote now is never overwritten. Filled from the old
  // side is what is not filled, what the old application wrote, and what has just come under `where`.
  std::string out() const {
    const auto nulls = join_with(new_, " ", [](const auto& one) { return fmt::format("NEW.{} := NULL;", one.name); });
    std::string follows = fmt::format("wrote_old OR NOT {} OR (TG_OP = 'INSERT' AND NOT wrote_new)", filled("NEW."));
    if (!move_.where.empty()) follows += " OR (TG_OP = 'UPDATE' AND " + came_in() + ")";
    const bool refuses = move_.on_disagreement.value == OnDisagreement::refuse;
    const auto text = fmt::format(
        "  BEGIN\n{}    BEGIN\n      wrong := {};\n    EXCEPTION WHEN others THEN\n      wrong := true;\n    END;\n"
        "    IF {}wrong AND ({}) THEN\n      BEGIN\n        {}\n      EXCEPTION WHEN others THEN\n"
        "        IF wrote_old THEN {} END IF;\n      END;\n    ELSIF wrong AND wrote_new THEN\n      {}\n    END IF;\n"
        "    IF wrote_old AND NOT wrote_new THEN\n      PERFORM nextval({});\n    END IF;\n"
        "  EXCEPTION WHEN others THEN\n    NULL;  -- found by the comparison\n  END;\n",
        who_wrote(), of_row(wrong()),
        refuses ? "wrong AND wrote_new AND wrote_old THEN\n      refused := true;\n    ELSIF " : "", follows,
        assign(new_), nulls, assign(old_), pg::quote_literal(counter()));
    return refuses ? text + refusal() : text;
  }
  // The only error that a trigger of segue's raises, and only because the file asks for it.
  std::string refusal() const {
    const auto sides = fmt::format("{} and {} of {}", join_with(old_, ", ", [](const auto& one) { return one.name; }),
                                   join_with(new_, ", ", [](const auto& one) { return one.name; }), table_.display());
    return fmt::format(
        "  IF refused THEN\n    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = {}, HINT = 'Write one of "
        "them, or both so that they agree.';\n  END IF;\n",
        pg::quote_literal(sides + " were written and contradict each other"));
  }
  std::string came_in() const {
    return fmt::format("(SELECT ({}) IS NOT TRUE FROM (SELECT OLD.*) AS {})", move_.where.value, alias_);
  }

  const Table& table_;
  const migration::BackfillMove& move_;
  int number_;
  std::string alias_;
  Side new_, old_;
};

}  // namespace

Pair make_pair(const Table& table, const migration::BackfillMove& move, const std::vector<NewSide>& new_side,
               int number) {
  const Writer writer(table, move, new_side, number);
  const auto believed = move.on_disagreement.value;
  Pair pair;
  pair.fill.table = table.quoted();
  for (const auto& one : writer.new_side()) {
    pair.fill.columns.push_back(one.name);
    pair.fill.values.push_back(one.image);
  }
  pair.fill.pending = writer.unfilled();
  // While the triggers were away only the old application wrote.
  pair.fill.pending_again = writer.wrong();
  pair.fill.skip_triggers = true;
  pair.wrong = writer.wrong();
  pair.changes_sides = believed == OnDisagreement::old_then_new;
  pair.before_switch = writer.triggers(believed == OnDisagreement::new_wins);
  pair.after_switch = writer.triggers(believed != OnDisagreement::old_wins);
  for (const auto& one : writer.new_side()) {
    if (!one.usual) continue;
    pair.defaults.push_back(fmt::format("ALTER COLUMN {} SET DEFAULT {}", one.name, *one.usual));
    pair.no_defaults.push_back(fmt::format("ALTER COLUMN {} DROP DEFAULT", one.name));
  }
  pair.heal.table = table.quoted();
  for (const auto& one : writer.old_side()) {
    pair.heal.columns.push_back(one.name);
    pair.heal.values.push_back(one.image);
  }
  pair.heal.pending = writer.stale_old();
  pair.heal.one_pass = true;
  pair.counter = writer.counter();
  pair.keep.table = table.quoted();
  pair.keep.what = KeepWhat::values;
  pair.keep.before_switch = pair.keep.after_switch = writer.own_value();
  for (const auto& one : move.set) pair.keep.columns.push_back(one.column.value);
  for (const auto& one : move.back) pair.keep.with.push_back(one.column.value);
  pair.keep.reason = "only the new shape can say it";
  return pair;
}

}  // namespace segue::plan
