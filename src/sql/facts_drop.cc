// Everything that begins with DROP.
#include "sql/facts_builder.h"

namespace segue::sql {
namespace {

std::string upper(std::string_view text) {
  std::string made(text);
  for (char& sign : made) sign = static_cast<char>(sign >= 'a' && sign <= 'z' ? sign - 32 : sign);
  return made;
}

void drop(FactsBuilder& builder) {
  const Node tree = builder.tree;
  const std::string object = object_word(tree["removeType"].text());
  const bool concurrent = tree["concurrent"].truth();
  builder.is(Kind::drop, "DROP " + upper(object) + (concurrent ? " CONCURRENTLY" : ""));
  builder.facts.transactional = !concurrent;
  builder.facts.reversible = object != "table" && object != "schema" && object != "sequence" && object != "type";
  for (const Node named : tree["objects"]) {
    const std::vector<std::string> parts = names_of(named);
    if (object == "trigger" || object == "policy" || object == "rule") {
      if (parts.size() < 2) continue;
      const std::string schema = parts.size() > 2 ? parts[parts.size() - 3] : std::string();
      const QualifiedName table{schema, parts[parts.size() - 2]};
      builder.touch(object, {table.name, parts.back()}, Role::drops);
      builder.touch("table", table, Role::alters, Lock::access_exclusive);
      continue;
    }
    QualifiedName name;
    if (named.is("ObjectWithArgs")) {
      name = name_of_list(named["objname"]);
    } else if (named.is("TypeName")) {
      name = name_of_list(named["names"]);
    } else if (named.is("String")) {
      name.name = named.string();
    } else {
      name = name_of_list(named);
    }
    const bool relation = object == "table" || object == "view" || object == "materialized view" ||
                          object == "sequence" || object == "foreign table" || object == "index";
    const Lock lock = !relation ? Lock::none : concurrent ? Lock::share_update_exclusive : Lock::access_exclusive;
    builder.touch(object, name, Role::drops, lock);
    if (object == "index") {
      if (const auto table = builder.knowledge.table_of_index(name)) {
        builder.touch("table", *table, Role::alters, lock);
      } else {
        builder.unsure("which table the index is on; it is locked too");
      }
    } else if (object == "table") {
      for (const QualifiedName& other : builder.knowledge.referenced(name, {})) {
        builder.touch("table", other, Role::refers, Lock::access_exclusive);
      }
      if (tree["behavior"].text() != "DROP_CASCADE") continue;
      for (const QualifiedName& other : builder.knowledge.referencing(name, {})) {
        builder.touch("table", other, Role::refers, Lock::access_exclusive);
      }
      for (const QualifiedName& view : builder.knowledge.readers(name, {})) {
        builder.touch("view", view, Role::drops, Lock::access_exclusive);
      }
    }
  }
}

}  // namespace

bool drop_facts(FactsBuilder& builder) {
  const Node tree = builder.tree;
  const std::string_view tag = tree.tag();
  if (tag == "DropStmt") {
    drop(builder);
  } else if (tag == "DropdbStmt") {
    builder.is(Kind::drop, "DROP DATABASE");
    builder.touch("database", {{}, tree["dbname"].string()}, Role::drops);
    builder.facts.transactional = false;
    builder.facts.reversible = false;
  } else if (tag == "DropTableSpaceStmt") {
    builder.is(Kind::drop, "DROP TABLESPACE");
    builder.facts.transactional = false;
  } else if (tag == "DropRoleStmt" || tag == "DropOwnedStmt" || tag == "DropUserMappingStmt") {
    builder.is(Kind::drop, tag == "DropOwnedStmt" ? "DROP OWNED" : "DROP ROLE");
    builder.facts.reversible = false;
    if (tag == "DropOwnedStmt") builder.unsure("what the role owns");
  } else if (tag == "DropSubscriptionStmt") {
    builder.is(Kind::drop, "DROP SUBSCRIPTION");
    builder.facts.transactional = false;
  } else {
    return false;
  }
  return true;
}

}  // namespace segue::sql
