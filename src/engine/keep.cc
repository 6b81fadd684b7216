#include "engine/keep.h"

#include <fmt/format.h>

#include <set>

#include "base/clock.h"
#include "engine/keep_values.h"
#include "engine/kept_text.h"
#include "engine/table_shape.h"
#include "pg/quote.h"

namespace segue::engine {
namespace {

// How many rows a batch takes: more while it is quick, because each looks for what refers to its rows.
constexpr int first_batch = 200, largest_batch = 5000;
constexpr double quick_s = 0.1, slow_s = 0.4;

struct Reference {
  std::string table;      // quoted, that refers
  std::string condition;  // c.a = t.x AND …
};

// Looks up each table once.
class Catalog {
 public:
  explicit Catalog(pg::Connection& connection) : connection_(connection) {}

  Result<std::vector<Reference>> references_to(const std::string& table) {
    const auto rows =
        TRY(connection_.query("SELECT n.nspname, r.relname, (SELECT string_agg(format('c.%I = t.%I', "
                              "a.attname, b.attname), ' AND ') FROM "
                              "unnest(c.conkey, c.confkey) k(mine, theirs) JOIN pg_attribute a ON a.attrelid = "
                              "c.conrelid AND a.attnum = k.mine JOIN "
                              "pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.theirs) FROM pg_constraint "
                              "c JOIN pg_class r ON r.oid = "
                              "c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace WHERE c.contype = 'f' AND "
                              "c.confrelid = $1::regclass AND "
                              "c.conparentid = 0 ORDER BY 1, 2",
                              {table}));
    std::vector<Reference> found;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      found.push_back({pg::quote_name(rows.text(row, 0), rows.text(row, 1)), rows.string(row, 2)});
    }
    return found;
  }

 private:
  pg::Connection& connection_;
};

class Keeper {
 public:
  Keeper(Work& work, std::string reason, bool after_switch)
      : work_(work), catalog_(work.connection), reason_(std::move(reason)), after_switch_(after_switch) {}

  // What went so far.
  const KeptByTable& kept() const { return kept_; }

  // One batch in one transaction; how many rows went, 0: none is left.
  Result<std::int64_t> batch(const plan::KeepRule& rule, const std::string& condition) {
    const Stopwatch took;
    TRY(work_.connection.begin());
    auto kept = inside(rule, condition);
    if (!kept) {
      work_.connection.rollback();
      return kept;
    }
    const auto commit = work_.connection.commit();
    if (commit.outcome != pg::CommitOutcome::committed) return tl::unexpected(commit.error);
    for (const auto& group : groups_)
      kept_[plan::display_table(work_.plan.name_before(group.table))] += std::ssize(group.places);
    if (took.seconds() < quick_s) rows_at_once_ = std::min(rows_at_once_ * 2, largest_batch);
    if (took.seconds() > slow_s) rows_at_once_ = std::max(rows_at_once_ / 2, first_batch);
    return kept;
  }

 private:
  // Rows of one table that go together.
  struct Group {
    std::string table;
    std::vector<std::string> places;
  };

  Result<std::int64_t> inside(const plan::KeepRule& rule, const std::string& condition) {
    TRY(work_.connection.execute("SET LOCAL lock_timeout = '1s'"));
    seen_.clear();
    groups_.clear();
    const auto rows = TRY(work_.connection.query(fmt::format(
        "SELECT t.ctid::text FROM {} t WHERE {} LIMIT {} FOR UPDATE OF t", rule.table, condition, rows_at_once_)));
    std::vector<std::string> places;
    for (std::size_t row = 0; row < rows.size(); ++row) places.push_back(rows.string(row, 0));
    TRY(gather(rule.table, places));
    // Others count on that row by now: it stays.
    if (rule.what == plan::KeepWhat::own_row && groups_.size() > 1) {
      groups_.clear();
      return 0;
    }
    for (const auto& group : groups_) TRY(copy_aside(group));
    return remove();
  }

