#include "sql/names.h"

#include <algorithm>
#include <set>

namespace segue::sql {
namespace {

constexpr std::size_t longest_name = 63;

// At most `limit` bytes, never a part of a sign.
std::string_view clip(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  return text.substr(0, limit);
}

// What PostgreSQL calls a column that is an expression.
std::string expression_name(Node expression) {
  if (expression.is("ColumnRef")) return last_name(expression["fields"]);
  if (expression.is("FuncCall")) return last_name(expression["funcname"]);
  if (expression.is("TypeCast")) {
    const std::string inner = expression_name(expression["arg"]);
    return inner.empty() ? last_name(expression["typeName"]["names"]) : inner;
  }
  if (expression.is("CollateClause")) return expression_name(expression["arg"]);
  if (expression.is("CoalesceExpr")) return "coalesce";
  if (expression.is("MinMaxExpr")) return expression["op"].text() == "IS_LEAST" ? "least" : "greatest";
  if (expression.is("A_ArrayExpr")) return "array";
  if (expression.is("RowExpr")) return "row";
  if (expression.is("CaseExpr")) {
    const std::string inner = expression_name(expression["defresult"]);
    return inner.empty() ? "case" : inner;
  }
  return {};
}

}  // namespace

std::string object_name(std::string_view name1, std::string_view name2, std::string_view label) {
  std::size_t overhead = label.empty() ? 0 : label.size() + 1;
  if (!name2.empty()) ++overhead;
  const std::size_t room = longest_name > overhead ? longest_name - overhead : 0;
  std::size_t length1 = name1.size();
  std::size_t length2 = name2.size();
  while (length1 + length2 > room) --(length1 > length2 ? length1 : length2);
  std::string made(clip(name1, length1));
  if (!name2.empty()) made.append("_").append(clip(name2, length2));
  if (!label.empty()) made.append("_").append(label);
  return made;
}

std::string free_object_name(std::string_view name1, std::string_view name2, std::string_view label,
                             const std::function<bool(const std::string&)>& taken) {
  std::string made = object_name(name1, name2, label);
  for (int number = 1; taken(made); ++number) {
    made = object_name(name1, name2, std::string(label) + std::to_string(number));
  }
  return made;
}

std::string name_addition(const std::vector<std::string>& columns) {
  std::string made;
  for (const std::string& column : columns) {
    if (!made.empty()) made += '_';
    made += column;
    if (made.size() > longest_name) break;
  }
  return made;
}

std::string primary_key_name(std::string_view table) {
  return object_name(table, {}, "pkey");
}
std::string unique_name(std::string_view table, const std::vector<std::string>& columns) {
  return object_name(table, name_addition(columns), "key");
}
std::string exclusion_name(std::string_view table, const std::vector<std::string>& columns) {
  return object_name(table, name_addition(columns), "excl");
}
std::string foreign_key_name(std::string_view table, const std::vector<std::string>& columns) {
  return object_name(table, name_addition(columns), "fkey");
}
std::string index_name(std::string_view table, const std::vector<std::string>& columns) {
  return object_name(table, name_addition(columns), "idx");
}
std::string sequence_name(std::string_view table, std::string_view column) {
  return object_name(table, column, "seq");
}

std::string check_name(std::string_view table, Node expression) {
  std::set<std::string> columns;
  walk(expression, [&](Node node) {
    if (node.is("ColumnRef")) columns.insert(last_name(node["fields"]));
    return true;
  });
  return object_name(table, columns.size() == 1 ? *columns.begin() : std::string(), "check");
}

std::vector<std::string> index_column_names(Node index_elements) {
  std::vector<std::string> made;
  for (Node element : index_elements) {
    // An exclusion lists pairs of element and operator.
    if (element.is("List")) element = *element["items"].begin();
    std::string name = element["name"].string();
    if (name.empty()) name = expression_name(element["expr"]);
    if (name.empty()) name = "expr";
    std::string unique = name;
    for (int number = 1; std::find(made.begin(), made.end(), unique) != made.end(); ++number) {
      unique = name + std::to_string(number);
    }
    made.push_back(unique);
  }
  return made;
}

std::string constraint_name(Node constraint, std::string_view table, std::string_view column) {
  if (const std::string given = constraint["conname"].string(); !given.empty()) return given;
  const std::string_view type = constraint["contype"].text();
  const auto columns = [&](const char* field) {
    std::vector<std::string> names = names_of(constraint[field]);
    if (names.empty() && !column.empty()) names.emplace_back(column);
    return names;
  };
  if (type == "CONSTR_PRIMARY" || type == "CONSTR_UNIQUE") {
    if (constraint["indexname"]) return constraint["indexname"].string();
    return type == "CONSTR_PRIMARY" ? primary_key_name(table) : unique_name(table, columns("keys"));
  }
  if (type == "CONSTR_FOREIGN") return foreign_key_name(table, columns("fk_attrs"));
  if (type == "CONSTR_CHECK") return check_name(table, constraint["raw_expr"]);
  if (type == "CONSTR_EXCLUSION") return exclusion_name(table, index_column_names(constraint["exclusions"]));
  return {};
}

}  // namespace segue::sql
