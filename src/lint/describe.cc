// Constraints, indexes and policies as their nodes say them; see replay.h.
#include <algorithm>

#include "lint/replay.h"
#include "sql/facts.h"
#include "sql/names.h"

namespace segue::lint {

using sql::Node;

std::vector<std::string> columns_in(Node expression) {
  std::vector<std::string> columns;
  sql::walk(expression, [&](Node node) {
    if (node.is("ColumnRef")) {
      std::string name = sql::last_name(node["fields"]);
      if (!name.empty() && std::find(columns.begin(), columns.end(), name) == columns.end()) {
        columns.push_back(std::move(name));
      }
    }
    return true;
  });
  return columns;
}

std::vector<std::string> proves_not_null(Node condition) {
  std::vector<std::string> proved;
  std::vector<Node> open{condition};
  while (!open.empty()) {
    const Node node = open.back();
    open.pop_back();
    if (node.is("BoolExpr") && node["boolop"].text() == "AND_EXPR") {
      for (const Node argument : node["args"]) open.push_back(argument);
    } else if (node.is("NullTest") && node["nulltesttype"].text() == "IS_NOT_NULL" && node["arg"].is("ColumnRef")) {
      proved.push_back(sql::last_name(node["arg"]["fields"]));
    }
  }
  return proved;
}

Constraint constraint_of(Node node, const QualifiedName& table, const std::string& column) {
  Constraint made;
  const std::string_view type = node["contype"].text();
  made.name = sql::constraint_name(node, table.name, column);
  made.valid = !node["skip_validation"].truth();
  const auto columns = [&](const char* field) {
    std::vector<std::string> names = sql::names_of(node[field]);
    if (names.empty() && !column.empty()) names.push_back(column);
    return names;
  };
  if (type == "CONSTR_PRIMARY" || type == "CONSTR_UNIQUE") {
    made.type = type == "CONSTR_PRIMARY" ? ConstraintType::primary : ConstraintType::unique;
    made.columns = columns("keys");
  } else if (type == "CONSTR_FOREIGN") {
    made.type = ConstraintType::foreign;
    made.columns = columns("fk_attrs");
    made.to = sql::name_of_relation(node["pktable"]);
    made.to_columns = sql::names_of(node["pk_attrs"]);
    const std::string_view action = node["fk_del_action"].text();
    if (!action.empty()) made.on_delete = action.front();
  } else if (type == "CONSTR_EXCLUSION") {
    made.type = ConstraintType::exclude;
    made.columns = sql::index_column_names(node["exclusions"]);
  } else {
    made.type = ConstraintType::check;
    made.columns = columns_in(node["raw_expr"]);
    made.not_null_columns = proves_not_null(node["raw_expr"]);
  }
  return made;
}

Index index_of(Node tree, std::string_view text) {
  Index index;
  const std::string table = tree["relation"]["relname"].string();
  const auto names = sql::index_column_names(tree["indexParams"]);
  index.name = tree["idxname"].string();
  if (index.name.empty()) index.name = sql::index_name(table, names);
  for (const Node element : tree["indexParams"]) {
    if (element["name"]) {
      index.columns.push_back(element["name"].string());
    } else {
      index.columns.push_back(expression_text(element["expr"], text));
      index.plain = false;
    }
    index.options += element["ordering"].string() + element["nulls_ordering"].string() + ";";
    for (const Node part : element["opclass"]) index.options += part.string();
  }
  index.unique = tree["unique"].truth();
  index.nulls_not_distinct = tree["nulls_not_distinct"].truth();
  if (tree["whereClause"]) index.predicate = expression_text(tree["whereClause"], text);
  if (tree["accessMethod"]) index.method = tree["accessMethod"].string();
  return index;
}

Policy policy_of(Node tree) {
  Policy policy;
  policy.name = tree["policy_name"].string();
  policy.permissive = tree["permissive"].truth();
  policy.command = tree["cmd_name"].string();
  for (const Node role : tree["roles"]) {
    policy.roles.push_back(role["rolename"] ? role["rolename"].string() : std::string("public"));
  }
  const Node condition = tree["qual"];
  policy.always_true = condition.is("A_Const") && condition["boolval"]["boolval"].truth();
  return policy;
}

}  // namespace segue::lint
