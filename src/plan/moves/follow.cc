#include "plan/moves/follow.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "pg/quote.h"
#include "plan/actions.h"
#include "plan/moves/follow_text.h"
#include "plan/moves/sync.h"
#include "plan/moves/sync_steps.h"

namespace segue::plan {
namespace {

using migration::BackfillMove;

constexpr std::int64_t many_rows = 10000;  // to be read whole for each change of a source

class Follower {
 public:
  Follower(Draft& draft, const BackfillMove& move, const BackfillMove& asked, const Table& target,
           const std::vector<Source>& sources, std::string title)
      : draft_(draft),
        move_(move),
        target_(target),
        sources_(sources),
        title_(std::move(title)),
        meant_(target.quoted() + "." + move.set.front().column.value),
        text_(move, asked, target, sources,
              own_name(target, "segue_settle_" + target.name + "_" + move.set.front().column.value, meant_)) {}

  Status add() {
    TRY(note_open_schema());
    add_settle();
    for (std::size_t at = 0; at < sources_.size(); ++at) TRY(add_source(at));
    return {};
  }

 private:
  // The functions find what they name by the path of this session.
  Status note_open_schema() {
    const auto open = TRY(
        draft_.connection.query("SELECT string_agg(quote_ident(s), ', ') FROM unnest(current_schemas(false)) s WHERE "
                                "has_schema_privilege('public', s, 'CREATE')"));
    if (open.is_null(0, 0)) return {};
    draft_.note("open-schema",
                fmt::format("anybody may create functions in {}, and the triggers of {} find theirs there and run with "
                            "the rights of this user",
                            open.text(0, 0), target_.display()),
                move_.table.at, fmt::format("REVOKE CREATE ON SCHEMA {} FROM PUBLIC", open.text(0, 0)));
    return {};
  }

  void add_settle() {
    auto made = backfill_step(target_, "sync function", title_);
    made.up = transaction(
        {text_.settle_function(), fmt::format("REVOKE ALL ON FUNCTION {}(integer) FROM PUBLIC", text_.settle())});
    const std::vector<std::string> gone = {fmt::format("DROP FUNCTION {}(integer)", text_.settle())};
    made.down = {transaction(gone)};
    made.reason = "looks again at rows whose source changed in the moment in which they were written";
    draft_.add(Phase::expand, Place::triggers, made);
    auto leave = backfill_step(target_, "drop sync function", title_);
    leave.up = made.down.front();
    leave.down = {made.up};
    leave.reason = "the new application writes the column itself";
    draft_.add(Phase::contract, Place::kept, leave);
    draft_.plan.settles.push_back(text_.settle() + "(integer)");
  }

  Status add_source(std::size_t at) {
    const auto& source = sources_[at];
    const auto meant = fmt::format("{} from {} {}", meant_, source.table.quoted(), at);
    const auto function = own_name(source.table, "segue_from_" + source.table.name + "_" + target_.name, meant);
    const auto table = source.table.quoted();
    std::vector<std::string> triggers, drop,
        sql = {text_.source_function(at, function), fmt::format("REVOKE ALL ON FUNCTION {}() FROM PUBLIC", function)};
    const auto trigger = [&](const std::string& mark, const std::string& event, const std::string& how) {
      const auto name = pg::quote_name(own_mark(fmt::format("~segue_from_{}{}_{}", mark, at, target_.name), meant));
      sql.push_back(fmt::format("CREATE TRIGGER {} AFTER {} ON {} FOR EACH {} EXECUTE FUNCTION {}()", name, event,
                                table, how, function));
      // For the engine's own rows and for what a subscription applies as well.
      sql.push_back(fmt::format("ALTER TABLE {} ENABLE ALWAYS TRIGGER {}", table, name));
      drop.push_back(fmt::format("DROP TRIGGER {} ON {}", name, table));
    };
    trigger("i", "INSERT OR DELETE", "ROW");
    if (!source.columns.empty())
      trigger("u", "UPDATE", fmt::format("ROW WHEN ({})", FollowText::changed(source, source.columns)));
    trigger("t", "TRUNCATE", "STATEMENT");
    drop.push_back(fmt::format("DROP FUNCTION {}()", function));
    const auto forget = fmt::format("DELETE FROM segue.resync WHERE sync = {}", pg::quote_literal(text_.settle()));
    auto made = backfill_step(target_, "source triggers", fmt::format("{} follow {}", title_, source.table.display()));
    made.up = transaction(sql, {{table, "SHARE ROW EXCLUSIVE"}});
    auto undo = drop;
    undo.push_back(forget);
    made.down = {transaction(undo, {{table, "ACCESS EXCLUSIVE"}})};
    made.reason = fmt::format("a change of {} comes to the rows that have its values", source.table.display());
    draft_.add(Phase::expand, Place::triggers, made);
    auto leave = backfill_step(target_, "drop source triggers", made.title);
    leave.up = made.down.front();
    leave.up.sql.insert(leave.up.sql.begin(), fmt::format("SELECT {}(1000)", text_.settle()));
    leave.down = {made.up};
    leave.reason = "the new application writes the column itself";
    draft_.add(Phase::contract, Place::first, leave);
    return can_be_found(source);
  }

