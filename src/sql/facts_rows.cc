// SELECT, INSERT, UPDATE, DELETE, MERGE, COPY, TRUNCATE, LOCK, EXPLAIN, DO and CALL.
#include <set>

#include "sql/facts_builder.h"

namespace segue::sql {
namespace {

// The table that a statement writes; the others that it names are read.
void writes(FactsBuilder& builder, Kind kind, const char* word) {
  builder.is(kind, word);
  const Node target = builder.tree["relation"];
  builder.touch("table", name_of_relation(target), Role::writes, Lock::row_exclusive);
  const bool whole = (kind == Kind::update || kind == Kind::remove) && !builder.tree["whereClause"];
  builder.facts.objects.back().scans = whole;
  for (const Node part : builder.tree) {
    if (part != target) builder.reads(part);
  }
  builder.facts.reversible = kind == Kind::insert;
}

void select(FactsBuilder& builder) {
  const Node tree = builder.tree;
  builder.is(Kind::select, "SELECT");
  if (tree["intoClause"]) {
    builder.is(Kind::create_table_as, "SELECT INTO");
    builder.touch("table", name_of_relation(tree["intoClause"]["rel"]), Role::creates);
  }
  // FOR UPDATE OF names what it locks; without OF it is everything in FROM.
  std::set<std::string> locked;
  bool all = false;
  for (const Node clause : tree["lockingClause"]) {
    all = all || clause["lockedRels"].empty();
    for (const Node named : clause["lockedRels"]) locked.insert(named["relname"].string());
  }
  for (const Node part : tree) {
    if (part.field() == "intoClause" || part.field() == "lockingClause") continue;
    builder.reads(part, all && part.field() == "fromClause" ? Lock::row_share : Lock::access_share);
  }
  walk(tree["fromClause"], [&](Node node) {
    if (!is_relation(node)) return true;
    const std::string known_as =
        node["alias"]["aliasname"] ? node["alias"]["aliasname"].string() : node["relname"].string();
    if (locked.contains(known_as)) builder.touch("table", name_of_relation(node), Role::reads, Lock::row_share);
    return true;
  });
  // Rows written by a common table expression.
  walk(tree["withClause"], [&](Node node) {
    if (node.is("InsertStmt") || node.is("UpdateStmt") || node.is("DeleteStmt")) {
      builder.touch("table", name_of_relation(node["relation"]), Role::writes, Lock::row_exclusive);
      builder.facts.reversible = false;
    }
    return true;
  });
}

void copy(FactsBuilder& builder) {
  builder.is(Kind::copy, "COPY");
  const Node tree = builder.tree;
  if (tree["query"]) return builder.reads(tree["query"]);
  const bool from = tree["is_from"].truth();
  builder.touch("table", name_of_relation(tree["relation"]), from ? Role::writes : Role::reads,
                from ? Lock::row_exclusive : Lock::access_share);
}

Lock requested_lock(std::int64_t mode) {
  return mode >= 1 && mode <= 8 ? static_cast<Lock>(mode) : Lock::access_exclusive;
}

}  // namespace

bool row_facts(FactsBuilder& builder) {
  const Node tree = builder.tree;
  const std::string_view tag = tree.tag();
  if (tag == "SelectStmt") {
    select(builder);
  } else if (tag == "InsertStmt") {
    writes(builder, Kind::insert, "INSERT");
  } else if (tag == "UpdateStmt") {
    writes(builder, Kind::update, "UPDATE");
  } else if (tag == "DeleteStmt") {
    writes(builder, Kind::remove, "DELETE");
  } else if (tag == "MergeStmt") {
    writes(builder, Kind::merge, "MERGE");
  } else if (tag == "CopyStmt") {
    copy(builder);
  } else if (tag == "TruncateStmt") {
    builder.is(Kind::truncate, "TRUNCATE");
    builder.facts.reversible = false;
    const bool cascade = tree["behavior"].text() == "DROP_CASCADE";
    for (const Node table : tree["relations"]) {
      const QualifiedName name = name_of_relation(table);
      builder.touch("table", name, Role::drops, Lock::access_exclusive);
      if (!cascade) continue;
      for (const QualifiedName& other : builder.knowledge.referencing(name, {})) {
        builder.touch("table", other, Role::drops, Lock::access_exclusive);
      }
    }
    if (cascade) builder.unsure("which tables refer to it and are emptied with it");
  } else if (tag == "LockStmt") {
    builder.is(Kind::lock, "LOCK TABLE");
    for (const Node table : tree["relations"]) {
      builder.touch("table", name_of_relation(table), Role::reads, requested_lock(tree["mode"].number(8)));
    }
  } else if (tag == "ExplainStmt") {
    builder.is(Kind::select, "EXPLAIN");
    builder.reads(tree["query"]);
  } else if (tag == "DoStmt" || tag == "CallStmt") {
    builder.is(Kind::code, tag == "DoStmt" ? "DO" : "CALL");
    builder.facts.reversible = false;
    builder.unsure("what the code does");
  } else if (tag == "PrepareStmt" || tag == "DeclareCursorStmt") {
    builder.is(Kind::select, tag == "PrepareStmt" ? "PREPARE" : "DECLARE");
    builder.reads(tree["query"]);
  } else {
    return false;
  }
  return true;
}

}  // namespace segue::sql
