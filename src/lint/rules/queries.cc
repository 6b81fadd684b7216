// Queries and views that count, show or compare the wrong thing.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "lint/rules/help.h"

namespace segue::lint {
namespace {

// AND beside OR at one level, without parentheses between them.
void and_or(Visit& visit) {
  sql::walk(visit.tree, [&](Node node) {
    if (!node.is("BoolExpr") || node["boolop"].text() != "OR_EXPR") return true;
    for (const Node argument : node["args"]) {
      if (!argument.is("BoolExpr") || argument["boolop"].text() != "AND_EXPR") continue;
      // In parentheses, a "(" stands before the first sign of the AND and opens before its first operand.
      std::size_t first = std::string::npos;
      sql::walk(argument, [&](Node inner) {
        first = std::min(first, inner.location(std::string::npos));
        return true;
      });
      const std::string& text = visit.file.source.text();
      if (first == std::string::npos || first == 0) continue;
      std::size_t before = first - 1;
      while (before > 0 && (text[before] == ' ' || text[before] == '\n' || text[before] == '\t')) --before;
      if (text[before] == '(') {
        // The parenthesis may be that of the first operand alone, or of the whole condition: it is the AND's own only
        // if it closes right before the OR.
        int depth = 0;
        std::size_t close = before;
        for (; close < visit.statement.piece.end; ++close) {
          if (text[close] == '(') ++depth;
          if (text[close] == ')' && --depth == 0) break;
        }
        std::size_t last = 0;
        sql::walk(argument, [&](Node inner) {
          last = std::max(last, inner.location(0));
          return true;
        });
        const std::size_t or_at = node.location(std::string::npos);
        if (close >= last && (or_at == std::string::npos || close < or_at || node["args"].at(0) != argument)) {
          std::size_t next_or = std::string::npos;
          for (const Node other : node["args"]) {
            if (other != argument) next_or = std::min(next_or, other.location(std::string::npos));
          }
          if (next_or == std::string::npos || close < next_or || node["args"].at(0) != argument) continue;
        }
      }
      visit
          .report(visit.name_range(first),
                  "OR beside AND without parentheses: AND binds tighter, so the OR side is not held to the other "
                  "conditions")
          .safe_form = "… AND (… OR …)";
      return false;
    }
    return true;
  });
}

bool is_count(Node node) {
  return node.is("FuncCall") && sql::last_name(node["funcname"]) == "count";
}
bool selects_count(Node link) {
  return link.is("SubLink") && is_count(link["subselect"]["targetList"].at(0)["val"]);
}

// count = count of two moments or tables does not hold while others write.
void count_equality(Visit& visit) {
  sql::walk(visit.tree, [&](Node node) {
    if (!node.is("A_Expr") || node["kind"].text() != "AEXPR_OP" || sql::last_name(node["name"]) != "=") return true;
    const Node left = node["lexpr"];
    const Node right = node["rexpr"];
    const bool both = (selects_count(left) || is_count(left)) && (selects_count(right) || is_count(right));
    const bool literal = selects_count(left) && right["ival"] && right["ival"]["ival"].number() > 1;
    if (!both && !literal) return true;
    visit
        .report(visit.name_range(node.location(visit.statement.piece.begin)),
                "equal counts prove nothing while others write, and two mistakes can cancel out")
        .safe_form = "-- compare the rows: NOT EXISTS both ways, or an `unchanged` check";
    return true;
  });
}

// The relations that a query reads, without those inside parentheses of their own names.
std::vector<QualifiedName> relations_of(Node query) {
  std::vector<QualifiedName> found;
  sql::walk(query, [&](Node node) {
    if (sql::is_relation(node)) found.push_back(sql::name_of_relation(node));
    return true;
  });
  return found;
}

constexpr const char* soft_delete_names[] = {"deleted_at", "is_deleted", "deletedAt", "archived_at"};

void ignores_soft_delete(Visit& visit) {
  if (!visit.up()) return;
  const Node query = visit.tree.is("ViewStmt")                          ? visit.tree["query"]
                     : visit.tree["objtype"].text() == "OBJECT_MATVIEW" ? visit.tree["query"]
                                                                        : Node();
  if (!query) return;
  const auto columns = columns_in(query);
  for (const QualifiedName& name : relations_of(query)) {
    const Table* table = visit.schema.find(name);
    if (table == nullptr) continue;
    for (const char* mark : soft_delete_names) {
      if (table->column(mark) == nullptr || contains(columns, mark)) continue;
      visit
          .report(fmt::format("{} has {}, and the view never looks at it: deleted rows are shown and counted",
                              shown(name), shown(mark)))
          .safe_form = fmt::format("… WHERE {}.{} IS NULL", name.name, mark);
      return;
    }
  }
}

// SELECT tells nobody anything about a function's name that only the search_path finds.
void extension_function(Visit& visit) {
  if (!visit.schema.from_database || !visit.up()) return;
  bool told = false;
  sql::walk(visit.tree, [&](Node node) {
    if (!node.is("FuncCall") || node["funcname"].size() != 1 || told) return true;
    const std::string name = sql::last_name(node["funcname"]);
    if (visit.schema.function({{}, name}) != nullptr) return true;
    for (const auto& [key, function] : visit.schema.functions()) {
      if (function.name != name || function.extension.empty()) continue;
      visit
          .report(visit.name_range(node.location(visit.statement.piece.begin)),
                  fmt::format("{} belongs to the extension {} and is not on the search_path: function does not exist",
                              shown(name), function.extension))
          .safe_form = key + "(…)";
      told = true;
      return false;
    }
    return true;
  });
  if (told) return;
  static const std::vector<std::string> of_uuid_ossp = {"uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v3",
                                                        "uuid_generate_v4", "uuid_generate_v5"};
  sql::walk(visit.tree, [&](Node node) {
    if (!node.is("FuncCall") || node["funcname"].size() != 1 || told) return true;
    const std::string name = sql::last_name(node["funcname"]);
    if (!contains(of_uuid_ossp, name) || visit.schema.function({{}, name}) != nullptr) return true;
    if (visit.schema.extensions.contains("uuid-ossp")) return true;
    visit
        .report(visit.name_range(node.location(visit.statement.piece.begin)),
                fmt::format("{} needs the extension uuid-ossp, which is not there", shown(name)))
        .safe_form = "gen_random_uuid()";
    told = true;
    return false;
  });
}

}  // namespace

Rules query_rules() {
  return {
      {"and-or-without-parentheses",
       Severity::warning,
       "AND and OR mixed without parentheses",
       {"C17"},
       "`a AND b OR c` is `(a AND b) OR c`: a check written so counts rows that it was not meant to see.",
       "Parentheses that say what is meant.",
       {"SelectStmt", "UpdateStmt", "DeleteStmt", "ViewStmt", "CreatePolicyStmt", "InsertStmt"},
       and_or},
      {"count-equality",
       Severity::warning,
       "counts compared for equality",
       {"D7"},
       "Between the two counts others write; and what was lost and what was doubled can cancel out.",
       "Compare rows, both ways.",
       {"SelectStmt"},
       count_equality},
      {"view-ignores-soft-delete",
       Severity::warning,
       "a view blind to soft deletes",
       {"D10"},
       "Rows marked as deleted are shown and counted.",
       "A condition on the mark.",
       {"ViewStmt", "CreateTableAsStmt"},
       ignores_soft_delete},
      {"function-not-on-search-path",
       Severity::error,
       "an extension's function that is not found",
       {"D11"},
       "Supabase and others keep extensions in a schema of their own; without it on the search_path the name means "
       "nothing.",
       "Qualify it, or use what PostgreSQL has itself.",
       {"CreateStmt", "AlterTableStmt", "InsertStmt", "UpdateStmt", "SelectStmt", "ViewStmt"},
       extension_function},
  };
}

}  // namespace segue::lint