  // With everything but indexes made dear: a change of the source must not read the whole table.
  Status can_be_found(const Source& source) {
    if (target_.rows < many_rows || !target_.in_catalog || !source.table.in_catalog) return {};
    auto& connection = draft_.connection;
    TRY(connection.execute("SAVEPOINT segue_look"));
    for (const char* way : {"seqscan", "hashjoin", "mergejoin"})
      TRY(connection.execute(fmt::format("SET LOCAL enable_{} = off", way)));
    const auto image = fmt::format("(SELECT segue_row.* FROM jsonb_populate_record(NULL::{}, '{{}}') AS segue_row)",
                                   source.table.quoted());
    const auto rows = text_.reached(source, image, "true");  // the new columns are not there yet
    const auto plan = connection.value("EXPLAIN (FORMAT JSON) " + rows);
    if (!plan && connection.lost()) return tl::unexpected(plan.error());
    TRY(connection.execute("ROLLBACK TO SAVEPOINT segue_look"));
    if (!plan || !reads_whole(Json::parse(*plan, nullptr, false))) return {};
    draft_.hazard(
        "no-index-for-sync",
        fmt::format("no index of {} finds the rows that a change of {} reaches: each change would read all {} "
                    "rows",
                    target_.display(), source.table.display(), with_commas(target_.rows)),
        move_.table.at,
        "CREATE INDEX CONCURRENTLY on the column that `where` joins by, in a migration before this one");
    return {};
  }

  bool reads_whole(const Json& plan) const {
    if (plan.is_object() && plan.value("Node Type", "") == "Seq Scan" &&
        plan.value("Relation Name", "") == target_.name && plan.value("Alias", "") == target_.name) {
      return true;
    }
    if (!plan.is_structured()) return false;
    for (const auto& part : plan) {
      if (reads_whole(part)) return true;
    }
    return false;
  }

  Draft& draft_;
  const BackfillMove& move_;
  const Table& target_;
  const std::vector<Source>& sources_;
  const std::string title_, meant_;
  const FollowText text_;
};

}  // namespace

BackfillMove as_questions(Draft& draft, const BackfillMove& move, const Table& target) {
  std::string values, order;
  for (std::size_t at = 0; at < move.set.size(); ++at) {
    const auto* known = draft.added(target, move.set[at].column.value);
    values += fmt::format("{}({}){} AS segue_{}", at ? ", " : "", move.set[at].expression.value,
                          known == nullptr ? "" : "::" + known->type, at);
    order += fmt::format("{}segue_{}", at ? ", " : "", at);
  }
  auto asked = move;
  asked.from = {};
  asked.join = {};
  asked.where = {};
  for (std::size_t at = 0; at < move.set.size(); ++at) {
    asked.set[at].expression.value =
        fmt::format("SELECT segue_{} FROM (SELECT {} FROM {}{}) AS segue_found ORDER BY {} LIMIT 1", at, values,
                    from_of(move), move.where.empty() ? "" : " WHERE " + move.where.value, order);
    asked.set[at].expression.value = "(" + asked.set[at].expression.value + ")";
  }
  return asked;
}

Status follow_sources(Draft& draft, const BackfillMove& move, const BackfillMove& asked, const Table& target,
                      const std::vector<Source>& sources, const std::string& title) {
  return Follower(draft, move, asked, target, sources, title).add();
}

}  // namespace segue::plan