  // Those that refer to these rows come first, then the rows themselves.
  Status gather(const std::string& table, const std::vector<std::string>& all) {
    std::vector<std::string> places;
    for (const auto& place : all) {
      if (seen_.insert(table + place).second) places.push_back(place);
    }
    if (places.empty()) return {};
    for (const auto& reference : TRY(catalog_.references_to(table))) {
      const auto rows = TRY(work_.connection.query(
          fmt::format("SELECT c.ctid::text FROM {} c JOIN {} t ON {} WHERE t.ctid = ANY($1::tid[]) FOR UPDATE OF c",
                      reference.table, table, reference.condition),
          {places}));
      std::vector<std::string> children;
      for (std::size_t row = 0; row < rows.size(); ++row) children.push_back(rows.string(row, 0));
      TRY(gather(reference.table, children));
    }
    groups_.push_back({table, std::move(places)});
    return {};
  }

  Status copy_aside(const Group& group) {
    const auto shape = TRY(shape_of(work_.connection, group.table));
    return work_.connection.execute(
        fmt::format("INSERT INTO segue.kept_row (run_id, migration, table_name, key, row, "
                    "reason) SELECT $1, $2, $3, {}, {}, $4 FROM "
                    "{} t WHERE t.ctid = ANY($5::tid[])",
                    kept_object(work_.plan, group.table, shape.key.empty() ? shape.columns : shape.key, after_switch_),
                    kept_object(work_.plan, group.table, shape.columns, after_switch_), group.table),
        {work_.run.id, work_.run.migration, plan::display_table(work_.plan.name_before(group.table)), reason_,
         group.places});
  }

  // All in one statement: foreign keys are looked at when it ends, so rows that refer to each other can go together.
  Result<std::int64_t> remove() {
    if (groups_.empty()) return 0;
    std::string with, counts;
    pg::Params places;
    std::size_t wanted = 0;
    for (std::size_t at = 0; at < groups_.size(); ++at) {
      with += fmt::format("{}d{} AS (DELETE FROM {} t WHERE t.ctid = ANY(${}::tid[]) RETURNING 1)", at ? ", " : "", at,
                          groups_[at].table, at + 1);
      counts += fmt::format("{}(SELECT count(*) FROM d{})", at ? " + " : "", at);
      places.emplace_back(groups_[at].places);
      wanted += groups_[at].places.size();
    }
    const auto gone = TRY(work_.connection.query(fmt::format("WITH {} SELECT {}", with, counts), places));
    if (gone.integer(0, 0) == static_cast<std::int64_t>(wanted)) return gone.integer(0, 0);
    return failure("row-stays", "a row that was to be set aside did not leave its table: a trigger holds it back",
                   "nothing was changed; disable the trigger that turns deletes into something else, then run the same "
                   "command again",
                   plan::display_table(groups_.back().table));
  }

  Work& work_;
  Catalog catalog_;
  std::string reason_;
  bool after_switch_;
  KeptByTable kept_;
  int rows_at_once_ = first_batch;
  std::set<std::string> seen_;
  std::vector<Group> groups_;
};

}  // namespace

// Somebody may have dropped it meanwhile: then there is nothing to keep. One that has another name now is still there.
Result<bool> table_is_there(Work& work, const std::string& table) {
  const auto rows = TRY(work.connection.query(
      "SELECT to_regclass($1) IS NOT NULL, (SELECT c.oid::regclass::text FROM segue.baseline b JOIN pg_class c ON "
      "c.oid::text = b.value WHERE b.run_id = $2 AND b.name = 'number of ' || $1)",
      {table, work.run.id}));
  if (rows.boolean(0, 0)) return true;
  if (rows.is_null(0, 1)) return false;
  const auto name = plan::display_table(table);
  return failure("table-renamed", fmt::format("{} is called {} now: somebody has renamed it", name, rows.text(0, 1)),
                 "give it its old name back, then run the same command again", name);
}

