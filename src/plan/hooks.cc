#include "plan/hooks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "hooks/redis.h"
#include "hooks/url.h"
#include "pg/quote.h"
#include "plan/actions.h"

namespace segue::plan {
namespace {

using migration::Boundary;
using migration::Hook;

std::vector<std::string> plain(const std::vector<migration::Text>& texts) {
  return {texts.begin(), texts.end()};
}

std::vector<std::pair<std::string, std::string>> plain(const std::vector<migration::NamedText>& pairs) {
  std::vector<std::pair<std::string, std::string>> list;
  for (const auto& one : pairs) list.emplace_back(one.name.value, one.value.value);
  return list;
}

PlannedHook outside(const Hook& hook) {
  PlannedHook made;
  if (const auto* http = std::get_if<migration::HttpHook>(&hook.what)) {
    made.url = http->url;
    made.method = http->method;
    made.body = http->body;
    made.headers = plain(http->headers);
    made.title = made.method + " " + hooks::shown_url(made.url);
  }
  if (const auto* command = std::get_if<migration::CommandHook>(&hook.what)) {
    made.words = plain(command->arguments);
    made.title = "command " + made.words.front();  // its arguments may be secrets
  }
  if (const auto* redis = std::get_if<migration::RedisHook>(&hook.what)) {
    made.url = redis->url;
    made.words = plain(redis->keys);
    made.title = fmt::format("forget {} in {}", join(made.words, ", "), hooks::shown_url(made.url));
  }
  if (const auto* env = std::get_if<migration::EnvHook>(&hook.what)) {
    made.file = env->file;
    made.renames = plain(env->rename);
    made.title = "variables of " + made.file;
    for (const auto& [from, to] : made.renames) made.title += fmt::format(", {}… also as {}…", from, to);
  }
  return made;
}

class HookCompiler {
 public:
  HookCompiler(Draft& draft, const Hook& hook) : draft_(draft), hook_(hook) {}

  Status compile() {
    if (const auto* map = std::get_if<migration::MapHook>(&hook_.what)) return compile_map(*map);
    auto made = outside(hook_);
    if (const auto* reindex = std::get_if<migration::ReindexHook>(&hook_.what)) {
      made.words = plain(reindex->names);
      made.title = "rebuild " + join(made.words, ", ");
    }
    if (const auto* refresh = std::get_if<migration::RefreshHook>(&hook_.what)) {
      made.words = plain(refresh->views);
      made.title = "refresh " + join(made.words, ", ");
      TRY(nobody_waits(*refresh));
    }
    if (const auto* redis = std::get_if<migration::RedisHook>(&hook_.what)) {
      for (const auto& key : redis->keys) {
        const auto fits = hooks::check_key_pattern(key);
        if (!fits) draft_.hazard(fits.error().code, fits.error().message, key.at, fits.error().hint);
      }
    }
    made.kind = migration::kind_of(hook_);
    made.boundary = to_text(hook_.when);
    made.stops = hook_.stops;
    made.where = to_text(hook_.at);
    draft_.plan.hooks.push_back(made);
    return {};
  }

 private:
  // A refresh that is not CONCURRENTLY keeps every reader waiting; that one needs a unique index over plain columns.
  Status nobody_waits(const migration::RefreshHook& refresh) {
    for (const auto& view : refresh.views) {
      const auto rows = TRY(draft_.connection.query(
          "SELECT c.relkind = 'm', NOT c.relispopulated OR EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND "
          "i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL) FROM pg_class c WHERE c.oid = "
          "to_regclass($1)",
          {view.value}));
      if (rows.empty()) continue;  // a move of this migration makes it, or it is named then
      if (!rows.boolean(0, 0)) {
        draft_.hazard("no-materialized-view", fmt::format("{} is no materialized view", view.value), view.at,
                      "`refresh` names materialized views");
      } else if (!rows.boolean(0, 1)) {
        draft_.hazard("refresh-blocks-readers",
                      fmt::format("{} has no unique index: to refresh it would keep its readers waiting", view.value),
                      view.at, "CREATE UNIQUE INDEX CONCURRENTLY on columns that tell its rows apart");
      }
    }
    return {};
  }

  // Values of one column: a backfill like any, whose way back is its inverse.
  Status compile_map(const migration::MapHook& map) {
    const auto table = TRY(draft_.table(map.table));
    if (!table || table->column(map.column) == nullptr) {
      draft_.hazard("no-such-column", fmt::format("there is no {}.{}", map.table.value, map.column.value),
                    map.column.at, "name table and column as the database does");
      return {};
    }
    if (map.from.is_null || map.to.is_null) {
      draft_.hazard("map-of-null", "`map` goes from one value to another, and NULL is none", map.column.at,
                    "write a `backfill:` for it");
      return {};
    }
    if (!draft_.plain(*table, map.table.at)) return {};
    TRY(draft_.note_triggers(*table, map.table.at));
    const auto column = pg::quote_name(map.column);
    const auto from = pg::quote_literal(map.from.text.value), to = pg::quote_literal(map.to.text.value);
    if (table->in_catalog) TRY(told_apart(*table, column, to, map));
    const auto change = [&](const std::string& old_value, const std::string& new_value) {
      BackfillJob job;
      job.table = table->quoted();
      job.columns = {column};
      job.values = {new_value};
      job.pending = column + " = " + old_value;
      job.batch = draft_.file.limits.batch.value;
      job.one_pass = true;  // the old application may go on writing its value
      job.skip_triggers = true;
      return fill(std::move(job));
    };
    auto step = named_step("map " + table->display(), "backfill",
                           fmt::format("{}.{}: {} becomes {}", table->display(), map.column.value, map.from.text.value,
                                       map.to.text.value));
    step.up = change(from, to);
    step.down = {change(to, from)};
    step.rows = table->rows;
    step.seconds = static_cast<double>(table->rows) / 200000;
    step.reason = "a hook of the file; on the way back the values are what the old application knows";
    const bool after = hook_.when.side == Boundary::Side::after;
    draft_.add(hook_.when.phase, after ? Place::last : Place::first, step);
    return {};
  }

  // A row that holds the new value already would get the old one on the way back.
  Status told_apart(const Table& table, const std::string& column, const std::string& to,
                    const migration::MapHook& map) {
    TRY(draft_.connection.execute("SAVEPOINT segue_map"));
    const auto there =
        draft_.connection.query(fmt::format("SELECT FROM {} WHERE {} = {} LIMIT 1", table.quoted(), column, to));
    if (!there && draft_.connection.lost()) return tl::unexpected(there.error());
    TRY(draft_.connection.execute("ROLLBACK TO SAVEPOINT segue_map"));
    if (!there) {
      draft_.hazard("value-does-not-fit",
                    fmt::format("{}.{} cannot hold {}: {}", table.display(), map.column.value, map.to.text.value,
                                there.error().message),
                    map.to.text.at, "give a value of the column's type");
    } else if (!there->empty()) {
      draft_.hazard("value-is-there",
                    fmt::format("{}.{} holds {} already: on the way back these rows could not be told from the mapped",
                                table.display(), map.column.value, map.to.text.value),
                    map.to.text.at, "write it as a `sql:` move with an `undo:` of its own");
    }
    return {};
  }

  Draft& draft_;
  const Hook& hook_;
};

}  // namespace

Status compile_hooks(Draft& draft) {
  for (const auto& hook : draft.file.hooks) TRY(HookCompiler(draft, hook).compile());
  return {};
}

}  // namespace segue::plan
