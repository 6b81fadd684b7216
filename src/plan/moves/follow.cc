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
  Follower(Draft& draft, const BackfillMove& move, const Table& target, const std::vector<Source>& sources,
           std::vector<Followed> values, BackfillJob& fill, std::string title)
      : draft_(draft),
        move_(move),
        target_(target),
        sources_(sources),
        fill_(fill),
        title_(std::move(title)),
        text_(target, std::move(values), sources) {}

  Status add() {
    if (!TRY(owner_can_read())) return {};
    fill_.pending = text_.wrong();
    for (std::size_t at = 0; at < fill_.values.size(); ++at) fill_.values[at] = text_.value_of(at);
    add_functions();
    for (std::size_t at = 0; at < sources_.size(); ++at) TRY(add_source(at));
    const auto trigger = text_.on_target(draft_.next_trigger());
    add_triggers(draft_, target_, fmt::format("{} on {}", trigger.name, target_.display()),
                 {{trigger}, {trigger}, {fill_}, {}});
    draft_.plan.settles.push_back(text_.settle() + "(integer)");
    return {};
  }

 private:
  // The functions run with the rights of the target's owner.
  Result<bool> owner_can_read() {
    for (const auto& source : sources_) {
      if (!source.table.in_catalog || !target_.in_catalog) continue;
      const auto rows = TRY(draft_.connection.query(
          "SELECT has_table_privilege(o.rolname, s.oid, 'SELECT') AND (o.rolbypassrls OR o.rolsuper OR NOT "
          "s.relrowsecurity OR (s.relowner = o.oid AND NOT s.relforcerowsecurity)), (SELECT rolsuper FROM pg_roles "
          "WHERE "
          "rolname = current_user) OR o.rolname = current_user OR has_schema_privilege(o.rolname, t.relnamespace, "
          "'CREATE') FROM pg_class s, pg_class t JOIN pg_roles o ON o.oid = t.relowner WHERE s.oid = to_regclass($1) "
          "AND "
          "t.oid = to_regclass($2)",
          {source.table.quoted(), target_.quoted()}));
      if (!rows.boolean(0, 0)) {
        draft_.hazard(
            "owner-cannot-read",
            fmt::format("{} belongs to {}, who cannot read all rows of {}: what follows it runs with his rights",
                        target_.display(), target_.owner, source.table.display()),
            move_.from.at,
            fmt::format("GRANT SELECT ON {} TO {}, or let both belong to one role", source.table.display(),
                        target_.owner));
        return false;
      }
      if (!rows.boolean(0, 1)) {
        draft_.hazard(
            "owner-cannot-create",
            fmt::format("{} belongs to {}, who may create no functions in schema {}", target_.display(), target_.owner,
                        target_.schema),
            move_.table.at,
            fmt::format("GRANT CREATE ON SCHEMA {} TO {}, or run as a superuser", target_.schema, target_.owner));
        return false;
      }
    }
    return true;
  }

  void add_functions() {
    auto made = backfill_step(target_, "sync functions", title_);
    made.up = transaction(text_.functions());
    made.down = {transaction(text_.drop_functions())};
    made.reason = "with the rights of the table's owner; what the file says is bound when they are made";
    draft_.add(Phase::expand, Place::triggers, made);
    auto leave = backfill_step(target_, "drop sync functions", title_);
    leave.up = made.down.front();
    leave.down = {made.up};
    leave.reason = "the new application writes the column itself";
    draft_.add(Phase::contract, Place::kept, leave);
  }

  Status add_source(std::size_t at) {
    const auto& source = sources_[at];
    const auto table = source.table.quoted();
    const auto sync = pg::quote_literal(text_.settle());
    const auto forget = fmt::format("DELETE FROM segue.resync WHERE sync = {}", sync);
    auto made = backfill_step(target_, "source triggers", fmt::format("{} follow {}", title_, source.table.display()));
    made.up = transaction(text_.on_source(at), {{table, "SHARE ROW EXCLUSIVE"}});
    auto undo = text_.drop_on_source(at);
    undo.push_back(forget);
    made.down = {transaction(undo, {{table, "ACCESS EXCLUSIVE"}})};
    made.reason = fmt::format("a change of {} comes to the rows that have its values", source.table.display());
    draft_.add(Phase::expand, Place::triggers, made);
    auto leave = backfill_step(target_, "drop source triggers", made.title);
    leave.up = transaction(text_.drop_on_source(at), {{table, "ACCESS EXCLUSIVE"}});
    // What is still noted is brought over first, and waited for like a lock.
    leave.up.sql.insert(leave.up.sql.begin(), settled_or_wait(text_.settle(), made.title));
    leave.down = {made.up};
    leave.reason = "the new application writes the column itself";
    draft_.add(Phase::contract, Place::first, leave);
    return can_be_found(at);
  }

  // With everything but indexes made dear: a change of the source must not read the whole table.
  Status can_be_found(std::size_t at) {
    const auto& source = sources_[at];
    if (target_.rows < many_rows || !target_.in_catalog || !source.table.in_catalog) return {};
    auto& connection = draft_.connection;
    TRY(connection.execute("SAVEPOINT segue_look"));
    for (const char* way : {"seqscan", "hashjoin", "mergejoin"})
      TRY(connection.execute(fmt::format("SET LOCAL enable_{} = off", way)));
    std::vector<std::string> values;
    for (const auto& one : source.finds) {
      values.push_back(fmt::format("(current_setting('segue.none', true))::{}", source.table.column(one)->type));
    }
    const auto plan = connection.value("EXPLAIN (FORMAT JSON) " + text_.reach_query(at, values));
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
  BackfillJob& fill_;
  const std::string title_;
  const FollowText text_;
};

