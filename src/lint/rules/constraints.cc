// ADD CONSTRAINT: CHECK, UNIQUE, PRIMARY KEY, EXCLUDE, and what their validation costs.
#include <fmt/format.h>

#include <algorithm>

#include "lint/rules/help.h"

namespace segue::lint {
namespace {

// The command's text with NOT VALID, under the name that the constraint will get.
std::string not_valid_text(const Visit& visit, const Action& action, Node constraint, const std::string& name) {
  std::string text = visit.text_of(visit.command_range(action));
  if (constraint["conname"].text().empty()) {
    const std::size_t at = constraint.location() - visit.command_range(action).begin;
    text.insert(at, "CONSTRAINT " + name + " ");
  }
  return text + " NOT VALID";
}

void validate_fix(Visit& visit, Finding& finding, const Action& action, Node constraint) {
  const GivenName given = given_name(visit, constraint, {});
  const std::string name = quoted(given.name);
  const std::vector<std::string> steps = {
      fmt::format("ALTER TABLE {} {}", target_text(visit), not_valid_text(visit, action, constraint, name)),
      fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", target_text(visit), name)};
  finding.safe_form = script(steps);
  if (!given.is_last) return;
  finding.fix = replace_command(visit, action, steps);
  finding.fix->needs_no_transaction = true;
}

void add_check(Visit& visit) {
  if (!is_live_target(visit) || visit.down()) return;
  each_added(visit, "CONSTR_CHECK", [&](const Action& action, Node constraint) {
    if (constraint["skip_validation"].truth()) return;
    Finding& finding = visit.report(action, fmt::format("ADD CHECK reads all of {} under ACCESS EXCLUSIVE{}",
                                                        shown(target(visit)), size_note(visit, target(visit))));
    validate_fix(visit, finding, action, constraint);
  });
}

void add_foreign_key(Visit& visit) {
  if (visit.down()) return;
  each_added(visit, "CONSTR_FOREIGN", [&](const Action& action, Node constraint) {
    const QualifiedName to = sql::name_of_relation(constraint["pktable"]);
    if (constraint["skip_validation"].truth() || (!is_live_target(visit) && !visit.is_live(to))) return;
    const Table* table = visit.table(visit.tree["relation"]);
    if (table != nullptr && table->kind == 'p') return;
    // A table of this run is empty or nearly so; its foreign key still locks the other one, for a moment.
    if (!is_live_target(visit)) return;
    const std::string tables = to == target(visit) ? shown(to) : shown(target(visit)) + " and " + shown(to);
    Finding& finding = visit.report(
        action, fmt::format("ADD FOREIGN KEY locks {} against writes (SHARE ROW EXCLUSIVE) while it reads {}{}", tables,
                            to == target(visit) ? "it" : "them", size_note(visit, target(visit))));
    validate_fix(visit, finding, action, constraint);
  });
}

void add_unique(Visit& visit) {
  if (!is_live_target(visit) || visit.down()) return;
  const auto look = [&](const Action& action, Node constraint) {
    const Table* table = visit.table(visit.tree["relation"]);
    const bool primary = constraint["contype"].text() == "CONSTR_PRIMARY";
    const char* word = primary ? "PRIMARY KEY" : "UNIQUE";
    if (constraint["indexname"]) {
      const Index* index = table == nullptr ? nullptr : table->index(constraint["indexname"].text());
      if (!primary || index == nullptr) return;
      for (const std::string& column : index->columns) {
        if (visit.schema.is_nullable(target(visit), column) != true) continue;
        if (visit.schema.proven_not_null(target(visit), column)) continue;
        visit
            .report(action, fmt::format("{} is nullable: PRIMARY KEY USING INDEX makes it NOT NULL and reads all of {} "
                                        "under ACCESS EXCLUSIVE",
                                        shown(column), shown(target(visit))))
            .safe_form = "-- first SET NOT NULL by way of a validated CHECK (set-not-null)";
      }
      return;
    }
    const std::vector<std::string> columns = sql::names_of(constraint["keys"]);
    const GivenName given = given_name(visit, constraint, {});
    const std::string name = quoted(given.name);
    const std::string written = target_text(visit);
    std::vector<std::string> spelled;
    for (const std::string& column : columns) spelled.push_back(visit.written().spelled(column));
    std::string list;
    for (const std::string& column : spelled) list += (list.empty() ? "" : ", ") + column;
    std::string tail;
    if (constraint["deferrable"].truth()) tail += " DEFERRABLE";
    if (constraint["initdeferred"].truth()) tail += " INITIALLY DEFERRED";
    const std::vector<std::string> steps = {
        fmt::format("CREATE UNIQUE INDEX CONCURRENTLY {} ON {} ({}){}", name, written, list,
                    constraint["nulls_not_distinct"].truth() ? " NULLS NOT DISTINCT" : ""),
        fmt::format("ALTER TABLE {0} ADD CONSTRAINT {1} {2} USING INDEX {1}{3}", written, name, word, tail)};
    Finding& finding = visit.report(action, fmt::format("ADD {} builds its index on {} under ACCESS EXCLUSIVE{}", word,
                                                        shown(target(visit)), size_note(visit, target(visit))));
    finding.safe_form = script(steps);
    const bool plain = constraint["including"].empty() && constraint["options"].empty() && !constraint["indexspace"] &&
                       !(table != nullptr && table->kind == 'p');
    if (!plain || primary || !given.is_last) return;
    finding.fix = replace_command(visit, action, steps);
    finding.fix->needs_no_transaction = true;
  };
  each_added(visit, "CONSTR_UNIQUE", look);
  each_added(visit, "CONSTR_PRIMARY", look);
}

void add_exclusion(Visit& visit) {
  if (!is_live_target(visit)) return;
  each_added(visit, "CONSTR_EXCLUSION", [&](const Action& action, Node) {
    visit
        .report(
            action,
            fmt::format("ADD EXCLUDE builds its index on {} under ACCESS EXCLUSIVE, and there is no form that does not",
                        shown(target(visit))))
        .safe_form =
        "-- a new table with the constraint, filled and kept equal by triggers, then the names change; or a window";
  });
}

// VALIDATE in the transaction that added the constraint.
void validate_together(Visit& visit) {
  if (!is_live_target(visit)) return;
  const std::string table = Schema::key(target(visit));
  bool added = false;
  for (const Action& action : visit.facts.actions) {
    const Node definition = action.command["def"];
    if (action.subtype == "AT_AddConstraint" && definition["skip_validation"].truth()) {
      added = true;
      if (visit.in_transaction) visit.remember("file:not valid", {0, {}, table, definition["conname"].string(), ""});
    }
    if (action.subtype != "AT_ValidateConstraint") continue;
    const auto& before = visit.remembered("file:not valid");
    const bool same_transaction =
        visit.in_transaction && std::any_of(before.begin(), before.end(), [&](const Remembered& each) {
          return each.table == table && each.column == action.command["name"].text();
        });
    if (!added && !same_transaction) continue;
    visit
        .report(action, fmt::format("VALIDATE in the same transaction as ADD … NOT VALID reads all of {} while the "
                                    "strong lock of ADD is held",
                                    shown(target(visit))))
        .safe_form = fmt::format("COMMIT;\nALTER TABLE {} VALIDATE CONSTRAINT {};", target_text(visit),
                                 quoted(action.command["name"].text()));
  }
}

// SET NOT NULL that leans on a CHECK which the same ALTER validates or drops.
void joined_not_null(Visit& visit) {
  if (!is_live_target(visit) || visit.facts.actions.size() < 2) return;
  const Action* set = nullptr;
  bool leans = false;
  for (const Action& action : visit.facts.actions) {
    if (action.subtype == "AT_SetNotNull") set = &action;
    leans = leans || action.subtype == "AT_ValidateConstraint" || action.subtype == "AT_DropConstraint";
  }
  if (set == nullptr || !leans) return;
  visit
      .report(*set, fmt::format("joined with VALIDATE or DROP CONSTRAINT in one ALTER TABLE, SET NOT NULL reads all of "
                                "{} under ACCESS EXCLUSIVE all the same",
                                shown(target(visit))))
      .safe_form = "-- one ALTER TABLE each, each in a transaction of its own";
}

void drop_constraint(Visit& visit) {
  each_action(visit, "AT_DropConstraint", [&](const Action& action) {
    const auto others = visit.schema.referenced(target(visit), action.command["name"].string());
    const Table* table = visit.table(visit.tree["relation"]);
    const Constraint* known = table == nullptr ? nullptr : table->constraint(action.command["name"].text());
    if (!is_live_target(visit) || known == nullptr || known->type != ConstraintType::foreign || others.empty()) return;
    visit.report(action,
                 fmt::format("dropping the foreign key locks both {} and {} against everything (ACCESS EXCLUSIVE)",
                             shown(target(visit)), shown(others.front())));
  });
}

void check_with_subquery(Visit& visit) {
  const auto look = [&](Node constraint) {
    if (constraint["contype"].text() != "CONSTR_CHECK" || !sql::find(constraint["raw_expr"], "SubLink")) return;
    visit
        .report({constraint.location(), constraint.location() + 5},
                "a CHECK cannot contain a subquery: the statement is refused, and the rule it was meant to keep is "
                "kept by nobody")
        .safe_form =
        "-- a trigger that looks the other table up and raises an exception, with a lock on what it has read";
  };
  for (const Node element : visit.tree["tableElts"]) {
    if (element.is("Constraint")) look(element);
    for (const Node constraint : element["constraints"]) look(constraint);
  }
  for (const Action& action : visit.facts.actions) {
    const Node definition = action.command["def"];
    if (action.subtype == "AT_AddConstraint") look(definition);
    for (const Node constraint : definition["constraints"]) look(constraint);
  }
  for (const Node constraint : visit.tree["constraints"]) look(constraint);
}

}  // namespace

Rules constraint_rules() {
  return {
      {"add-check",
       Severity::warning,
       "ADD CHECK reads the table under ACCESS EXCLUSIVE",
       {"F32"},
       "Every row is tried while nobody can read or write.",
       "ADD CONSTRAINT … NOT VALID, then VALIDATE CONSTRAINT in another transaction.",
       {"AT_AddConstraint"},
       add_check,
       nullptr,
       true},
      {"add-foreign-key",
       Severity::warning,
       "ADD FOREIGN KEY reads the tables while writes wait",
       {"F33"},
       "Both tables are locked against writes (SHARE ROW EXCLUSIVE) until every row is checked.",
       "ADD CONSTRAINT … NOT VALID, then VALIDATE CONSTRAINT in another transaction.",
       {"AT_AddConstraint"},
       add_foreign_key,
       nullptr,
       true},
      {"validate-in-same-transaction",
       Severity::warning,
       "VALIDATE while the lock of ADD is held",
       {"F34"},
       "NOT VALID and VALIDATE only help if a COMMIT stands between them.",
       "Two transactions.",
       {"AT_AddConstraint", "AT_ValidateConstraint"},
       validate_together},
      {"add-unique",
       Severity::warning,
       "an index is built under ACCESS EXCLUSIVE",
       {"F40", "F41", "F42"},
       "ADD UNIQUE and ADD PRIMARY KEY build their index while nobody can read. PRIMARY KEY also makes its columns NOT "
       "NULL, and reads the table for it.",
       "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … USING INDEX; for a primary key, first SET NOT NULL the "
       "safe way.",
       {"AT_AddConstraint"},
       add_unique,
       nullptr,
       true},
      {"add-exclusion",
       Severity::error,
       "ADD EXCLUDE has no form that does not block",
       {"F43"},
       "The index is built under ACCESS EXCLUSIVE, and there is no USING INDEX for it.",
       "A new table that has the constraint from the start.",
       {"AT_AddConstraint"},
       add_exclusion},
      {"not-null-joined",
       Severity::warning,
       "SET NOT NULL joined with what it leans on",
       {"F23", "F66"},
       "In one ALTER TABLE with VALIDATE or DROP CONSTRAINT, the CHECK does not count as proof: the table is read "
       "under ACCESS EXCLUSIVE.",
       "Four commands in four transactions.",
       {"AT_SetNotNull"},
       joined_not_null},
      {"drop-constraint-locks-both",
       Severity::note,
       "dropping a foreign key locks two tables",
       {"F44"},
       "DROP CONSTRAINT on a foreign key takes ACCESS EXCLUSIVE on both tables.",
       "One at a time, with a lock_timeout and retries.",
       {"AT_DropConstraint"},
       drop_constraint},
      {"check-with-subquery",
       Severity::error,
       "a CHECK with a subquery",
       {"C2"},
       "PostgreSQL refuses it, so the rule is never enforced.",
       "A trigger.",
       {"CreateStmt", "AT_AddConstraint", "AT_AddColumn", "CreateDomainStmt"},
       check_with_subquery},
  };
}

}  // namespace segue::lint
