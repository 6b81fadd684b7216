#include "lint/replay.h"

#include <algorithm>

#include "lint/replay_table.h"
#include "sql/facts.h"
#include "sql/names.h"
#include "sql/types.h"

namespace segue::lint {
namespace {

using sql::Node;

void create_view(Schema& schema, Node tree, int file) {
  Table view;
  view.kind = 'v';
  view.name = sql::name_of_relation(tree["view"]);
  view.made_in = file;
  if (tree["replace"].truth()) {
    if (const Table* before = schema.find(view.name); before != nullptr) view.made_in = before->made_in;
  }
  schema.add(std::move(view));
}

void create_index(Schema& schema, Node tree, std::string_view text, int file) {
  const QualifiedName name = sql::name_of_relation(tree["relation"]);
  Index index = index_of(tree, text);
  index.made_in = file;
  Table& table = schema.at(name);
  const std::string first = index.name;
  const bool named = !tree["idxname"].text().empty();
  for (int number = 1; !named && table.index(index.name) != nullptr; ++number)
    index.name = first + std::to_string(number);
  if (table.index(index.name) != nullptr) return;
  note_index(schema, {name.schema, index.name}, name);
  table.indexes.push_back(std::move(index));
}

void create_trigger(Schema& schema, Node tree, int file) {
  Trigger trigger;
  trigger.name = tree["trigname"].string();
  trigger.function = Schema::key(sql::name_of_list(tree["funcname"]));
  trigger.made_in = file;
  schema.at(sql::name_of_relation(tree["relation"])).triggers.push_back(std::move(trigger));
}

void create_policy(Schema& schema, Node tree, int file) {
  Policy policy = policy_of(tree);
  policy.made_in = file;
  schema.at(sql::name_of_relation(tree["table"])).policies.push_back(std::move(policy));
}

void create_function(Schema& schema, Node tree, const sql::Statement& statement, int file) {
  Function function;
  const QualifiedName name = sql::name_of_list(tree["funcname"]);
  function.name = name.name;
  function.made_in = file;
  function.definition = std::string(statement.text);
  for (const Node option : tree["options"]) {
    const std::string_view what = option["defname"].text();
    if (what == "volatility") function.is_volatile = option["arg"].text() == "volatile";
    if (what == "language") function.language = option["arg"].string();
  }
  schema.add_function(name, std::move(function));
}

void create_type(Schema& schema, Node tree, int file) {
  Type type;
  type.made_in = file;
  QualifiedName name;
  if (tree.is("CreateEnumStmt")) {
    type.kind = 'e';
    type.labels = sql::names_of(tree["vals"]);
    name = sql::name_of_list(tree["typeName"]);
  } else if (tree.is("CreateDomainStmt")) {
    type.kind = 'd';
    type.base = sql::type_text(tree["typeName"]);
    type.constrained = !tree["constraints"].empty();
    for (const Node constraint : tree["constraints"]) {
      const std::string_view kind = constraint["contype"].text();
      if (kind == "CONSTR_DEFAULT" || kind == "CONSTR_NULL") type.constrained = tree["constraints"].size() > 1;
    }
    name = sql::name_of_list(tree["domainname"]);
  } else {
    type.kind = 'c';
    name = sql::name_of_relation(tree["typevar"]);
  }
  schema.add_type(name, std::move(type));
}

void alter_enum(Schema& schema, Node tree) {
  Type* type = schema.type(sql::name_of_list(tree["typeName"]));
  if (type == nullptr) return;
  if (!tree["oldVal"]) {
    type->labels.push_back(tree["newVal"].string());
    return;
  }
  std::replace(type->labels.begin(), type->labels.end(), tree["oldVal"].string(), tree["newVal"].string());
}

template <class List>
void erase_named(List& list, const std::string& name) {
  std::erase_if(list, [&](const auto& each) { return each.name == name; });
}

void drop(Schema& schema, Node tree) {
  const std::string object = sql::object_word(tree["removeType"].text());
  for (const Node named : tree["objects"]) {
    if (named.is("String")) {
      if (object == "schema") schema.remove_schema(named.string());
      if (object == "extension") schema.extensions.erase(named.string());
      continue;
    }
    const std::vector<std::string> parts = sql::names_of(named);
    if ((object == "trigger" || object == "policy") && parts.size() >= 2) {
      const QualifiedName name{parts.size() > 2 ? parts[parts.size() - 3] : std::string(), parts[parts.size() - 2]};
      if (Table* table = schema.find(name); table != nullptr) {
        object == "trigger" ? erase_named(table->triggers, parts.back()) : erase_named(table->policies, parts.back());
      }
      continue;
    }
    if (named.is("ObjectWithArgs")) {
      schema.remove_function(sql::name_of_list(named["objname"]));
    } else if (named.is("TypeName")) {
      schema.remove_type(sql::name_of_list(named["names"]));
    } else if (object == "index") {
      const QualifiedName index = sql::name_of_list(named);
      if (const auto table = schema.table_of_index(index)) erase_named(schema.find(*table)->indexes, index.name);
    } else if (object == "table" || object == "view" || object == "materialized view") {
      schema.remove(sql::name_of_list(named));
    }
  }
}

void rename(Schema& schema, Node tree) {
  const std::string_view type = tree["renameType"].text();
  const std::string next = tree["newname"].string();
  if (type == "OBJECT_TYPE" || type == "OBJECT_DOMAIN") {
    const QualifiedName renamed = sql::name_of_list(tree["object"]);
    return schema.rename_type(renamed, {renamed.schema, next});
  }
  if (type == "OBJECT_SCHEMA") return schema.rename_schema(tree["subname"].string(), next);
  const QualifiedName name = sql::name_of_relation(tree["relation"]);
  if (type == "OBJECT_TABLE" || type == "OBJECT_VIEW" || type == "OBJECT_MATVIEW") {
    if (schema.find(name) != nullptr) schema.rename(name, {name.schema, next});
    return;
  }
  if (type == "OBJECT_INDEX") {
    const auto owner = schema.table_of_index(name);
    if (!owner) return;
    for (Index& index : schema.find(*owner)->indexes) {
      if (index.name == name.name) index.name = next;
    }
    note_index(schema, {name.schema, next}, *owner);
    return;
  }
  Table* table = schema.find(name);
  if (table == nullptr) return;
  const std::string before = tree["subname"].string();
  if (type == "OBJECT_COLUMN") rename_column(schema, *table, before, next);
  if (type == "OBJECT_TABCONSTRAINT") {
    for (Constraint& constraint : table->constraints) {
      if (constraint.name == before) constraint.name = next;
    }
  }
}

// SET search_path decides where names are looked for.
void set(Schema& schema, Node tree) {
  const std::string_view kind = tree["kind"].text();
  if (kind != "VAR_RESET_ALL" && tree["name"].text() != "search_path") return;
  if (kind == "VAR_RESET_ALL" || kind == "VAR_RESET" || kind == "VAR_SET_DEFAULT") {
    schema.search_path = schema.usual_search_path;
    return;
  }
  if (tree["is_local"].truth() && !schema.search_path_before_local) {
    schema.search_path_before_local = schema.search_path;
  }
  std::vector<std::string> path;
  for (const Node argument : tree["args"]) {
    const std::string name = argument["sval"]["sval"].string();
    if (!name.empty() && name != "$user" && name != "pg_catalog") path.push_back(name);
  }
  if (!path.empty()) schema.search_path = std::move(path);
}

void end_transaction(Schema& schema, Node tree) {
  const std::string_view kind = tree["kind"].text();
  if (kind != "TRANS_STMT_COMMIT" && kind != "TRANS_STMT_ROLLBACK") return;
  if (schema.search_path_before_local) schema.search_path = *schema.search_path_before_local;
  schema.search_path_before_local.reset();
}

// An UPDATE of all rows fills the columns that it sets.
void update(Schema& schema, Node tree) {
  Table* table = schema.find(sql::name_of_relation(tree["relation"]));
  if (table == nullptr) return;
  for (const Node target : tree["targetList"]) {
    if (Column* column = table->column(target["name"].text()); column != nullptr) column->filled = true;
  }
}

}  // namespace

void replay(Schema& schema, const sql::Statement& statement, int file) {
  const Node tree = statement.tree;
  const std::string_view tag = tree.tag();
  // Trees carry positions in the file; their texts are cut out of the statement by these.
  const std::string_view whole(statement.text.data() - statement.piece.begin,
                               statement.piece.begin + statement.text.size());
  if (tag == "CreateStmt") {
    create_table(schema, tree, whole, file);
  } else if (tag == "AlterTableStmt") {
    alter_table(schema, tree, whole, file);
  } else if (tag == "IndexStmt") {
    create_index(schema, tree, whole, file);
  } else if (tag == "ViewStmt") {
    create_view(schema, tree, file);
  } else if (tag == "CreateTableAsStmt") {
    Table table;
    table.kind = tree["objtype"].text() == "OBJECT_MATVIEW" ? 'm' : 'r';
    table.name = sql::name_of_relation(tree["into"]["rel"]);
    table.made_in = file;
    schema.add(std::move(table));
  } else if (tag == "CreateTrigStmt") {
    create_trigger(schema, tree, file);
  } else if (tag == "CreatePolicyStmt") {
    create_policy(schema, tree, file);
  } else if (tag == "CreateFunctionStmt") {
    create_function(schema, tree, statement, file);
  } else if (tag == "CreateEnumStmt" || tag == "CreateDomainStmt" || tag == "CompositeTypeStmt") {
    create_type(schema, tree, file);
  } else if (tag == "AlterEnumStmt") {
    alter_enum(schema, tree);
  } else if (tag == "AlterDomainStmt") {
    Type* domain = schema.type(sql::name_of_list(tree["typeName"]));
    if (domain != nullptr && (tree["subtype"].text() == "C" || tree["subtype"].text() == "O"))
      domain->constrained = true;
  } else if (tag == "DropStmt") {
    drop(schema, tree);
  } else if (tag == "RenameStmt") {
    rename(schema, tree);
  } else if (tag == "AlterObjectSchemaStmt" && tree["relation"]) {
    const QualifiedName name = sql::name_of_relation(tree["relation"]);
    if (schema.find(name) != nullptr) schema.rename(name, {tree["newschema"].string(), name.name});
  } else if (tag == "VariableSetStmt") {
    set(schema, tree);
  } else if (tag == "TransactionStmt") {
    end_transaction(schema, tree);
  } else if (tag == "DiscardStmt" && tree["target"].text() == "DISCARD_ALL") {
    schema.search_path = schema.usual_search_path;
  } else if (tag == "UpdateStmt") {
    update(schema, tree);
  } else if (tag == "CreateExtensionStmt") {
    schema.extensions[tree["extname"].string()] = "";
  }
}

}  // namespace segue::lint
