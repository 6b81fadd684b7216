#include "lint/replay_table.h"

#include <algorithm>

#include "lint/replay.h"
#include "sql/facts.h"
#include "sql/names.h"
#include "sql/types.h"

namespace segue::lint {
namespace {

using sql::Node;

void add_constraint(Schema& schema, Table& table, Constraint constraint) {
  if (constraint.type == ConstraintType::primary || constraint.type == ConstraintType::unique) {
    Index index;
    index.name = constraint.name;
    index.columns = constraint.columns;
    index.unique = true;
    index.of_constraint = true;
    index.made_in = constraint.made_in;
    note_index(schema, {table.name.schema, index.name}, table.name);
    table.indexes.push_back(std::move(index));
  }
  if (constraint.type == ConstraintType::primary) {
    for (const std::string& name : constraint.columns) {
      if (Column* column = table.column(name); column != nullptr) column->not_null = true;
    }
  }
  schema.add_constraint(table, std::move(constraint));
}

// Of a CHECK its condition is kept, to try constants on.
void keep_text(Constraint& constraint, Node node, std::string_view text) {
  if (constraint.type != ConstraintType::check) return;
  const std::string condition = expression_text(node["raw_expr"], text);
  if (!condition.empty()) constraint.text = "CHECK (" + condition + ")";
}

void add_column(Schema& schema, Table& table, Node definition, std::string_view text, int file) {
  Column column;
  column.name = definition["colname"].string();
  column.type = sql::type_text(definition["typeName"]);
  column.is_key_counter = sql::is_serial(definition["typeName"]);
  column.not_null = column.is_key_counter || definition["is_not_null"].truth();
  column.made_in = file;
  std::vector<Constraint> constraints;
  for (const Node node : definition["constraints"]) {
    const std::string_view type = node["contype"].text();
    if (type == "CONSTR_NOTNULL") {
      column.not_null = true;
    } else if (type == "CONSTR_DEFAULT") {
      column.default_text = expression_text(node["raw_expr"], text);
    } else if (type == "CONSTR_IDENTITY") {
      column.is_key_counter = column.not_null = true;
    } else if (type == "CONSTR_GENERATED") {
      column.is_generated = true;
    } else if (type == "CONSTR_PRIMARY" || type == "CONSTR_UNIQUE" || type == "CONSTR_FOREIGN" ||
               type == "CONSTR_CHECK") {
      constraints.push_back(constraint_of(node, table.name, column.name));
      constraints.back().made_in = file;
      keep_text(constraints.back(), node, text);
    }
  }
  if (column.is_key_counter) {
    schema.sequences[Schema::key({table.name.schema, sql::sequence_name(table.name.name, column.name)})] =
        Schema::key(table.name) + "." + column.name;
  }
  if (Column* before = table.column(column.name); before != nullptr) {
    if (!before->type.empty()) return;  // it is there already
    *before = column;
  } else {
    table.columns.push_back(std::move(column));
  }
  for (Constraint& constraint : constraints) add_constraint(schema, table, std::move(constraint));
}

void drop_column(Table& table, const std::string& name) {
  std::erase_if(table.columns, [&](const Column& column) { return column.name == name; });
  const auto uses = [&](const auto& each) {
    return std::find(each.columns.begin(), each.columns.end(), name) != each.columns.end();
  };
  std::erase_if(table.constraints, uses);
  std::erase_if(table.indexes, uses);
}

void alter(Schema& schema, Table& table, Node command, std::string_view text, int file) {
  const std::string_view type = command["subtype"].text();
  const std::string name = command["name"].string();
  const Node definition = command["def"];
  Column* const column = table.column(name);
  if (type == "AT_AddColumn") {
    add_column(schema, table, definition, text, file);
  } else if (type == "AT_DropColumn") {
    drop_column(table, name);
  } else if (type == "AT_AddConstraint") {
    Constraint constraint = constraint_of(definition, table.name, {});
    constraint.made_in = file;
    keep_text(constraint, definition, text);
    if (definition["indexname"]) {
      const Index* index = table.index(definition["indexname"].text());
      if (index != nullptr) constraint.columns = index->columns;
      if (constraint.type == ConstraintType::primary) {
        for (const std::string& key : constraint.columns) {
          if (Column* part = table.column(key); part != nullptr) part->not_null = true;
        }
      }
      table.constraints.push_back(std::move(constraint));
      return;
    }
    if (table.constraint(constraint.name) == nullptr) add_constraint(schema, table, std::move(constraint));
  } else if (type == "AT_DropConstraint") {
    std::erase_if(table.constraints, [&](const Constraint& each) { return each.name == name; });
    std::erase_if(table.indexes, [&](const Index& each) { return each.of_constraint && each.name == name; });
  } else if (type == "AT_ValidateConstraint") {
    for (Constraint& each : table.constraints) each.valid = each.valid || each.name == name;
  } else if (type == "AT_EnableRowSecurity") {
    table.row_security = true;
  } else if (type == "AT_DisableRowSecurity") {
    table.row_security = false;
  } else if (type == "AT_AttachPartition") {
    Table& part = schema.at(sql::name_of_relation(definition["name"]));
    part.parent = table.name;
    part.is_default_partition = definition["bound"]["is_default"].truth();
  } else if (type == "AT_DetachPartition") {
    schema.at(sql::name_of_relation(definition["name"])).parent.reset();
  } else if (column == nullptr) {
    // What follows changes a column; of one that nobody knows only NOT NULL is worth remembering.
    if (type != "AT_SetNotNull") return;
    Column unknown;
    unknown.name = name;
    unknown.not_null = true;
    table.columns.push_back(std::move(unknown));
  } else if (type == "AT_SetNotNull") {
    column->not_null_later = column->not_null_later || !column->not_null;
    column->not_null = true;
  } else if (type == "AT_DropNotNull") {
    column->not_null = false;
  } else if (type == "AT_AlterColumnType") {
    column->type = sql::type_text(definition["typeName"]);
  } else if (type == "AT_ColumnDefault") {
    column->default_text = definition ? expression_text(definition, text) : std::string();
  } else if (type == "AT_AddIdentity") {
    column->is_key_counter = true;
  }
}

// Commands that partitions and heirs follow.
bool is_inherited(std::string_view type) {
  return type == "AT_AddColumn" || type == "AT_DropColumn" || type == "AT_AlterColumnType" || type == "AT_SetNotNull" ||
         type == "AT_DropNotNull" || type == "AT_ColumnDefault";
}

// A file can say that two tables are partitions of each other; nothing real nests this deep.
constexpr int deepest_partition = 16;

void alter_with_children(Schema& schema, const QualifiedName& name, Node command, std::string_view text, int file,
                         int depth = 0) {
  alter(schema, schema.at(name), command, text, file);
  if (!is_inherited(command["subtype"].text()) || depth == deepest_partition) return;
  for (const QualifiedName& child : schema.children(name)) {
    alter_with_children(schema, child, command, text, file, depth + 1);
  }
}

}  // namespace

void create_table(Schema& schema, Node tree, std::string_view text, int file) {
  Table made;
  made.name = sql::name_of_relation(tree["relation"]);
  if (tree["if_not_exists"].truth() && schema.find(made.name) != nullptr) return;
  made.kind = tree["partspec"] ? 'p' : 'r';
  made.made_in = file;
  made.complete = true;
  Table& table = schema.add(std::move(made));
  for (const Node parent : tree["inhRelations"]) {
    Table* source = schema.find(sql::name_of_relation(parent));
    if (source == nullptr || source == &table) {
      table.complete = false;
    } else {
      source->has_children = true;
      for (const Column& column : source->columns) table.columns.push_back(column);
      table.complete = table.complete && source->complete;
    }
    if (source != &table) table.parent = sql::name_of_relation(parent);
    if (tree["partbound"]) {
      table.is_default_partition = tree["partbound"]["is_default"].truth();
    }
  }
  for (const Node element : tree["tableElts"]) {
    if (element.is("ColumnDef")) add_column(schema, table, element, text, file);
    if (element.is("TableLikeClause")) {
      const Table* source = schema.find(sql::name_of_relation(element["relation"]));
      table.complete = table.complete && source != nullptr && source->complete;
      if (source != nullptr) {
        for (const Column& column : source->columns) table.columns.push_back(column);
      }
    }
  }
  if (tree["ofTypename"]) table.complete = false;
  for (const Node element : tree["tableElts"]) {
    if (!element.is("Constraint")) continue;
    Constraint constraint = constraint_of(element, table.name, {});
    constraint.made_in = file;
    keep_text(constraint, element, text);
    add_constraint(schema, table, std::move(constraint));
  }
}

void alter_table(Schema& schema, Node tree, std::string_view text, int file) {
  if (tree["objtype"].text() == "OBJECT_INDEX" || tree["objtype"].text() == "OBJECT_SEQUENCE") return;
  const QualifiedName name = sql::name_of_relation(tree["relation"]);
  for (const Node command : tree["cmds"]) {
    if (tree["relation"]["inh"].truth()) {
      alter_with_children(schema, name, command, text, file);
    } else {
      alter(schema, schema.at(name), command, text, file);
    }
  }
}

void rename_column(Schema& schema, Table& table, const std::string& before, const std::string& after) {
  const auto change = [&](std::vector<std::string>& columns) {
    std::replace(columns.begin(), columns.end(), before, after);
  };
  if (Column* column = table.column(before); column != nullptr) column->name = after;
  for (Constraint& each : table.constraints) change(each.columns);
  for (Index& each : table.indexes) change(each.columns);
  for (const QualifiedName& child : before == after ? std::vector<QualifiedName>() : schema.children(table.name)) {
    Table* heir = schema.find(child);
    if (heir != nullptr && heir->column(before) != nullptr) rename_column(schema, *heir, before, after);
  }
  for (const auto& [unused, other] : schema.tables()) {
    for (Constraint& each : other->constraints) {
      if (each.type == ConstraintType::foreign && schema.find(each.to) == &table) change(each.to_columns);
    }
  }
}

}  // namespace segue::lint
