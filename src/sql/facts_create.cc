// Everything that begins with CREATE.
#include "sql/facts_builder.h"
#include "sql/types.h"

namespace segue::sql {
namespace {

void create_table(FactsBuilder& builder) {
  const Node tree = builder.tree["base"] ? builder.tree["base"] : builder.tree;
  const bool foreign = builder.tree.is("CreateForeignTableStmt");
  builder.is(Kind::create_table, foreign ? "CREATE FOREIGN TABLE" : "CREATE TABLE");
  const QualifiedName name = name_of_relation(tree["relation"]);
  builder.touch(foreign ? "foreign table" : "table", name, Role::creates);
  const bool partition = static_cast<bool>(tree["partbound"]);
  for (const Node parent : tree["inhRelations"]) {
    const QualifiedName parent_name = name_of_relation(parent);
    builder.touch("table", parent_name, Role::alters,
                  partition ? Lock::access_exclusive : Lock::share_update_exclusive);
    if (!partition) continue;
    if (const auto other = builder.knowledge.default_partition(parent_name)) {
      builder.touch("table", *other, Role::reads, Lock::access_exclusive).scans = true;
    } else {
      builder.unsure("whether the parent has a default partition, which is locked and scanned");
    }
  }
  for (const Node element : tree["tableElts"]) {
    if (element.is("TableLikeClause")) {
      builder.touch("table", name_of_relation(element["relation"]), Role::reads, Lock::access_share);
    } else if (element.is("Constraint") && element["contype"].text() == "CONSTR_FOREIGN") {
      builder.refers(element, false);
    } else if (element.is("ColumnDef")) {
      for (const Node constraint : element["constraints"]) {
        if (constraint["contype"].text() == "CONSTR_FOREIGN") builder.refers(constraint, false);
      }
      if (is_serial(element["typeName"])) {
        builder.touch("sequence", {name.schema, name.name + "_" + element["colname"].string() + "_seq"}, Role::creates);
      }
    }
  }
}

void create_index(FactsBuilder& builder) {
  const Node tree = builder.tree;
  const bool concurrent = tree["concurrent"].truth();
  std::string word = tree["unique"].truth() ? "CREATE UNIQUE INDEX" : "CREATE INDEX";
  if (concurrent) word += " CONCURRENTLY";
  builder.is(Kind::create_index, std::move(word));
  builder.facts.transactional = !concurrent;
  const QualifiedName table = name_of_relation(tree["relation"]);
  builder.touch("index", {table.schema, tree["idxname"].string()}, Role::creates);
  const Lock lock = concurrent ? Lock::share_update_exclusive : Lock::share;
  const bool only = !tree["relation"]["inh"].truth();
  const bool partitioned = builder.knowledge.is_partitioned(table).value_or(false);
  // A partitioned table has no rows of its own.
  builder.touch("table", table, Role::alters, lock).scans = !partitioned;
  if (only) return;
  for (const QualifiedName& partition : builder.knowledge.partitions(table)) {
    builder.touch("table", partition, Role::alters, lock).scans = true;
  }
}

void create_view(FactsBuilder& builder) {
  builder.is(Kind::create_view, builder.tree["replace"].truth() ? "CREATE OR REPLACE VIEW" : "CREATE VIEW");
  const QualifiedName name = name_of_relation(builder.tree["view"]);
  builder.touch("view", name, Role::creates);
  if (builder.tree["replace"].truth()) builder.touch("view", name, Role::alters, Lock::access_exclusive);
  builder.reads(builder.tree["query"]);
}

void create_as(FactsBuilder& builder) {
  const bool view = builder.tree["objtype"].text() == "OBJECT_MATVIEW";
  builder.is(view ? Kind::create_materialized_view : Kind::create_table_as,
             view ? "CREATE MATERIALIZED VIEW" : "CREATE TABLE AS");
  builder.touch(view ? "materialized view" : "table", name_of_relation(builder.tree["into"]["rel"]), Role::creates);
  builder.reads(builder.tree["query"]);
}

void create_function(FactsBuilder& builder) {
  const bool procedure = builder.tree["is_procedure"].truth();
  const bool replace = builder.tree["replace"].truth();
  std::string word = replace ? "CREATE OR REPLACE " : "CREATE ";
  word += procedure ? "PROCEDURE" : "FUNCTION";
  builder.is(Kind::create_function, std::move(word));
  builder.touch(procedure ? "procedure" : "function", name_of_list(builder.tree["funcname"]), Role::creates);
}

// CREATE TRIGGER, POLICY and RULE hang on a table, which they lock.
void create_on_table(FactsBuilder& builder, Kind kind, const char* word, const char* object, const char* name_field,
                     const char* table_field, Lock lock) {
  builder.is(kind, word);
  const QualifiedName table = name_of_relation(builder.tree[table_field]);
  builder.touch(object, {table.name, builder.tree[name_field].string()}, Role::creates);
  builder.touch("table", table, Role::alters, lock);
}

void create_schema(FactsBuilder& builder) {
  builder.is(Kind::create_schema, "CREATE SCHEMA");
  builder.touch("schema", {{}, builder.tree["schemaname"].string()}, Role::creates);
}

void create_publication(FactsBuilder& builder) {
  builder.is(Kind::create_publication, "CREATE PUBLICATION");
  builder.touch("publication", {{}, builder.tree["pubname"].string()}, Role::creates);
  for (const Node object : builder.tree["pubobjects"]) {
    const Node table = object["pubtable"]["relation"];
    if (table) builder.touch("table", name_of_relation(table), Role::alters, Lock::share_update_exclusive);
  }
}

void create_statistics(FactsBuilder& builder) {
  builder.is(Kind::create_statistics, "CREATE STATISTICS");
  builder.touch("statistics", name_of_list(builder.tree["defnames"]), Role::creates);
  for (const Node table : builder.tree["relations"]) {
    builder.touch("table", name_of_relation(table), Role::alters, Lock::share_update_exclusive);
  }
}

// Other things with a name that lock no table.
struct Simple {
  std::string_view tag;
  Kind kind;
  const char* word;
  const char* object;
  const char* name_field;  // a text, a list or a RangeVar
};
constexpr Simple simple_creates[] = {
    {"CreateSeqStmt", Kind::create_sequence, "CREATE SEQUENCE", "sequence", "sequence"},
    {"CreateEnumStmt", Kind::create_type, "CREATE TYPE", "type", "typeName"},
    {"CreateRangeStmt", Kind::create_type, "CREATE TYPE", "type", "typeName"},
    {"CompositeTypeStmt", Kind::create_type, "CREATE TYPE", "type", "typevar"},
    {"CreateDomainStmt", Kind::create_domain, "CREATE DOMAIN", "domain", "domainname"},
    {"CreateExtensionStmt", Kind::create_extension, "CREATE EXTENSION", "extension", "extname"},
    {"CreateRoleStmt", Kind::create_other, "CREATE ROLE", "role", "role"},
    {"CreatedbStmt", Kind::create_other, "CREATE DATABASE", "database", "dbname"},
    {"CreateTableSpaceStmt", Kind::create_other, "CREATE TABLESPACE", "tablespace", "tablespacename"},
    {"CreateSubscriptionStmt", Kind::create_other, "CREATE SUBSCRIPTION", "subscription", "subname"},
    {"CreateEventTrigStmt", Kind::create_other, "CREATE EVENT TRIGGER", "event trigger", "trigname"},
    {"CreatePLangStmt", Kind::create_other, "CREATE LANGUAGE", "language", "plname"},
    {"CreateForeignServerStmt", Kind::create_other, "CREATE SERVER", "server", "servername"},
    {"CreateFdwStmt", Kind::create_other, "CREATE FOREIGN DATA WRAPPER", "foreign data wrapper", "fdwname"},
    {"CreateOpClassStmt", Kind::create_other, "CREATE OPERATOR CLASS", "operator class", "opclassname"},
    {"CreateConversionStmt", Kind::create_other, "CREATE CONVERSION", "conversion", "conversion_name"},
    {"CreateAmStmt", Kind::create_other, "CREATE ACCESS METHOD", "access method", "amname"},
    {"CreateCastStmt", Kind::create_other, "CREATE CAST", "cast", ""},
    {"CreateTransformStmt", Kind::create_other, "CREATE TRANSFORM", "transform", ""},
    {"CreateUserMappingStmt", Kind::create_other, "CREATE USER MAPPING", "user mapping", ""},
};

bool simple_create(FactsBuilder& builder) {
  for (const Simple& each : simple_creates) {
    if (builder.tree.tag() != each.tag) continue;
    builder.is(each.kind, each.word);
    const Node name = builder.tree[each.name_field];
    QualifiedName made;
    if (name["relname"]) {
      made = name_of_relation(name);
    } else if (!name.text().empty()) {
      made.name = name.string();
    } else {
      made = name_of_list(name);
    }
    builder.touch(each.object, made, Role::creates);
    // A subscription that connects to nobody, or finds its slot made, can be made in a transaction.
    const auto is_off = [&](std::string_view name) {
      return option(builder.tree["options"], name) && !is_on(builder.tree["options"], name);
    };
    const bool subscribes = each.tag == "CreateSubscriptionStmt" && !is_off("connect") && !is_off("create_slot");
    builder.facts.transactional = each.tag != "CreatedbStmt" && each.tag != "CreateTableSpaceStmt" && !subscribes;
    return true;
  }
  return false;
}

}  // namespace

bool create_facts(FactsBuilder& builder) {
  const std::string_view tag = builder.tree.tag();
  if (tag == "CreateStmt" || tag == "CreateForeignTableStmt") {
    create_table(builder);
  } else if (tag == "IndexStmt") {
    create_index(builder);
  } else if (tag == "ViewStmt") {
    create_view(builder);
  } else if (tag == "CreateTableAsStmt") {
    create_as(builder);
  } else if (tag == "CreateFunctionStmt") {
    create_function(builder);
  } else if (tag == "CreateTrigStmt") {
    create_on_table(builder, Kind::create_trigger, "CREATE TRIGGER", "trigger", "trigname", "relation",
                    Lock::share_row_exclusive);
  } else if (tag == "CreatePolicyStmt") {
    create_on_table(builder, Kind::create_policy, "CREATE POLICY", "policy", "policy_name", "table",
                    Lock::access_exclusive);
  } else if (tag == "RuleStmt") {
    create_on_table(builder, Kind::create_rule, "CREATE RULE", "rule", "rulename", "relation", Lock::access_exclusive);
  } else if (tag == "CreateSchemaStmt") {
    create_schema(builder);
  } else if (tag == "CreatePublicationStmt") {
    create_publication(builder);
  } else if (tag == "CreateStatsStmt") {
    create_statistics(builder);
  } else if (tag == "DefineStmt") {
    const std::string object = object_word(builder.tree["kind"].text());
    builder.is(object == "type" ? Kind::create_type : Kind::create_other, "CREATE " + object);
    builder.touch(object, name_of_list(builder.tree["defnames"]), Role::creates);
  } else {
    return simple_create(builder);
  }
  return true;
}

}  // namespace segue::sql
