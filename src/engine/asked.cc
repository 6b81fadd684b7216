#include "engine/asked.h"

#include <algorithm>
#include <regex>

#include "plan/tables.h"
#include "sql/facts.h"
#include "sql/parse.h"

namespace segue::engine {
namespace {

std::string plain(const sql::QualifiedName& name) {
  return (name.schema.empty() ? "public" : name.schema) + "." + name.name;
}

bool makes_object(sql::Kind kind) {
  constexpr sql::Kind kinds[] = {sql::Kind::create_table,    sql::Kind::create_table_as,
                                 sql::Kind::create_view,     sql::Kind::create_materialized_view,
                                 sql::Kind::create_index,    sql::Kind::create_sequence,
                                 sql::Kind::create_type,     sql::Kind::create_domain,
                                 sql::Kind::create_function, sql::Kind::rename};
  return std::find(std::begin(kinds), std::end(kinds), kind) != std::end(kinds);
}

bool changes_columns(const sql::Statement& statement, const sql::Facts& facts) {
  if (facts.kind == sql::Kind::rename) return statement.tree["renameType"].text() == "OBJECT_COLUMN";
  return std::any_of(facts.actions.begin(), facts.actions.end(), [](const sql::Action& action) {
    return action.subtype == "AT_AddColumn" || action.subtype == "AT_DropColumn" ||
           action.subtype == "AT_AlterColumnType";
  });
}

// What a right on the table is enough for; all other changes are its owner's.
bool needs_no_owner(sql::Kind kind) {
  constexpr sql::Kind kinds[] = {sql::Kind::truncate, sql::Kind::analyze, sql::Kind::vacuum, sql::Kind::lock};
  return std::find(std::begin(kinds), std::end(kinds), kind) != std::end(kinds);
}

class PlanReader {
 public:
  explicit PlanReader(const plan::Plan& plan) : plan_(plan) {
    asked_.scope.everything = false;
    const auto tables = plan::tables_of(plan);
    asked_.scope.tables.assign(tables.begin(), tables.end());
  }

  Asked read() {
    for (const auto& step : plan_.steps) {
      if (!step.up.backfill.table.empty()) asked_.writes.fills.push_back(plan::plain_name(step.up.backfill.table));
      // A placeholder is a value; what it is does not matter here.
      static const std::regex hole(R"(\$\{[^}]*\})");
      for (const auto& text : step.up.sql) {
        const sql::Source source(std::regex_replace(text, hole, "NULL"));
        for (const auto& statement : source.statements()) read(statement, step.phase);
      }
    }
    // Where the user's own SQL becomes somebody else, this user's rights decide nothing.
    if (other_role_) {
      for (auto* list : {&asked_.scope.changed, &asked_.scope.referenced, &asked_.scope.schemas}) list->clear();
    }
    asked_.scope.reshaped.assign(asked_.reshaped.begin(), asked_.reshaped.end());
    return std::move(asked_);
  }

 private:
  void read(const sql::Statement& statement, plan::Phase phase) {
    if (statement.error) return;
    const auto facts = sql::facts_of(statement, {plan_.server_version});
    auto& scope = asked_.scope;
    if (statement.tree.is("VariableSetStmt") && statement.tree["name"].text() == "role") other_role_ = true;
    const bool makes = makes_object(facts.kind);
    for (const auto& object : facts.objects) {
      if (object.kind == "table" && (object.role == sql::Role::alters || object.role == sql::Role::drops)) {
        if (!needs_no_owner(facts.kind)) scope.changed.push_back(plain(object.name));
        if (changes_columns(statement, facts) && phase < plan::Phase::contract)
          asked_.reshaped.insert(plain(object.name));
        if (facts.kind == sql::Kind::create_trigger) scope.synced.push_back(plain(object.name));
      }
      if (makes && object.role == sql::Role::creates) scope.schemas.push_back(object.name.schema);
    }
    sql::walk(statement.tree, [&](sql::Node node) {
      if (node["pktable"]) scope.referenced.push_back(plain(sql::name_of_relation(node["pktable"])));
      return true;
    });
    if (statement.tree.is("IndexStmt")) read_index(statement.tree);
  }

  void read_index(sql::Node index) {
    pg::NewIndex made{plain(sql::name_of_relation(index["relation"])), {}};
    for (const auto element : index["indexParams"]) made.columns.push_back(element["name"].string());
    asked_.scope.changed.push_back(made.table);
    asked_.scope.schemas.push_back(index["relation"]["schemaname"].string());
    asked_.writes.indexes.push_back(std::move(made));
  }

  const plan::Plan& plan_;
  Asked asked_;
  bool other_role_ = false;
};

}  // namespace

Asked asked_by(const plan::Plan& plan) {
  return PlanReader(plan).read();
}

}  // namespace segue::engine