// How a type is called: in full, and without a length or precision.
struct TypeNames {
  std::string full, bare;
  bool cuts = false;  // a cast to it would cut a value that is too long
};

Result<TypeNames> names_of(Draft& draft, const Table& target, const migration::Text& column) {
  const auto* known = draft.added(target, column.value);
  const auto* there = target.column(column.value);
  TypeNames names;
  names.full = known != nullptr ? known->type : there != nullptr ? there->type : std::string();
  if (names.full.empty()) return names;
  TRY(draft.connection.execute("SAVEPOINT segue_type"));
  const auto rows = draft.connection.query(
      "SELECT quote_ident(n.nspname) || '.' || quote_ident(t.typname), t.typname ~ '^_?(varchar|bpchar|bit|varbit)$' "
      "FROM "
      "pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = to_regtype($1)",
      {names.full});
  if (!rows && draft.connection.lost()) return tl::unexpected(rows.error());
  TRY(draft.connection.execute("ROLLBACK TO SAVEPOINT segue_type"));
  names.bare = rows && !rows->empty() ? rows->string(0, 0) : names.full;
  names.cuts = rows && !rows->empty() && rows->boolean(0, 1);
  return names;
}

}  // namespace

Result<BackfillMove> as_questions(Draft& draft, const BackfillMove& move, const Table& target) {
  std::string values, order;
  for (std::size_t at = 0; at < move.set.size(); ++at) {
    const auto type = TRY(names_of(draft, target, move.set[at].column));
    const auto& cast = type.cuts ? type.bare : type.full;
    values += fmt::format("{}({}){} AS segue_{}", at ? ", " : "", move.set[at].expression.value,
                          cast.empty() ? "" : "::" + cast, at);
    order += fmt::format("{}segue_{}", at ? ", " : "", at);
  }
  auto asked = move;
  asked.from = {};
  asked.join = {};
  asked.where = {};
  for (std::size_t at = 0; at < move.set.size(); ++at) {
    asked.set[at].expression.value =
        fmt::format("(SELECT segue_{} FROM (SELECT {} FROM {}{}) AS segue_found ORDER BY {} LIMIT 1)", at, values,
                    from_of(move), move.where.empty() ? "" : " WHERE " + move.where.value, order);
  }
  return asked;
}

Status follow_sources(Draft& draft, const BackfillMove& move, const BackfillMove& asked, const Table& target,
                      const std::vector<Source>& sources, BackfillJob& fill, const std::string& title) {
  std::vector<Followed> values;
  for (const auto& one : asked.set) {
    const auto type = TRY(names_of(draft, target, one.column));
    if (type.full.empty()) {
      draft.hazard("no-such-column", fmt::format("{} has no column {}", target.display(), one.column.value),
                   one.column.at, "let a `sql:` move before this one add it");
      return {};
    }
    values.push_back({one.column.value, type.bare, one.expression.value});
  }
  return Follower(draft, move, target, sources, std::move(values), fill, title).add();
}

}  // namespace segue::plan
