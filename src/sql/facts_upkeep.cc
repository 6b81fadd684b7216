// VACUUM, CLUSTER, REINDEX, REFRESH, COMMENT, GRANT, transactions and settings.
#include "sql/facts_builder.h"

namespace segue::sql {
namespace {

void vacuum(FactsBuilder& builder) {
  const Node tree = builder.tree;
  const bool vacuums = tree["is_vacuumcmd"].truth();
  const bool full = is_on(tree["options"], "full");
  builder.is(vacuums ? Kind::vacuum : Kind::analyze, !vacuums ? "ANALYZE" : full ? "VACUUM FULL" : "VACUUM");
  builder.facts.transactional = !vacuums;
  for (const Node relation : tree["rels"]) {
    Touched& table = builder.touch("table", name_of_relation(relation["relation"]), Role::alters,
                                   full ? Lock::access_exclusive : Lock::share_update_exclusive);
    table.rewrites = full;
    table.scans = true;
  }
  if (!tree["rels"].empty()) return;
  builder.facts.lock = full ? Lock::access_exclusive : Lock::share_update_exclusive;
  builder.facts.rewrites = full;
  builder.facts.scans = true;
}

void cluster(FactsBuilder& builder) {
  builder.is(Kind::cluster, "CLUSTER");
  const Node relation = builder.tree["relation"];
  if (!relation) {
    builder.facts.transactional = false;
    builder.facts.lock = Lock::access_exclusive;
    builder.facts.rewrites = true;
    return;
  }
  Touched& table = builder.touch("table", name_of_relation(relation), Role::alters, Lock::access_exclusive);
  table.rewrites = true;
  table.scans = true;
}

void reindex(FactsBuilder& builder) {
  const Node tree = builder.tree;
  const bool concurrent = is_on(tree["params"], "concurrently");
  const std::string_view kind = tree["kind"].text();
  builder.is(Kind::reindex, concurrent ? "REINDEX CONCURRENTLY" : "REINDEX");
  const bool wide = !tree["relation"];
  builder.facts.transactional = !concurrent && !wide;
  const Lock table_lock = concurrent ? Lock::share_update_exclusive : Lock::share;
  const Lock index_lock = concurrent ? Lock::share_update_exclusive : Lock::access_exclusive;
  // Every index of the table is opened when a query on it is planned, so reads wait for the index as well.
  if (!concurrent) builder.facts.blocks = Blocks::reads_and_writes;
  builder.facts.scans = true;
  if (wide) {
    builder.facts.lock = index_lock;
  } else if (kind == "REINDEX_OBJECT_INDEX" || (kind.empty() && !wide)) {
    const QualifiedName index = name_of_relation(tree["relation"]);
    builder.touch("index", index, Role::alters, index_lock);
    const auto table = builder.knowledge.table_of_index(index);
    if (table) builder.touch("table", *table, Role::alters, table_lock).scans = true;
    if (!table) builder.unsure("which table the index is on; it is locked too");
  } else {
    builder.touch("table", name_of_relation(tree["relation"]), Role::alters, table_lock).scans = true;
  }
}

void comment(FactsBuilder& builder) {
  const Node tree = builder.tree;
  const std::string object = object_word(tree["objtype"].text());
  builder.is(Kind::comment, "COMMENT");
  const std::vector<std::string> parts = names_of(tree["object"]);
  const bool relation = object == "table" || object == "view" || object == "materialized view" || object == "index" ||
                        object == "sequence" || object == "foreign table";
  if (object == "column" && parts.size() >= 2) {
    builder
        .touch("table", {parts.size() > 2 ? parts[parts.size() - 3] : std::string(), parts[parts.size() - 2]},
               Role::alters, Lock::share_update_exclusive)
        .column = parts.back();
  } else if (relation) {
    builder.touch(object, name_of_list(tree["object"]), Role::alters, Lock::share_update_exclusive);
  } else if ((object == "constraint" || object == "trigger" || object == "policy" || object == "rule") &&
             parts.size() >= 2) {
    builder.touch("table", {parts.size() > 2 ? parts[parts.size() - 3] : std::string(), parts[parts.size() - 2]},
                  Role::alters, Lock::access_share);
  } else {
    builder.touch(object, name_of_list(tree["object"]), Role::alters);
  }
}

void grant(FactsBuilder& builder) {
  builder.is(Kind::grant, builder.tree["is_grant"].truth() ? "GRANT" : "REVOKE");
  const std::string object = object_word(builder.tree["objtype"].text());
  for (const Node named : builder.tree["objects"]) {
    const QualifiedName name = is_relation(named)           ? name_of_relation(named)
                               : named.is("ObjectWithArgs") ? name_of_list(named["objname"])
                               : named.is("String")         ? QualifiedName{{}, named.string()}
                                                            : name_of_list(named);
    builder.touch(object, name, Role::alters);
  }
}

}  // namespace

bool upkeep_facts(FactsBuilder& builder) {
  const Node tree = builder.tree;
  const std::string_view tag = tree.tag();
  if (tag == "VacuumStmt") {
    vacuum(builder);
  } else if (tag == "ClusterStmt") {
    cluster(builder);
  } else if (tag == "ReindexStmt") {
    reindex(builder);
  } else if (tag == "RefreshMatViewStmt") {
    const bool concurrent = tree["concurrent"].truth();
    builder.is(Kind::refresh, concurrent ? "REFRESH MATERIALIZED VIEW CONCURRENTLY" : "REFRESH MATERIALIZED VIEW");
    Touched& view = builder.touch("materialized view", name_of_relation(tree["relation"]), Role::alters,
                                  concurrent ? Lock::exclusive : Lock::access_exclusive);
    view.rewrites = !concurrent;
    view.scans = concurrent;  // the old rows are compared with the new ones
  } else if (tag == "CommentStmt") {
    comment(builder);
  } else if (tag == "SecLabelStmt") {
    builder.is(Kind::comment, "SECURITY LABEL");
  } else if (tag == "GrantStmt") {
    grant(builder);
  } else if (tag == "GrantRoleStmt") {
    builder.is(Kind::grant, tree["is_grant"].truth() ? "GRANT" : "REVOKE");
  } else if (tag == "TransactionStmt") {
    builder.is(Kind::transaction, tree["kind"].string().substr(11));
    const std::string_view kind = tree["kind"].text();
    if (kind == "TRANS_STMT_COMMIT_PREPARED" || kind == "TRANS_STMT_ROLLBACK_PREPARED")
      builder.facts.transactional = false;
  } else if (tag == "VariableSetStmt" || tag == "VariableShowStmt" || tag == "ConstraintsSetStmt" ||
             tag == "DiscardStmt") {
    builder.is(Kind::set, tag == "VariableShowStmt" ? "SHOW" : tag == "DiscardStmt" ? "DISCARD" : "SET");
    if (tag == "DiscardStmt" && tree["target"].text() == "DISCARD_ALL") builder.facts.transactional = false;
  } else {
    return false;
  }
  return true;
}

}  // namespace segue::sql
