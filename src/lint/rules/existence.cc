// Objects that exist already, or do not: read from the files before and, with a database, from its catalog.
#include <fmt/format.h>

#include <algorithm>

#include "lint/rules/help.h"

namespace segue::lint {
namespace {

std::string described(const Column& column) {
  std::string text = column.type;
  if (column.not_null) text += " NOT NULL";
  if (!column.default_text.empty()) text += " DEFAULT " + column.default_text;
  return text;
}

const Constraint* reference_of(const Table& table, const std::string& column) {
  for (const Constraint& each : table.constraints) {
    if (each.type == ConstraintType::foreign && each.columns == std::vector<std::string>{column}) return &each;
  }
  return nullptr;
}

// ADD COLUMN over one that is there: skipped with another meaning, or refused.
void column_exists(Visit& visit) {
  if (!visit.up()) return;
  const Table* table = visit.table(visit.tree["relation"]);
  if (table == nullptr) return;
  each_action(visit, "AT_AddColumn", [&](const Action& action) {
    const Node wanted = action.command["def"];
    const Column* there = table->column(wanted["colname"].text());
    if (there == nullptr || there->type.empty()) return;
    const Constraint* refers = reference_of(*table, there->name);
    Node key = constraint_in(wanted, "CONSTR_FOREIGN");
    std::string wanted_to = key ? Schema::key(sql::name_of_relation(key["pktable"])) : "";
    for (const Action& other : visit.facts.actions) {
      const Node definition = other.command["def"];
      if (other.subtype == "AT_AddConstraint" && definition["contype"].text() == "CONSTR_FOREIGN" &&
          sql::names_of(definition["fk_attrs"]) == std::vector<std::string>{there->name}) {
        wanted_to = Schema::key(sql::name_of_relation(definition["pktable"]));
      }
    }
    const std::string wanted_type = sql::type_text(wanted["typeName"]);
    const bool other_type = wanted_type != there->type;
    const bool other_target = refers != nullptr && !wanted_to.empty() && Schema::key(refers->to) != wanted_to;
    const Node value = constraint_in(wanted, "CONSTR_DEFAULT");
    const bool other_default = static_cast<bool>(value) && there->default_text.empty();
    const bool other_meaning = other_type || other_target || other_default;
    // In a DO block a condition or an EXCEPTION around it does what IF NOT EXISTS does.
    const bool skipped = action.command["missing_ok"].truth() || visit.in_code;
    if (skipped && !other_meaning) return;
    std::string message =
        fmt::format("{}.{} exists already ({}{})", Schema::key(table->name), there->name, described(*there),
                    refers != nullptr ? ", refers to " + Schema::key(refers->to) : std::string());
    if (skipped) {
      message += fmt::format(": {} the statement, and the column keeps {}",
                             visit.in_code ? "the block skips" : "IF NOT EXISTS skips",
                             other_target ? "its other meaning"
                             : other_type ? "its other type"
                                          : "no default");
    } else {
      message += other_target ? ", with another meaning: the statement fails, and whoever makes it skip turns the old "
                                "values into wrong ones"
                              : ": the statement fails";
    }
    Finding& finding = visit.report(action, std::move(message));
    finding.refs = other_target || other_meaning ? std::vector<std::string>{other_type ? "A3" : "A2", "A2", "D13"}
                                                 : std::vector<std::string>{"C8"};
    if (finding.refs.size() > 1 && finding.refs[0] == finding.refs[1]) finding.refs.erase(finding.refs.begin());
    if (!skipped && finding.refs.back() != "C8") finding.refs.emplace_back("C8");
    finding.safe_form =
        "-- another name for the new column; or move the old one aside under a name that says what it is (`displace`)";
  });
}

void relation_exists(Visit& visit) {
  if (!visit.up() || visit.in_code) return;
  const Node relation = visit.tree["relation"] ? visit.tree["relation"]
                        : visit.tree["view"]   ? visit.tree["view"]
                                               : visit.tree["into"]["rel"];
  if (relation["relpersistence"].text() == "t") return;
  const QualifiedName name = sql::name_of_relation(relation);
  const Table* there = visit.schema.find(name);
  if (there == nullptr ||
      (!there->complete && there->made_in == from_before && !visit.schema.from_database && there->kind == 'r'))
    return;
  if (visit.tree.is("ViewStmt") && visit.tree["replace"].truth() && there->kind == 'v') return;
  if (!visit.tree["if_not_exists"].truth()) {
    visit.report(visit.name_range(relation.location()),
                 fmt::format("{} exists already: the statement fails", shown(name)));
    return;
  }
  if (!there->complete && !visit.schema.from_database) return;
  for (const Node element : visit.tree["tableElts"]) {
    if (!element.is("ColumnDef")) continue;
    const Column* column = there->column(element["colname"].text());
    const std::string wanted = sql::type_text(element["typeName"]);
    if (column != nullptr && column->type == wanted) continue;
    visit
        .report(
            visit.name_range(relation.location()),
            column == nullptr
                ? fmt::format("{} exists without {}: IF NOT EXISTS skips the statement, and the column is never made",
                              shown(name), shown(element["colname"].text()))
                : fmt::format("{} exists with {} as {} instead of {}: IF NOT EXISTS skips the statement", shown(name),
                              shown(column->name), column->type, wanted))
        .refs = {"A2", "C8"};
    return;
  }
}

void type_exists(Visit& visit) {
  if (!visit.up()) return;
  const QualifiedName name =
      sql::name_of_list(visit.tree.is("CreateDomainStmt") ? visit.tree["domainname"] : visit.tree["typeName"]);
  const Type* there = visit.schema.type(name);
  if (there == nullptr) return;
  const auto labels = sql::names_of(visit.tree["vals"]);
  const bool other = there->kind == 'e' && labels != there->labels;
  if (visit.in_code && !other) return;
  visit.report(
      fmt::format("the type {} exists already{}: {}", shown(name),
                  other ? fmt::format(" with other labels ({})", shown_list(there->labels)) : std::string(),
                  visit.in_code ? "the block skips the statement, and the labels stay" : "the statement fails"));
}

void index_exists(Visit& visit) {
  if (!visit.up() || visit.in_code || visit.tree["idxname"].text().empty()) return;
  const std::string name = visit.tree["idxname"].string();
  const QualifiedName index{visit.tree["relation"]["schemaname"].string(), name};
  const Table* owner = visit.schema.table_with_index(index);
  const Index* there = owner == nullptr ? nullptr : owner->index(name);
  if (there == nullptr) return;
  if (!visit.tree["if_not_exists"].truth()) {
    visit.report(
        fmt::format("the index {} exists already on {}: the statement fails", shown(name), shown(owner->name)));
    return;
  }
  const Index wanted = index_of(visit.tree, visit.file.source.text());
  if (!there->valid) {
    visit.report(fmt::format("{} exists but is INVALID: IF NOT EXISTS skips it, and no query can use it", shown(name)))
        .refs = {"F67"};
  } else if (there->columns != wanted.columns || there->unique != wanted.unique ||
             owner != visit.table(visit.tree["relation"])) {
    visit
        .report(fmt::format("{} exists over other columns ({}): IF NOT EXISTS skips the statement", shown(name),
                            shown_list(there->columns)))
        .refs = {"A2", "C8", "F67"};
  }
}

// Two constraints that want one name: the first form named, the second by rule.
void constraint_exists(Visit& visit) {
  if (!visit.up()) return;
  const Table* table = visit.table(visit.tree["relation"]);
  std::vector<Constraint> here;
  const auto look = [&](Node node, const std::string& column, const sql::Range& range) {
    const std::string_view type = node["contype"].text();
    if (type != "CONSTR_FOREIGN" && type != "CONSTR_CHECK" && type != "CONSTR_UNIQUE" && type != "CONSTR_PRIMARY")
      return;
    const Constraint wanted = constraint_of(node, target(visit), column);
    const Constraint* there = table != nullptr ? table->constraint(wanted.name) : nullptr;
    for (const Constraint& each : here) {
      if (each.name == wanted.name) there = &each;
    }
    // A name by rule gets a number when it is taken; what the user wrote does not.
    const bool named = !node["conname"].text().empty();
    if (there != nullptr && named && visit.in_code) return;  // a condition around it asks first
    if (there != nullptr && named) {
      visit
          .report(range, fmt::format("the constraint {} exists already on {}: the statement fails{}",
                                     shown(wanted.name), shown(target(visit)),
                                     there->type == ConstraintType::foreign && wanted.columns == there->columns
                                         ? "; the first form made the same foreign key under this name"
                                         : ""))
          .safe_form = "-- once: here or where the column is added";
      here.push_back(wanted);
      return;
    }
    const auto same_key = [&](const Constraint& each) {
      return wanted.type == ConstraintType::foreign && each.type == ConstraintType::foreign &&
             each.columns == wanted.columns && Schema::key(each.to) == Schema::key(wanted.to);
    };
    const bool twice =
        (table != nullptr && std::any_of(table->constraints.begin(), table->constraints.end(), same_key)) ||
        std::any_of(here.begin(), here.end(), same_key);
    if (twice) {
      visit.report(
          range,
          fmt::format("{} refers to {} by a foreign key already; a second one costs every write and checks nothing",
                      shown_list(wanted.columns), shown(wanted.to)));
    }
    here.push_back(wanted);
  };
  for (const Node element : visit.tree["tableElts"]) {
    for (const Node constraint : element["constraints"])
      look(constraint, element["colname"].string(), visit.name_range(constraint.location()));
    if (element.is("Constraint")) look(element, {}, visit.name_range(element.location()));
  }
  for (const Action& action : visit.facts.actions) {
    const Node definition = action.command["def"];
    if (action.subtype == "AT_AddConstraint" && !definition["indexname"])
      look(definition, {}, visit.command_range(action));
    if (action.subtype != "AT_AddColumn") continue;
    if (table != nullptr && table->column(definition["colname"].text()) != nullptr) continue;
    for (const Node constraint : definition["constraints"])
      look(constraint, definition["colname"].string(), visit.command_range(action));
  }
}

void hangs_on_exists(Visit& visit) {
  if (!visit.up() || visit.in_code || visit.tree["replace"].truth()) return;
  const bool policy = visit.tree.is("CreatePolicyStmt");
  const Table* table = visit.table(policy ? visit.tree["table"] : visit.tree["relation"]);
  if (table == nullptr) return;
  const std::string name = policy ? visit.tree["policy_name"].string() : visit.tree["trigname"].string();
  const bool there = policy ? std::any_of(table->policies.begin(), table->policies.end(),
                                          [&](const Policy& each) { return each.name == name; })
                            : std::any_of(table->triggers.begin(), table->triggers.end(),
                                          [&](const Trigger& each) { return each.name == name; });
  if (there)
    visit.report(fmt::format("the {} {} exists already on {}: the statement fails", policy ? "policy" : "trigger",
                             shown(name), shown(table->name)));
}

// IF NOT EXISTS says "done" where an INVALID index or another object stands, and takes its lock all the same.
void if_not_exists(Visit& visit) {
  if (!visit.tree["if_not_exists"].truth() || !visit.tree["concurrent"].truth() || !is_live_target(visit)) return;
  visit
      .report(
          "after a failed CREATE INDEX CONCURRENTLY an INVALID index is left, and IF NOT EXISTS takes it for the real "
          "one")
      .safe_form = fmt::format("DROP INDEX CONCURRENTLY IF EXISTS {};  -- if pg_index.indisvalid is false",
                               quoted(visit.tree["idxname"].text()));
}

}  // namespace

Rules existence_rules() {
  return {
      {"column-exists",
       Severity::error,
       "a column that exists already",
       {"A2", "A3", "C8", "D13"},
       "The statement fails; with IF NOT EXISTS it is skipped, and a column of the same name with another type, "
       "default or meaning is taken for the new one.",
       "Another name; or the old column moved aside.",
       {"AT_AddColumn"},
       column_exists},
      {"relation-exists",
       Severity::error,
       "a table or view that exists already",
       {"C8"},
       "The statement fails, or IF NOT EXISTS skips it and leaves an object of another shape.",
       "Another name, or ALTER what is there.",
       {"CreateStmt", "ViewStmt", "CreateTableAsStmt"},
       relation_exists},
      {"type-exists",
       Severity::error,
       "a type that exists already",
       {"C8"},
       "The statement fails; the one that exists may have other labels.",
       "Another name, or ALTER TYPE … ADD VALUE.",
       {"CreateEnumStmt", "CreateDomainStmt"},
       type_exists},
      {"index-exists",
       Severity::error,
       "an index of this name exists already",
       {"C8"},
       "The statement fails, or IF NOT EXISTS takes an INVALID or different index for the new one.",
       "Look at pg_index.indisvalid; drop and build again.",
       {"IndexStmt"},
       index_exists},
      {"constraint-exists",
       Severity::error,
       "a constraint of this name exists already",
       {"C1"},
       "REFERENCES at the column makes table_column_fkey; adding it once more by that name fails, and by another name "
       "doubles it.",
       "Once.",
       {"CreateStmt", "AT_AddConstraint", "AT_AddColumn"},
       constraint_exists},
      {"trigger-or-policy-exists",
       Severity::error,
       "a trigger or policy of this name exists already",
       {"C8"},
       "The statement fails half-way through the migration.",
       "DROP … IF EXISTS first, if it is meant to be replaced.",
       {"CreateTrigStmt", "CreatePolicyStmt"},
       hangs_on_exists},
      {"if-not-exists-concurrently",
       Severity::warning,
       "IF NOT EXISTS hides an INVALID index",
       {"F67"},
       "A build that failed leaves an index that no query uses, and IF NOT EXISTS reports success.",
       "Look at pg_index.indisvalid; drop it and build it again.",
       {"IndexStmt"},
       if_not_exists},
  };
}

}  // namespace segue::lint
