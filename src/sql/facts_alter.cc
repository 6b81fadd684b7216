// RENAME, SET SCHEMA, OWNER, ALTER TYPE, ALTER DOMAIN, ALTER POLICY and the other ALTERs.
#include "sql/facts_builder.h"

namespace segue::sql {
namespace {

bool is_relation_word(const std::string& object) {
  return object == "table" || object == "view" || object == "materialized view" || object == "index" ||
         object == "sequence" || object == "foreign table";
}

void rename(FactsBuilder& builder) {
  const Node tree = builder.tree;
  const std::string object = object_word(tree["renameType"].text());
  builder.is(Kind::rename, "RENAME");
  if (!tree["relation"]) {
    const QualifiedName name =
        tree["object"].is("List") ? name_of_list(tree["object"]) : QualifiedName{{}, tree["subname"].string()};
    builder.touch(object, name, Role::alters).column = tree["newname"].string();
    return;
  }
  const QualifiedName name = name_of_relation(tree["relation"]);
  const Lock lock = object == "index" ? Lock::share_update_exclusive : Lock::access_exclusive;
  const std::string kind = is_relation_word(object) ? object : "table";
  builder.touch(kind, name, Role::alters, lock).column = tree["subname"].string();
}

void alter_schema(FactsBuilder& builder) {
  const Node tree = builder.tree;
  const std::string object = object_word(tree["objectType"].text());
  builder.is(Kind::alter_other, "SET SCHEMA");
  if (tree["relation"]) {
    builder.touch(object, name_of_relation(tree["relation"]), Role::alters, Lock::access_exclusive);
  } else {
    builder.touch(object, name_of_list(tree["object"]), Role::alters);
  }
}

void alter_domain(FactsBuilder& builder) {
  const Node tree = builder.tree;
  builder.is(Kind::alter_domain, "ALTER DOMAIN");
  const QualifiedName domain = name_of_list(tree["typeName"]);
  builder.touch("domain", domain, Role::alters);
  // C adds a constraint, V validates one, O sets NOT NULL.
  const std::string_view change = tree["subtype"].text();
  const bool checks = change == "O" || change == "V" || (change == "C" && !tree["def"]["skip_validation"].truth());
  if (!checks) return;
  builder.facts.scans = true;
  builder.facts.blocks = blocks_of(Lock::share);
  const auto tables = builder.knowledge.tables_with_type(domain);
  if (tables.empty()) builder.unsure("which tables have columns of the domain; each is locked and scanned");
  for (const QualifiedName& table : tables) {
    builder.touch("table", table, Role::alters, Lock::share).scans = true;
  }
}

struct Simple {
  std::string_view tag;
  const char* word;
  const char* object;
  const char* name_field;
  Lock lock;  // on the relation in name_field
};
constexpr Simple simple_alters[] = {
    {"AlterSeqStmt", "ALTER SEQUENCE", "sequence", "sequence", Lock::share_row_exclusive},
    {"AlterPolicyStmt", "ALTER POLICY", "table", "table", Lock::access_exclusive},
    {"AlterTableSpaceOptionsStmt", "ALTER TABLESPACE", "tablespace", "tablespacename", Lock::none},
    {"AlterExtensionStmt", "ALTER EXTENSION", "extension", "extname", Lock::none},
    {"AlterExtensionContentsStmt", "ALTER EXTENSION", "extension", "extname", Lock::none},
    {"AlterFunctionStmt", "ALTER FUNCTION", "function", "func", Lock::none},
    {"AlterRoleStmt", "ALTER ROLE", "role", "role", Lock::none},
    {"AlterRoleSetStmt", "ALTER ROLE", "role", "role", Lock::none},
    {"AlterDatabaseStmt", "ALTER DATABASE", "database", "dbname", Lock::none},
    {"AlterDatabaseSetStmt", "ALTER DATABASE", "database", "dbname", Lock::none},
    {"AlterPublicationStmt", "ALTER PUBLICATION", "publication", "pubname", Lock::none},
    {"AlterSubscriptionStmt", "ALTER SUBSCRIPTION", "subscription", "subname", Lock::none},
    {"AlterDefaultPrivilegesStmt", "ALTER DEFAULT PRIVILEGES", "privileges", "", Lock::none},
    {"AlterStatsStmt", "ALTER STATISTICS", "statistics", "defnames", Lock::none},
    {"AlterTypeStmt", "ALTER TYPE", "type", "typeName", Lock::none},
    {"AlterCompositeTypeStmt", "ALTER TYPE", "type", "typeName", Lock::none},
    {"AlterSystemStmt", "ALTER SYSTEM", "setting", "", Lock::none},
    {"AlterEventTrigStmt", "ALTER EVENT TRIGGER", "event trigger", "trigname", Lock::none},
    {"AlterObjectDependsStmt", "DEPENDS ON EXTENSION", "object", "", Lock::none},
    {"AlterCollationStmt", "ALTER COLLATION", "collation", "collname", Lock::none},
    {"AlterTSDictionaryStmt", "ALTER TEXT SEARCH DICTIONARY", "dictionary", "dictname", Lock::none},
    {"AlterTSConfigurationStmt", "ALTER TEXT SEARCH CONFIGURATION", "configuration", "cfgname", Lock::none},
    {"AlterForeignServerStmt", "ALTER SERVER", "server", "servername", Lock::none},
    {"AlterUserMappingStmt", "ALTER USER MAPPING", "user mapping", "servername", Lock::none},
};

QualifiedName name_in(Node field) {
  if (field["relname"]) return name_of_relation(field);
  if (field["objname"]) return name_of_list(field["objname"]);
  if (field["rolename"]) return {{}, field["rolename"].string()};
  if (!field.text().empty()) return {{}, field.string()};
  return name_of_list(field);
}

}  // namespace

bool alter_facts(FactsBuilder& builder) {
  const Node tree = builder.tree;
  const std::string_view tag = tree.tag();
  if (tag == "RenameStmt") {
    rename(builder);
    return true;
  }
  if (tag == "AlterObjectSchemaStmt") {
    alter_schema(builder);
    return true;
  }
  if (tag == "AlterDomainStmt") {
    alter_domain(builder);
    return true;
  }
  if (tag == "AlterEnumStmt") {
    builder.is(Kind::alter_type, "ALTER TYPE");
    builder.touch("type", name_of_list(tree["typeName"]), Role::alters);
    const bool adds = !tree["oldVal"];
    builder.facts.reversible = !adds;
    if (adds && builder.version.major() < 12) builder.facts.transactional = false;
    return true;
  }
  if (tag == "AlterOwnerStmt") {
    builder.is(Kind::alter_other, "OWNER TO");
    const std::string object = object_word(tree["objectType"].text());
    if (tree["relation"]) {
      builder.touch(object, name_of_relation(tree["relation"]), Role::alters, Lock::access_exclusive);
    } else {
      builder.touch(object, name_in(tree["object"]), Role::alters);
    }
    return true;
  }
  if (tag == "AlterTableMoveAllStmt") {
    builder.is(Kind::alter_other, "ALTER ALL IN TABLESPACE");
    builder.facts.lock = Lock::access_exclusive;
    builder.facts.blocks = Blocks::reads_and_writes;
    builder.facts.rewrites = true;
    return true;
  }
  for (const Simple& each : simple_alters) {
    if (tag != each.tag) continue;
    builder.is(each.tag.find("Type") != std::string_view::npos ? Kind::alter_type : Kind::alter_other, each.word);
    builder.touch(each.object, name_in(tree[each.name_field]), Role::alters, each.lock);
    const bool moves = tag == "AlterDatabaseStmt" && option(tree["options"], "tablespace");
    const bool refreshes = tag == "AlterSubscriptionStmt" && tree["kind"].text() == "ALTER_SUBSCRIPTION_REFRESH";
    if (tag == "AlterSystemStmt" || moves || refreshes) builder.facts.transactional = false;
    for (const Node object : tree["pubobjects"]) {
      const Node table = object["pubtable"]["relation"];
      if (table) builder.touch("table", name_of_relation(table), Role::alters, Lock::share_update_exclusive);
    }
    return true;
  }
  return false;
}

}  // namespace segue::sql
