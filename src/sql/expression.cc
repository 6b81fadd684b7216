#include "sql/expression.h"

#include <pg_query.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

namespace segue::sql {
namespace {

using Tree = nlohmann::json;

bool is_position(const std::string& key) {
  return key == "location" || key == "stmt_location" || key == "stmt_len";
}

// The node of this name inside a wrapper {"TypeCast": {…}}, or nullptr.
Tree* node(Tree& tree, const char* name) {
  if (!tree.is_object() || tree.size() != 1) return nullptr;
  auto found = tree.find(name);
  return found == tree.end() ? nullptr : &*found;
}

// "text" for text and pg_catalog.text; nothing for types of other schemas and for types with a modifier.
std::string plain_type(const Tree& type) {
  if (type.contains("typmods") || type.contains("setof") || !type.contains("names")) return {};
  const Tree& names = type["names"];
  if (names.size() > 1 && names.front()["String"].value("sval", "") != "pg_catalog") return {};
  const Tree& last = names.back();
  return last.contains("String") ? last["String"].value("sval", "") : "";
}

// ARRAY[a, b]::t[] is what was written, ARRAY[a::t, b::t] what comes back after one more reading.
void distribute_array_cast(Tree& tree) {
  Tree* cast = node(tree, "TypeCast");
  if (cast == nullptr || !cast->contains("typeName") || !(*cast)["typeName"].contains("arrayBounds")) return;
  Tree* array = node((*cast)["arg"], "A_ArrayExpr");
  if (array == nullptr || !array->contains("elements")) return;
  Tree element_type = (*cast)["typeName"];
  element_type.erase("arrayBounds");
  for (Tree& element : (*array)["elements"]) {
    if (node(element, "A_ArrayExpr") != nullptr) {
      element = Tree{{"TypeCast", {{"arg", std::move(element)}, {"typeName", (*cast)["typeName"]}}}};
      continue;
    }
    element = Tree{{"TypeCast", {{"arg", std::move(element)}, {"typeName", element_type}}}};
  }
  Tree inner = std::move((*cast)["arg"]);
  tree = std::move(inner);
}

// x::varchar::text is x::text: an unbounded varchar is the same text.
void drop_varchar_within_text(Tree& tree) {
  Tree* outer = node(tree, "TypeCast");
  if (outer == nullptr || plain_type((*outer)["typeName"]) != "text") return;
  if ((*outer)["typeName"].contains("arrayBounds")) return;
  Tree* inner = node((*outer)["arg"], "TypeCast");
  if (inner == nullptr || plain_type((*inner)["typeName"]) != "varchar") return;
  if ((*inner)["typeName"].contains("arrayBounds")) return;
  Tree arg = std::move((*inner)["arg"]);
  (*outer)["arg"] = std::move(arg);
}

bool contains_query(const Tree& tree) {
  if (tree.is_object() && tree.contains("SelectStmt")) return true;
  return tree.is_structured() && std::any_of(tree.begin(), tree.end(), contains_query);
}

void drop_qualifier(Tree& tree, const std::string& qualifier) {
  if (Tree* column = node(tree, "ColumnRef"); column != nullptr && column->contains("fields")) {
    Tree& fields = (*column)["fields"];
    if (fields.size() == 2 && fields[1].contains("String") && fields[0].contains("String") &&
        fields[0]["String"].value("sval", "") == qualifier) {
      fields.erase(fields.begin());
    }
  } else if (tree.is_structured()) {
    for (Tree& part : tree) drop_qualifier(part, qualifier);
  }
}

// SELECT t.a FROM t is printed up to 15, SELECT a FROM t from 16 on. Where nothing else is in sight they are the same.
void drop_only_qualifier(Tree& tree) {
  Tree* query = node(tree, "SelectStmt");
  if (query == nullptr || !query->contains("fromClause") || (*query)["fromClause"].size() != 1) return;
  Tree* relation = node((*query)["fromClause"][0], "RangeVar");
  if (relation == nullptr || contains_query(*query)) return;
  const bool renamed = relation->contains("alias");
  drop_qualifier(*query, renamed ? (*relation)["alias"].value("aliasname", "") : relation->value("relname", ""));
}

// In place: positions in the text go; casts are moved and dropped where PostgreSQL itself does so when it reads what it
// has printed.
void to_normal_form(Tree& tree) {
  if (tree.is_object()) {
    for (auto entry = tree.begin(); entry != tree.end();) {
      if (is_position(entry.key())) {
        entry = tree.erase(entry);
      } else {
        ++entry;
      }
    }
  }
  drop_only_qualifier(tree);
  distribute_array_cast(tree);
  if (tree.is_structured()) {
    for (Tree& part : tree) to_normal_form(part);
  }
  drop_varchar_within_text(tree);
}

// The text with every run of blanks as one, except within quotes; for what the parser does not take.
std::string even_blanks(std::string_view text) {
  std::string result;
  char quote = 0;
  for (const char sign : text) {
    const bool blank = sign == ' ' || sign == '\n' || sign == '\t' || sign == '\r';
    if (quote == 0 && blank) {
      if (!result.empty() && result.back() != ' ') result += ' ';
      continue;
    }
    if (quote == 0 && (sign == '\'' || sign == '"')) {
      quote = sign;
    } else if (sign == quote) {
      quote = 0;
    }
    result += sign;
  }
  if (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

std::optional<Tree> parse(const std::string& sql) {
  const PgQueryParseResult result = pg_query_parse(sql.c_str());
  const std::unique_ptr<const PgQueryParseResult, void (*)(const PgQueryParseResult*)> owner(
      &result, [](const PgQueryParseResult* done) { pg_query_free_parse_result(*done); });
  if (result.error != nullptr || result.parse_tree == nullptr) return std::nullopt;
  auto tree = Tree::parse(result.parse_tree, nullptr, false);
  if (tree.is_discarded()) return std::nullopt;
  return tree;
}

// The text within a statement that makes it whole, so that the parser takes it.
std::string canonical(std::string_view before, std::string_view text, std::string_view after) {
  std::string sql(before);
  sql += text;
  sql += after;
  // A NUL ends what the parser sees, so it would make different texts equal.
  if (sql.find('\0') != std::string::npos) return even_blanks(text);
  auto tree = parse(sql);
  if (!tree) return even_blanks(text);
  to_normal_form(*tree);
  return (*tree)["stmts"].dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string canonical_expression(std::string_view text) {
  return canonical("SELECT (", text, ")");
}

std::string canonical_statement(std::string_view text) {
  return canonical("", text, "");
}

std::string canonical_constraint(std::string_view text) {
  return canonical("ALTER TABLE t ADD ", text, "");
}

std::string canonical_index(std::string_view text) {
  return canonical("CREATE INDEX ON t ", text, "");
}

std::string canonical_arguments(std::string_view text) {
  return canonical("CREATE FUNCTION f(", text, ") RETURNS void LANGUAGE sql AS ''");
}

std::string canonical_body(std::string_view text) {
  return canonical("CREATE FUNCTION f() RETURNS void LANGUAGE sql ", text, "");
}

}  // namespace segue::sql
