// Collects the facts of one statement; each family of statements has its own file that fills one. Only src/sql includes
// this.
#pragma once

#include <set>
#include <string>

#include "sql/facts.h"

namespace segue::sql {

class FactsBuilder {
 public:
  FactsBuilder(const Statement& statement, ServerVersion version, const Knowledge& knowledge)
      : statement(statement), tree(statement.tree), version(version), knowledge(knowledge) {}

  const Statement& statement;
  const Node tree;
  const ServerVersion version;
  const Knowledge& knowledge;
  Facts facts;

  void is(Kind kind, std::string word) {
    facts.kind = kind;
    facts.word = std::move(word);
  }
  // The reference is good until the next touch.
  Touched& touch(std::string kind, QualifiedName name, Role role, Lock lock = Lock::none);
  void unsure(std::string what) { facts.unsure.push_back(std::move(what)); }

  // Every relation that is read below the node, common table expressions left out; `lock` as the statement takes it.
  void reads(Node below, Lock lock = Lock::access_share);

  // Locks that the referenced table of a FOREIGN KEY constraint takes.
  void refers(Node foreign_key, bool scans);

  // Sums up lock, blocks, scans and rewrites from the objects.
  Facts finish();

 private:
  std::set<QualifiedName> made_;
};

// One a family; each gives false where the statement is none of its own.
bool create_facts(FactsBuilder& builder);
bool alter_table_facts(FactsBuilder& builder);
bool alter_facts(FactsBuilder& builder);
bool drop_facts(FactsBuilder& builder);
bool row_facts(FactsBuilder& builder);
bool upkeep_facts(FactsBuilder& builder);

}  // namespace segue::sql
