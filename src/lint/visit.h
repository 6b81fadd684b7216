// What a rule sees: one statement in its file, the facts about it, the schema as it is before it, and the run so far.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lint/conditions.h"
#include "lint/finding.h"
#include "lint/layout.h"
#include "lint/schema.h"
#include "lint/settings.h"
#include "sql/facts.h"
#include "sql/parse.h"
#include "sql/written.h"

namespace segue::lint {

struct Rule;

struct File {
  std::string path;  // as it was given
  sql::Source source;
  FileLayout layout;
  bool is_history = false;  // read for names only
};

// A statement that was met before, as far as rules at the end want to know it.
struct Remembered {
  std::size_t file = 0;
  sql::Range range;
  std::string table;   // Schema::key
  std::string column;  // or another name
  std::string detail;
};

// Statements that rules keep for later ones: by topic ("set-null key", "made column").
using Memory = std::map<std::string, std::vector<Remembered>, std::less<>>;

class Findings {
 public:
  explicit Findings(const Settings& settings) : settings_(settings) {}
  // The finding to be filled further, or a dropped one where the rule is off. Good until the next one.
  Finding& add(const Rule& rule, std::size_t file, sql::Range range, std::string message);
  std::deque<Finding>& list() { return list_; }

 private:
  const Settings& settings_;
  std::deque<Finding> list_;
  Finding dropped_;
};

// Everything read so far; what rules at the end of a run get.
struct Run {
  const Settings& settings;
  Schema& schema;
  Memory& memory;
  Findings& findings;
  Conditions& conditions;
  const Rule* rule = nullptr;  // the one that is asked

  Finding& report(std::size_t file, sql::Range range, std::string message) {
    return findings.add(*rule, file, range, std::move(message));
  }
};

class Visit {
 public:
  Visit(Run& run, const File& file, std::size_t file_number, const sql::Statement& statement, const sql::Facts& facts,
        const Section& section, bool in_transaction)
      : run(run),
        schema(run.schema),
        file(file),
        file_number(file_number),
        statement(statement),
        tree(statement.tree),
        facts(facts),
        section(section),
        in_transaction(in_transaction) {}

  Run& run;
  const Schema& schema;
  const File& file;
  const std::size_t file_number;
  const sql::Statement& statement;
  const sql::Node tree;
  const sql::Facts& facts;
  const Section& section;
  const bool in_transaction;  // one is open when the statement runs
  bool in_code = false;       // it stands in a DO block, maybe under a condition

  bool up() const { return section.direction == Direction::up; }
  bool down() const { return section.direction == Direction::down; }
  int version() const { return run.settings.version.major(); }

  // Whether the table may hold rows and be used while the statement runs: not one that this run made.
  bool is_live(const QualifiedName& table) const;
  bool is_live(sql::Node relation) const;
  const Table* table(sql::Node relation) const;

  // A finding at the statement, with the lock, scan and rewrite of its facts.
  Finding& report(std::string message) { return report(statement_range(), std::move(message)); }
  Finding& report(sql::Range range, std::string message);
  // With those of one command of ALTER TABLE, at that command.
  Finding& report(const sql::Action& action, std::string message);

  sql::Range statement_range() const { return {statement.piece.begin, statement.piece.end}; }
  // The bytes of one command of ALTER TABLE, without the comma.
  sql::Range command_range(const sql::Action& action) const;
  std::string text_of(sql::Range range) const;
  // Where the node's own text begins; with its length where it is a name.
  sql::Range name_range(std::size_t byte) const;
  const sql::Written& written() const;
  // The name of a relation as it is written: for safe forms.
  std::string spelled(sql::Node relation) const { return written().name_at(relation.location()); }

  void remember(std::string_view topic, Remembered what);
  const std::vector<Remembered>& remembered(std::string_view topic) const;

 private:
  const std::vector<sql::Range>& commands() const;
  // The relation that was asked for last: many rules ask for the same one.
  mutable sql::Node known_relation_;
  mutable const Table* known_table_ = nullptr;
  mutable std::optional<sql::Written> written_;
  mutable std::optional<std::vector<sql::Range>> commands_;
};

// "`users`", "`sales`.`orders`" as messages show names.
std::string shown(const QualifiedName& name);
std::string shown(std::string_view name);

}  // namespace segue::lint
