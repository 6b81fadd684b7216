#include "plan/moves/old_names.h"

#include "pg/quote.h"
#include "plan/tables.h"

namespace segue::plan {
namespace {

Result<std::string> quoted(Draft& draft, const sql::QualifiedName& name) {
  const auto table = TRY(draft.table(as_written(name)));
  // A view, say.
  if (!table) return pg::quote_name(name.schema.empty() ? "public" : name.schema, name.name);
  return table->quoted();
}

bool is_relation(const std::string& kind) {
  return kind == "table" || kind == "view" || kind == "materialized view";
}

}  // namespace

Status note_old_names(Draft& draft, const sql::Statement& statement, const sql::Facts& facts) {
  for (const auto& object : facts.objects) {
    if (object.role != sql::Role::drops || !is_relation(object.kind)) continue;
    draft.plan.old_shape.push_back({OldName::Use::table, TRY(quoted(draft, object.name)), {}, {}});
  }
  const auto* altered = facts.first(sql::Role::alters);
  if (altered == nullptr || !is_relation(altered->kind)) return {};
  for (const auto& action : facts.actions) {
    if (action.subtype != "AT_DropColumn") continue;
    draft.plan.old_shape.push_back(
        {OldName::Use::column, TRY(quoted(draft, altered->name)), {action.command["name"].string()}, {}});
  }
  if (facts.kind != sql::Kind::rename) return {};
  const auto what = statement.tree["renameType"].text();
  if (what == "OBJECT_COLUMN") {
    draft.plan.old_shape.push_back(
        {OldName::Use::column, TRY(quoted(draft, altered->name)), {statement.tree["subname"].string()}, {}});
  } else if (what == "OBJECT_TABLE" || what == "OBJECT_VIEW" || what == "OBJECT_MATVIEW") {
    draft.plan.old_shape.push_back({OldName::Use::table, TRY(quoted(draft, altered->name)), {}, {}});
  }
  return {};
}

}  // namespace segue::plan
