// ALTER TABLE … ADD COLUMN: what rewrites, scans or fails.
#include <fmt/format.h>

#include "lint/rules/help.h"

namespace segue::lint {
namespace {

std::string column_text(const Visit& visit, const Action& action) {
  return visit.written().name_at(action.command["def"].location());
}

void volatile_default(Visit& visit) {
  if (!is_live_target(visit)) return;
  each_inline(visit, "CONSTR_DEFAULT", [&](const Action& action, Node constraint) {
    const auto is_volatile = sql::is_volatile_expression(constraint["raw_expr"], visit.schema);
    const Node column = action.command["def"];
    const std::string name = column_text(visit, action);
    const std::string table = target_text(visit);
    if (is_volatile == false && visit.version() >= 11) return;
    std::string message =
        is_volatile
            ? fmt::format(
                  "the default of {} differs from row to row, so all of {} is rewritten under ACCESS EXCLUSIVE{}",
                  shown(name), shown(target(visit)), size_note(visit, target(visit)))
            : fmt::format(
                  "the default of {} calls a function of which only the database knows whether it is VOLATILE; "
                  "if it is, all of {} is rewritten under ACCESS EXCLUSIVE",
                  shown(name), shown(target(visit)));
    Finding& finding = visit.report(action, std::move(message));
    if (!is_volatile) finding.severity = std::min(finding.severity, Severity::note);
    const std::string value = expression_text(constraint["raw_expr"], visit.file.source.text());
    std::string type(sql::type_text(column["typeName"]));
    finding.safe_form = fmt::format(
        "ALTER TABLE {0} ADD COLUMN {1} {2};\nALTER TABLE {0} ALTER COLUMN {1} SET DEFAULT {3};\n"
        "-- then in batches: UPDATE {0} SET {1} = {3} WHERE {1} IS NULL AND …",
        table, name, type, value);
  });
}

void not_null_without_default(Visit& visit) {
  if (!is_live_target(visit) || visit.down()) return;
  each_inline(visit, "CONSTR_NOTNULL", [&](const Action& action, Node) {
    const Node column = action.command["def"];
    if (constraint_in(column, "CONSTR_DEFAULT") || constraint_in(column, "CONSTR_IDENTITY") ||
        constraint_in(column, "CONSTR_GENERATED") || sql::is_serial(column["typeName"])) {
      return;
    }
    const std::string name = column_text(visit, action);
    visit
        .report(action,
                fmt::format("{} is NOT NULL without a default: the statement fails if {} has a row, and inserts "
                            "of the running application fail afterwards",
                            shown(name), shown(target(visit))))
        .safe_form =
        fmt::format("ALTER TABLE {0} ADD COLUMN {1} {2};\n-- fill it in batches, then SET NOT NULL (set-not-null)",
                    target_text(visit), name, sql::type_text(column["typeName"]));
  });
}

void serial(Visit& visit) {
  if (!is_live_target(visit)) return;
  each_action(visit, "AT_AddColumn", [&](const Action& action) {
    const Node column = action.command["def"];
    const bool counts = sql::is_serial(column["typeName"]) || constraint_in(column, "CONSTR_IDENTITY");
    if (!counts) return;
    const std::string name = column_text(visit, action);
    const std::string sequence = quoted(sql::sequence_name(target(visit).name, column["colname"].text()));
    visit
        .report(action, fmt::format("numbering the rows in {} rewrites all of {} under ACCESS EXCLUSIVE{}", shown(name),
                                    shown(target(visit)), size_note(visit, target(visit))))
        .safe_form = fmt::format(
        "CREATE SEQUENCE {2};\nALTER TABLE {0} ADD COLUMN {1} {3};\nALTER TABLE {0} ALTER COLUMN {1} SET DEFAULT "
        "nextval('{2}');\n"
        "-- fill it in batches, then:\nALTER SEQUENCE {2} OWNED BY {0}.{1};",
        target_text(visit), name, sequence, sql::type_text(column["typeName"]));
  });
}

void stored(Visit& visit) {
  if (!is_live_target(visit)) return;
  each_inline(visit, "CONSTR_GENERATED", [&](const Action& action, Node) {
    visit
        .report(
            action,
            fmt::format("a STORED column is computed for every row: all of {} is rewritten under ACCESS EXCLUSIVE{}",
                        shown(target(visit)), size_note(visit, target(visit))))
        .safe_form = fmt::format("-- a plain column, a trigger that fills it, and a backfill in batches{}",
                                 visit.version() >= 18 ? "; or GENERATED ALWAYS AS (…) VIRTUAL" : "");
  });
}

void check(Visit& visit) {
  if (!is_live_target(visit)) return;
  each_inline(visit, "CONSTR_CHECK", [&](const Action& action, Node constraint) {
    const std::string table = target_text(visit);
    const GivenName given = given_name(visit, constraint, action.command["def"]["colname"].text());
    const std::string name = quoted(given.name);
    const sql::Range range = inline_constraint_range(visit, action, constraint);
    const std::string text = visit.text_of({constraint.location(), range.end});
    const std::size_t open = text.find('(');
    Finding& finding = visit.report(
        action, fmt::format("the CHECK makes ADD COLUMN read all of {} under ACCESS EXCLUSIVE", shown(target(visit))));
    if (open == std::string::npos) return;
    const std::vector<std::string> after = {
        fmt::format("ALTER TABLE {} ADD CONSTRAINT {} CHECK {} NOT VALID", table, name, text.substr(open)),
        fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", table, name)};
    finding.safe_form = "-- ADD COLUMN without the CHECK, then:\n" + script(after);
    if (action.command["missing_ok"].truth() || !given.is_last) return;
    finding.fix = cut_from_command(visit, range, after);
    finding.fix->needs_no_transaction = true;
  });
}

void references(Visit& visit) {
  if (!is_live_target(visit) || visit.down()) return;
  each_inline(visit, "CONSTR_FOREIGN", [&](const Action& action, Node constraint) {
    const Node column = action.command["def"];
    const Node value = constraint_in(column, "CONSTR_DEFAULT");
    const bool scans = value && !value["raw_expr"]["isnull"].truth();
    const QualifiedName to = sql::name_of_relation(constraint["pktable"]);
    const std::string table = target_text(visit);
    const GivenName given = given_name(visit, constraint, column["colname"].text());
    const std::string name = quoted(given.name);
    const sql::Range range = inline_constraint_range(visit, action, constraint);
    std::string text = visit.text_of({constraint.location(), range.end});
    // CONSTRAINT name REFERENCES …: the name is given again below.
    for (const sql::Token& token : sql::tokens_of(text, 0, text.size())) {
      if (!sql::is_word(text, token, "references")) continue;
      text.erase(0, token.begin);
      break;
    }
    Finding& finding = visit.report(
        action,
        scans ? fmt::format("ADD COLUMN with a default and REFERENCES reads both {} and {} under strong locks",
                            shown(target(visit)), shown(to))
              : fmt::format("REFERENCES inside ADD COLUMN locks {} (ACCESS EXCLUSIVE) and {} against writes (SHARE ROW "
                            "EXCLUSIVE) in one transaction",
                            shown(target(visit)), shown(to)));
    if (!scans) finding.severity = std::min(finding.severity, Severity::warning);
    const std::vector<std::string> after = {
        fmt::format("ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY ({}) {} NOT VALID", table, name,
                    column_text(visit, action), text),
        fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", table, name)};
    finding.safe_form = "-- ADD COLUMN without REFERENCES, then:\n" + script(after);
    if (action.command["missing_ok"].truth() || !given.is_last) return;
    finding.fix = cut_from_command(visit, range, after);
    finding.fix->needs_no_transaction = true;
  });
}

void unique(Visit& visit) {
  if (!is_live_target(visit)) return;
  const auto look = [&](const Action& action, Node constraint) {
    const bool primary = constraint["contype"].text() == "CONSTR_PRIMARY";
    const std::string column = action.command["def"]["colname"].string();
    const GivenName given = given_name(visit, constraint, column);
    const std::string name = quoted(given.name);
    const std::string table = target_text(visit);
    Finding& finding =
        visit.report(action, fmt::format("{} inside ADD COLUMN builds an index on {} under ACCESS EXCLUSIVE",
                                         primary ? "PRIMARY KEY" : "UNIQUE", shown(target(visit))));
    const std::vector<std::string> after = {
        fmt::format("CREATE UNIQUE INDEX CONCURRENTLY {} ON {} ({}){}", name, table, column_text(visit, action),
                    constraint["nulls_not_distinct"].truth() ? " NULLS NOT DISTINCT" : ""),
        fmt::format("ALTER TABLE {0} ADD CONSTRAINT {1} {2} USING INDEX {1}{3}", table, name,
                    primary ? "PRIMARY KEY" : "UNIQUE", deferring_text(visit, action, constraint))};
    finding.safe_form = "-- ADD COLUMN without it, then:\n" + script(after);
    const bool plain = constraint["options"].empty() && !constraint["indexspace"];
    if (primary || !plain || action.command["missing_ok"].truth() || !given.is_last) return;
    finding.fix = cut_from_command(visit, inline_constraint_range(visit, action, constraint), after);
    finding.fix->needs_no_transaction = true;
  };
  each_inline(visit, "CONSTR_UNIQUE", look);
  each_inline(visit, "CONSTR_PRIMARY", look);
}

void constrained_domain(Visit& visit) {
  if (!is_live_target(visit)) return;
  each_action(visit, "AT_AddColumn", [&](const Action& action) {
    const QualifiedName type = sql::name_of_list(action.command["def"]["typeName"]["names"]);
    if (visit.schema.is_constrained_domain(type) != true) return;
    const Type* domain = visit.schema.type(type);
    visit
        .report(
            action,
            fmt::format(
                "{} is a domain with constraints: even without a default all of {} is rewritten under ACCESS EXCLUSIVE",
                shown(type), shown(target(visit))))
        .safe_form = fmt::format("-- the base type{} with a CHECK … NOT VALID of its own, then VALIDATE CONSTRAINT",
                                 domain != nullptr && !domain->base.empty() ? " " + domain->base : "");
  });
}

void json(Visit& visit) {
  const auto look = [&](Node column, sql::Range range) {
    const Node type = column["typeName"];
    if (sql::last_name(type["names"]) != "json" || !type["arrayBounds"].empty()) return;
    Finding& finding = visit.report(
        range, fmt::format("{} is json, which has no equality: SELECT DISTINCT, GROUP BY and UNION over it fail",
                           shown(column["colname"].text())));
    finding.safe_form = "jsonb";
    const std::size_t at = type.location();
    if (visit.text_of({at, at + 4}) == "json" || visit.text_of({at, at + 4}) == "JSON") {
      finding.fix = Fix{{{{at, at + 4}, "jsonb"}}, {}, false};
    }
  };
  each_action(visit, "AT_AddColumn",
              [&](const Action& action) { look(action.command["def"], visit.command_range(action)); });
}

}  // namespace

Rules add_column_rules() {
  return {
      {"add-column-volatile-default",
       Severity::error,
       "a new column's default rewrites the table",
       {"F11", "F12"},
       "A default that differs from row to row (random(), gen_random_uuid(), clock_timestamp(), nextval()) is computed "
       "for "
       "every row at once: table and indexes are rewritten while nobody can read. A constant, now() or an IMMUTABLE or "
       "STABLE function "
       "rewrites nothing (PostgreSQL 11 and later).",
       "Add the column without it, SET DEFAULT for new rows, fill the old ones in batches.",
       {"AT_AddColumn"},
       volatile_default},
      {"add-column-not-null",
       Severity::error,
       "a new column is NOT NULL and has no default",
       {"F13", "C14"},
       "The statement fails on a table with rows; on an empty one the running application's inserts fail afterwards.",
       "Add it nullable or with a constant default, fill it, then make it NOT NULL.",
       {"AT_AddColumn"},
       not_null_without_default},
      {"add-column-serial",
       Severity::error,
       "a new column numbers all rows",
       {"F14"},
       "serial, bigserial and IDENTITY compute a number for every row: the table is rewritten under ACCESS EXCLUSIVE.",
       "A plain column, SET DEFAULT nextval(), a backfill in batches, then OWNED BY or ADD GENERATED.",
       {"AT_AddColumn"},
       serial},
      {"add-column-stored",
       Severity::error,
       "a new generated column rewrites the table",
       {"F15"},
       "GENERATED … STORED computes a value for every row under ACCESS EXCLUSIVE.",
       "A plain column kept by a trigger and filled in batches; from PostgreSQL 18 a VIRTUAL one.",
       {"AT_AddColumn"},
       stored},
      {"add-column-check",
       Severity::warning,
       "a CHECK inside ADD COLUMN reads the table",
       {"F16"},
       "Although a new column holds one and the same value everywhere, the CHECK is tried on every row under ACCESS "
       "EXCLUSIVE.",
       "ADD COLUMN, then ADD CONSTRAINT … NOT VALID, then VALIDATE CONSTRAINT.",
       {"AT_AddColumn"},
       check,
       nullptr,
       true},
      {"add-column-references",
       Severity::warning,
       "REFERENCES inside ADD COLUMN locks two tables",
       {"F17"},
       "The new table's ACCESS EXCLUSIVE lock is held while the referenced table is locked against writes. With a "
       "default "
       "both tables are read as well.",
       "ADD COLUMN, then ADD FOREIGN KEY … NOT VALID, then VALIDATE CONSTRAINT.",
       {"AT_AddColumn"},
       references,
       nullptr,
       true},
      {"add-column-unique",
       Severity::warning,
       "UNIQUE inside ADD COLUMN builds an index under lock",
       {"F18"},
       "The index is built under ACCESS EXCLUSIVE.",
       "ADD COLUMN, CREATE UNIQUE INDEX CONCURRENTLY, ADD CONSTRAINT … USING INDEX.",
       {"AT_AddColumn"},
       unique,
       nullptr,
       true},
      {"add-column-domain",
       Severity::error,
       "a new column of a domain with constraints rewrites the table",
       {"F19", "F53"},
       "The domain's constraints are tried by rewriting every row.",
       "The base type and a CHECK … NOT VALID.",
       {"AT_AddColumn"},
       constrained_domain},
      {"add-column-json",
       Severity::warning,
       "a json column",
       {"F20"},
       "json has no equality operator: SELECT DISTINCT on the table fails from now on.",
       "jsonb.",
       {"AT_AddColumn"},
       json,
       nullptr,
       true},
  };
}

}  // namespace segue::lint