namespace {

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// By that name, whoever has given it.
Result<bool> exists(Work& work, const std::string& table) {
  return TRY(work.connection.query("SELECT to_regclass($1) IS NOT NULL", {table})).boolean(0, 0);
}

// What it speaks of may be elsewhere by now: columns parked under other names, tables renamed or in another schema.
Result<plan::KeepRule> as_it_stands(Work& work, plan::KeepRule rule) {
  if (rule.what != plan::KeepWhat::rows) return rule;
  const auto usual = rule.table;
  const auto move = [&](const std::string& from, const std::string& to) -> Status {
    if (TRY(exists(work, from)) || !TRY(exists(work, to))) return {};
    if (rule.table == from) rule.table = to;
    for (auto* condition : {&rule.before_switch, &rule.after_switch}) replace_all(*condition, from, to);
    return {};
  };
  for (const auto& [from, to] : work.plan.renames) TRY(move(from, to));
  bool columns_leave = false;
  for (const auto& one : work.plan.trash) {
    if (one.column.empty()) TRY(move(one.before, one.table));
    columns_leave = columns_leave || (!one.column.empty() && work.plan.name_before(one.table) == usual);
  }
  if (!columns_leave || !TRY(table_is_there(work, rule.table))) return rule;
  std::string row = "t.ctid";
  for (const auto& column : TRY(shape_of(work.connection, rule.table)).columns) {
    const auto parked = std::find_if(work.plan.trash.begin(), work.plan.trash.end(), [&](const auto& one) {
      return one.column == column && work.plan.name_before(one.table) == usual;
    });
    row += ", t." + pg::quote_name(column);
    if (parked != work.plan.trash.end()) row += " AS " + pg::quote_name(parked->before);
  }
  for (auto* condition : {&rule.before_switch, &rule.after_switch})
    *condition = fmt::format("(SELECT {} FROM (SELECT {}) AS t)", *condition, row);
  return rule;
}

// The rows that a rule is about, as a condition on `t`; nothing where the column that it speaks of is gone.
Result<std::optional<std::string>> condition_of(Work& work, const plan::KeepRule& rule, bool after_switch) {
  if (rule.what == plan::KeepWhat::values) return condition_of_values(work, rule, after_switch);
  return std::optional(TRY(work.resolve(after_switch ? rule.after_switch : rule.before_switch)));
}

}  // namespace

Result<KeepCount> count_rows(Work& work, const plan::KeepRule& written, bool after_switch) {
  const auto rule = TRY(as_it_stands(work, written));
  KeepCount count{plan::display_table(written.table), rule.reason, 0, rule.what};
  if (!TRY(table_is_there(work, rule.table))) return count;
  const auto condition = TRY(condition_of(work, rule, after_switch));
  if (!condition) return count;
  const auto rows =
      TRY(work.connection.query(fmt::format("SELECT count(*) FROM {} t WHERE {}", rule.table, *condition)));
  count.rows = rows.integer(0, 0);
  return count;
}

Result<KeptByTable> keep_rows(Work& work, const plan::KeepRule& written, bool after_switch) {
  const auto rule = TRY(as_it_stands(work, written));
  if (!TRY(table_is_there(work, rule.table))) return KeptByTable();
  const auto condition = TRY(condition_of(work, rule, after_switch));
  if (!condition) return KeptByTable();
  const bool at_once = rule.what == plan::KeepWhat::own_row;
  Keeper keeper(work, rule.reason, after_switch);
  for (int waits = 0;;) {
    const auto kept = keeper.batch(rule, *condition);
    if (!kept && kept.error().sqlstate == "55P03" && ++waits < 60 && !work.asked_to_stop()) continue;
    if (!kept) {
      Error error = kept.error();
      if (error.where.empty()) error.where = "setting aside rows of " + plan::display_table(rule.table);
      if (error.hint.empty())
        error.hint = "nothing of this batch was changed; mend the cause, then run the same command again";
      return tl::unexpected(error);
    }
    if (*kept == 0 || at_once) return keeper.kept();
  }
}

}  // namespace segue::engine
