// Enums and domains.
#include <fmt/format.h>

#include "lint/rules/help.h"

namespace segue::lint {
namespace {

// A new label cannot be used before the transaction that adds it has ended.
void remember_label(Visit& visit) {
  const Node tree = visit.tree;
  if (tree.is("AlterEnumStmt")) {
    if (tree["oldVal"]) return;
    if (visit.version() < 12 && visit.in_transaction) {
      visit.report("ALTER TYPE … ADD VALUE cannot run in a transaction before PostgreSQL 12");
      return;
    }
    const Type* type = visit.schema.type(sql::name_of_list(tree["typeName"]));
    // A type of the same transaction is the exception.
    if (visit.in_transaction && !(type != nullptr && type->made_in == static_cast<int>(visit.file_number))) {
      visit.remember("file:new label",
                     {0, {}, Schema::key(sql::name_of_list(tree["typeName"])), tree["newVal"].string(), ""});
    }
    return;
  }
  if (!visit.in_transaction) return;
  for (const Remembered& label : visit.remembered("file:new label")) {
    bool used = false;
    sql::walk(tree, [&](Node node) {
      used = used || (node.is("A_Const") && node["sval"]["sval"].text() == label.column);
      return !used;
    });
    if (!used) continue;
    visit
        .report(
            fmt::format("the new label '{}' is used in the transaction that adds it: unsafe use of new value (55P04)",
                        label.column))
        .safe_form = "COMMIT;  -- between ALTER TYPE … ADD VALUE and its first use";
    return;
  }
}

void without_position(Visit& visit) {
  if (visit.tree["oldVal"] || visit.tree["newValNeighbor"]) return;
  visit.report(fmt::format("'{}' sorts after all other labels", visit.tree["newVal"].text())).safe_form =
      "ADD VALUE … BEFORE or AFTER a label";
}

void enum_type(Visit& visit) {
  visit.report("labels of an enum cannot be taken away again");
}

void domain_constraint(Visit& visit) {
  const Node tree = visit.tree;
  const std::string_view change = tree["subtype"].text();
  const bool adds = change == "C" && !tree["def"]["skip_validation"].truth();
  if (!adds && change != "O") return;
  const QualifiedName domain = sql::name_of_list(tree["typeName"]);
  const Type* known = visit.schema.type(domain);
  if (known != nullptr && known->made_in != from_before) return;
  Finding& finding = visit.report(
      fmt::format("every table with a column of {} is locked against writes (SHARE) and read", shown(domain)));
  finding.lock = sql::Lock::share;
  finding.blocks = sql::Blocks::writes;
  finding.object = Schema::key(domain);
  if (!adds) return;
  const std::string name = tree["def"]["conname"].text().empty()
                               ? quoted(sql::object_name(domain.name, {}, "check"))
                               : visit.written().spelled(tree["def"]["conname"].string());
  std::string text(visit.statement.text);
  if (tree["def"]["conname"].text().empty()) {
    text.insert(tree["def"].location() - visit.statement.piece.begin, "CONSTRAINT " + name + " ");
  }
  const std::vector<std::string> steps = {
      text + " NOT VALID",
      fmt::format("ALTER DOMAIN {} VALIDATE CONSTRAINT {}", visit.written().name_after(0, "domain"), name)};
  finding.safe_form = script(steps);
  finding.fix = replace_statement(visit, steps);
  finding.fix->needs_no_transaction = true;
}

}  // namespace

Rules type_rules() {
  return {
      {"enum-value-in-transaction",
       Severity::error,
       "a new enum label is used before it is committed",
       {"F50"},
       "A label added to an enum cannot be used in the same transaction; before PostgreSQL 12 it cannot even be added "
       "in one.",
       "ALTER TYPE … ADD VALUE in a transaction of its own, before its first use.",
       {"AlterEnumStmt", "InsertStmt", "UpdateStmt", "AlterTableStmt", "CreateStmt", "DeleteStmt", "SelectStmt"},
       remember_label},
      {"enum-value-without-position",
       Severity::off,
       "a new enum label without a position",
       {"F51"},
       "It goes to the end, which is the wrong place for ORDER BY and comparisons if the labels have an order.",
       "BEFORE or AFTER.",
       {"AlterEnumStmt"},
       without_position},
      {"enum-type",
       Severity::off,
       "an enum",
       {"F52"},
       "Labels can be added but not removed.",
       "A table of values with a foreign key.",
       {"CreateEnumStmt"},
       enum_type},
      {"domain-constraint",
       Severity::warning,
       "a domain's constraint reads every table that uses it",
       {"F54"},
       "All tables with a column of the domain are locked against writes while they are read.",
       "ADD CONSTRAINT … NOT VALID, then VALIDATE CONSTRAINT. SET NOT NULL has no such form.",
       {"AlterDomainStmt"},
       domain_constraint,
       nullptr,
       true},
  };
}

}  // namespace segue::lint
