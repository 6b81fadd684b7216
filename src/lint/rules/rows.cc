// UPDATE, DELETE and INSERT: rows that are written by mistake, or all at once.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "lint/rules/help.h"
#include "sql/embedded.h"

namespace segue::lint {
namespace {

bool is_constant(Node node) {
  return node.is("A_Const") && !node["isnull"].truth();
}

// 1 = 1, true.
bool always_holds(Node condition) {
  if (condition.is("A_Const")) return condition["boolval"]["boolval"].truth();
  return condition.is("A_Expr") && is_constant(condition["lexpr"]) && is_constant(condition["rexpr"]) &&
         sql::last_name(condition["name"]) == "=" &&
         sql::same(condition["lexpr"]["ival"], condition["rexpr"]["ival"]) &&
         sql::same(condition["lexpr"]["sval"], condition["rexpr"]["sval"]);
}

void without_where(Visit& visit, Node statement) {
  const Node relation = statement["relation"];
  if (!visit.is_live(relation)) return;
  const Node condition = statement["whereClause"];
  if (condition && !always_holds(condition)) return;
  const Table* table = visit.table(relation);
  if (table != nullptr && table->kind == 'v') return;
  const QualifiedName name = sql::name_of_relation(relation);
  const bool removes = statement.is("DeleteStmt");
  Finding& finding = visit.report(
      fmt::format("{} {} every row of {} in one transaction{}: rows stay locked, and vacuum waits, until it is done",
                  removes ? "DELETE" : "UPDATE", removes ? "takes" : "writes", shown(name), size_note(visit, name)));
  finding.object = Schema::key(name);
  finding.safe_form = "-- in batches of some thousand rows by key ranges, a COMMIT after each; or a `backfill` move";
}

// The statement's own rows, and those of WITH … AS (DELETE …).
void all_rows_written(Visit& visit) {
  if (visit.section.direction == Direction::verify) return;
  if (visit.tree.is("UpdateStmt") || visit.tree.is("DeleteStmt")) without_where(visit, visit.tree);
  const Node with = visit.tree.is("InsertStmt") && !visit.tree["withClause"] ? visit.tree["selectStmt"]["withClause"]
                                                                             : visit.tree["withClause"];
  for (const Node common : with["ctes"]) {
    const Node query = common["ctequery"];
    if (query.is("UpdateStmt") || query.is("DeleteStmt")) without_where(visit, query);
  }
}

// WHERE column IS NULL, after the column got a DEFAULT: no row is left to match.
void null_after_default(Visit& visit) {
  const Table* table = visit.table(visit.tree["relation"]);
  if (table == nullptr) return;
  std::vector<Node> open{visit.tree["whereClause"]};
  while (!open.empty()) {
    const Node node = open.back();
    open.pop_back();
    if (node.is("BoolExpr") && node["boolop"].text() == "AND_EXPR") {
      for (const Node argument : node["args"]) open.push_back(argument);
    }
    if (!node.is("NullTest") || node["nulltesttype"].text() != "IS_NULL") continue;
    const Column* column = table->column(sql::last_name(node["arg"]["fields"]));
    if (column == nullptr || column->made_in == from_before || column->default_text.empty() ||
        lower(column->default_text) == "null")
      continue;
    visit
        .report(visit.name_range(node["arg"].location()),
                fmt::format("{} was added with DEFAULT {}, so every row has it already: this {} matches none, and what "
                            "it should preserve is lost",
                            shown(column->name), column->default_text, visit.facts.word))
        .safe_form = fmt::format(
        "ALTER TABLE {0} ADD COLUMN {1} {2};  -- without the default\n-- this statement, then ALTER TABLE {0} ALTER "
        "COLUMN {1} SET DEFAULT {3};",
        target_text(visit), quoted(column->name), column->type, column->default_text);
  }
}

// The tables that a query can mean, by their aliases.
std::vector<std::pair<std::string, const Table*>> tables_in(const Visit& visit) {
  std::vector<std::pair<std::string, const Table*>> found;
  sql::walk(visit.tree, [&](Node node) {
    if (!sql::is_relation(node)) return true;
    const Table* table = visit.schema.find(sql::name_of_relation(node));
    found.emplace_back(node["alias"]["aliasname"] ? node["alias"]["aliasname"].string() : node["relname"].string(),
                       table);
    return true;
  });
  return found;
}

struct Found {
  const Table* table = nullptr;
  const Column* column = nullptr;
};

Found column_named(const std::vector<std::pair<std::string, const Table*>>& tables, Node reference) {
  const auto parts = sql::names_of(reference["fields"]);
  if (parts.empty()) return {};
  for (const auto& [alias, table] : tables) {
    if (table == nullptr || (parts.size() > 1 && parts[parts.size() - 2] != alias)) continue;
    if (const Column* column = table->column(parts.back()); column != nullptr) return {table, column};
  }
  return {};
}

// Whether the column's values come from a sequence: its own, or that of the key which it refers to.
bool is_surrogate(const Visit& visit, const Found& found) {
  if (found.column == nullptr) return false;
  const auto counted = [](const Column& column) {
    return column.is_key_counter || column.default_text.find("nextval(") != std::string::npos ||
           column.default_text.find("gen_random_uuid") != std::string::npos ||
           column.default_text.find("uuid_generate") != std::string::npos;
  };
  if (counted(*found.column)) return true;
  for (const Constraint& each : found.table->constraints) {
    if (each.type != ConstraintType::foreign || each.columns.size() != 1 || each.columns[0] != found.column->name)
      continue;
    const Table* other = visit.schema.find(each.to);
    if (other == nullptr) continue;
    std::string key = each.to_columns.empty() ? "" : each.to_columns[0];
    for (const Constraint& primary : other->constraints) {
      if (key.empty() && primary.type == ConstraintType::primary && primary.columns.size() == 1)
        key = primary.columns[0];
    }
    const Column* column = other->column(key);
    if (column != nullptr && counted(*column)) return true;
  }
  return false;
}

std::string constant_text(Node constant) {
  if (constant["ival"]) return std::to_string(constant["ival"]["ival"].number());
  return "'" + constant["sval"]["sval"].string() + "'";
}

void surrogate_literal(Visit& visit) {
  const auto tables = tables_in(visit);
  const auto tell = [&](const Found& found, Node value, const char* how) {
    if (!is_constant(value) || !(value["ival"] || value["sval"]) || !is_surrogate(visit, found)) return;
    visit
        .report(
            visit.name_range(value.location()),
            fmt::format("{}.{} {} {}, a number that a sequence gave in one database and may not have given in another",
                        Schema::key(found.table->name), found.column->name, how, constant_text(value)))
        .safe_form = "(SELECT id FROM … WHERE code = …)  -- by what the row is, not by its number";
  };
  sql::walk(visit.tree, [&](Node node) {
    if (node.is("A_Expr") && node["kind"].text() == "AEXPR_OP" && sql::last_name(node["name"]) == "=") {
      if (node["lexpr"].is("ColumnRef")) tell(column_named(tables, node["lexpr"]), node["rexpr"], "is compared with");
      if (node["rexpr"].is("ColumnRef")) tell(column_named(tables, node["rexpr"]), node["lexpr"], "is compared with");
    }
    if (node.is("A_Expr") && node["kind"].text() == "AEXPR_IN" && node["lexpr"].is("ColumnRef"))
      tell(column_named(tables, node["lexpr"]), node["rexpr"]["items"].at(0), "is compared with");
    return true;
  });
  if (visit.tree.is("UpdateStmt")) {
    const Table* table = visit.table(visit.tree["relation"]);
    for (const Node set : visit.tree["targetList"]) {
      if (table != nullptr) tell({table, table->column(set["name"].text())}, set["val"], "is set to");
    }
  }
  // INSERT … VALUES: by position.
  if (!visit.tree.is("InsertStmt")) return;
  const Table* table = visit.table(visit.tree["relation"]);
  if (table == nullptr) return;
  std::vector<std::string> columns;
  for (const Node column : visit.tree["cols"]) columns.push_back(column["name"].string());
  for (const Node row : visit.tree["selectStmt"]["valuesLists"]) {
    std::size_t index = 0;
    for (const Node value : row["items"]) {
      const Column* column = index < columns.size() ? table->column(columns[index]) : nullptr;
      // Its own key given by hand is another matter: fixed rows of a lookup table.
      if (column != nullptr && !column->is_key_counter && column->default_text.empty())
        tell({table, column}, value, "is given");
      ++index;
    }
  }
}

// An undo that tells its own rows by a value that later rows carry too.
void undo_by_value(Visit& visit) {
  const bool removes = visit.tree.is("DeleteStmt");
  bool clears = removes && visit.down();
  for (const Node set : visit.tree["targetList"])
    clears = clears || (set["val"].is("A_Const") && set["val"]["isnull"].truth());
  if (!clears || (!visit.down() && removes)) return;
  const Node condition = visit.tree["whereClause"];
  if (!condition.is("A_Expr") || sql::last_name(condition["name"]) != "=" || !is_constant(condition["rexpr"])) return;
  const std::string column = sql::last_name(condition["lexpr"]["fields"]);
  bool same = removes;
  for (const Node set : visit.tree["targetList"]) same = same || set["name"].text() == column;
  if (!same) return;
  visit
      .report(fmt::format(
          "this also {} the rows that were written with {} = {} after the migration: they cannot be told apart",
          removes ? "deletes" : "clears", shown(column), constant_text(condition["rexpr"])))
      .safe_form = "-- keep the keys of the rows that the migration writes, and undo just these";
}

// x NOT IN (SELECT nullable …) is never true if one value is NULL.
void not_in_subquery(Visit& visit) {
  sql::walk(visit.tree, [&](Node node) {
    if (!node.is("BoolExpr") || node["boolop"].text() != "NOT_EXPR") return true;
    const Node link = node["args"].at(0);
    if (!link.is("SubLink") || link["subLinkType"].text() != "ANY_SUBLINK" || !sql::last_name(link["operName"]).empty())
      return true;
    const Node chosen = link["subselect"]["targetList"].at(0)["val"];
    const auto tables = tables_in(visit);
    const Found inner = column_named(tables, chosen);
    const Found outer = column_named(tables, link["testexpr"]);
    const bool inner_safe = inner.column != nullptr && inner.column->not_null && !inner.column->not_null_later;
    const bool outer_safe = outer.column != nullptr && outer.column->not_null && !outer.column->not_null_later;
    if (inner_safe && outer_safe) return true;
    const std::string left = sql::last_name(link["testexpr"]["fields"]);
    visit
        .report(
            visit.name_range(node.location(visit.statement.piece.begin)),
            inner_safe
                ? fmt::format("NOT IN leaves out rows where {} is NULL, which are the ones that such a search is for",
                              shown(left))
                : "NOT IN over a subquery finds nothing at all as soon as the subquery gives one NULL")
        .safe_form = fmt::format("NOT EXISTS (SELECT 1 FROM … WHERE … = {})", left.empty() ? "…" : left);
    return true;
  });
}

// Batches in a loop, with nothing committed between them.
void batches_in_one_transaction(Visit& visit) {
  if (!visit.tree.is("DoStmt") && !visit.tree.is("CreateFunctionStmt")) return;
  const std::string& text = visit.file.source.text();
  const sql::Range body = sql::quoted_body(text, visit.statement.piece.begin, visit.statement.piece.end);
  if (body.end <= body.begin) return;
  const sql::Code code = sql::read_code(text, body.begin, body.end);
  for (const sql::Range& loop : code.loops) {
    const auto inside = [&](const sql::Range& each) { return each.begin >= loop.begin && each.end <= loop.end; };
    const bool commits = std::any_of(code.commits.begin(), code.commits.end(), inside);
    const auto writes = std::find_if(code.statements.begin(), code.statements.end(), [&](const sql::Range& each) {
      const std::string start = lower(text.substr(each.begin, 6));
      return inside(each) && (start == "update" || start == "delete");
    });
    if (writes == code.statements.end()) continue;
    const std::string written = lower(text.substr(writes->begin, writes->end - writes->begin));
    const bool batches = written.find("limit") != std::string::npos || written.find("between") != std::string::npos ||
                         written.find("batch") != std::string::npos;
    if (!batches || (commits && !visit.in_transaction)) continue;
    visit
        .report(*writes,
                commits ? "COMMIT in a loop is refused inside a transaction"
                        : "batches inside one transaction release nothing: locks and dead rows stay until the last one")
        .safe_form =
        "COMMIT;  -- after each batch, in a procedure or DO block that runs outside a transaction; or a `backfill` "
        "move";
    return;
  }
}

void duplicate_assignment(Visit& visit) {
  std::vector<std::string> seen;
  for (const Node set : visit.tree[visit.tree.is("InsertStmt") ? "cols" : "targetList"]) {
    const std::string name = set["name"].string();
    if (!set["indirection"].empty() || name.empty()) continue;
    if (contains(seen, name))
      visit.report(visit.name_range(set.location()),
                   fmt::format("{} is set twice: the statement is refused", shown(name)));
    seen.push_back(name);
  }
}

}  // namespace

Rules row_rules() {
  return {
      {"update-without-where",
       Severity::warning,
       "all rows are written in one transaction",
       {"F69"},
       "Every row stays locked until the end, replication lags, dead rows fill the table.",
       "Batches by key ranges, each committed.",
       {"UpdateStmt", "DeleteStmt", "InsertStmt", "SelectStmt"},
       all_rows_written},
      {"null-after-default",
       Severity::error,
       "an UPDATE that the DEFAULT left nothing to do",
       {"A4"},
       "ADD COLUMN … DEFAULT fills every existing row. WHERE column IS NULL then matches nothing: old values are lost "
       "without a word.",
       "Add the column without the default, fill it from the old values, then set the default.",
       {"UpdateStmt", "DeleteStmt"},
       null_after_default},
      {"surrogate-key-literal",
       Severity::warning,
       "a generated key written as a literal",
       {"D1"},
       "The number that a sequence gave on one machine is another row, or none, on the next.",
       "Find the row by a natural key.",
       {"UpdateStmt", "DeleteStmt", "InsertStmt", "SelectStmt"},
       surrogate_literal},
      {"undo-by-value",
       Severity::warning,
       "an undo that also takes later rows",
       {"D3"},
       "Rows that the migration wrote and rows written later look the same; the undo wipes both.",
       "Keep the keys of what was changed.",
       {"UpdateStmt", "DeleteStmt"},
       undo_by_value},
      {"not-in-nullable",
       Severity::warning,
       "NOT IN over values that can be NULL",
       {"D6"},
       "One NULL among them and NOT IN is never true: a search for orphans finds none, or a mend overwrites the wrong "
       "rows.",
       "NOT EXISTS.",
       {"UpdateStmt", "DeleteStmt", "InsertStmt", "SelectStmt"},
       not_in_subquery},
      {"batches-in-one-transaction",
       Severity::warning,
       "batches that are never committed",
       {"D5", "F69"},
       "A loop of batches inside one transaction holds all their locks to the end.",
       "COMMIT after each batch.",
       {"DoStmt", "CreateFunctionStmt"},
       batches_in_one_transaction},
      {"assigned-twice",
       Severity::error,
       "a column set twice in one UPDATE",
       {"F74"},
       "PostgreSQL refuses it.",
       "Set it once.",
       {"UpdateStmt", "InsertStmt"},
       duplicate_assignment},
  };
}

}  // namespace segue::lint
