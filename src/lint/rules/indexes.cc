// Making, dropping and rebuilding indexes while the application works.
#include <fmt/format.h>

#include "lint/rules/help.h"

namespace segue::lint {
namespace {

void without_concurrently(Visit& visit) {
  const Node tree = visit.tree;
  if (tree["concurrent"].truth() || !is_live_target(visit) || visit.down()) return;
  const Table* table = visit.table(tree["relation"]);
  if (table != nullptr && (table->kind == 'p' || table->kind == 'v')) return;
  // ON ONLY is how a partitioned table gets its index: of one that nobody knows it is taken to be that.
  if (!tree["relation"]["inh"].truth() && (table == nullptr || !table->complete)) return;
  Finding& finding = visit.report(fmt::format("CREATE INDEX locks {} against writes (SHARE) while it reads all of it{}",
                                              shown(target(visit)), size_note(visit, target(visit))));
  Fix fix = insert_after(visit, "index", " CONCURRENTLY");
  fix.needs_no_transaction = true;
  const auto safe =
      sql::splice(visit.file.source.text().substr(visit.statement.piece.begin, visit.statement.text.size()),
                  {{{fix.edits[0].range.begin - visit.statement.piece.begin,
                     fix.edits[0].range.begin - visit.statement.piece.begin},
                    " CONCURRENTLY"}});
  if (safe) {
    finding.safe_form = *safe + ";";
    fix.afterwards = {*safe};
  }
  // CONCURRENTLY wants a name to be dropped by, should it fail; without one there is nothing to paste safely.
  if (!tree["idxname"].text().empty()) finding.fix = std::move(fix);
}

void on_partitioned(Visit& visit) {
  const Node tree = visit.tree;
  const Table* table = visit.table(tree["relation"]);
  if (table == nullptr || table->kind != 'p' || !visit.up()) return;
  if (tree["concurrent"].truth()) {
    Finding& finding = visit.report(
        fmt::format("CREATE INDEX CONCURRENTLY is refused on {}, which is partitioned", shown(table->name)));
    // It fails, where the other only waits; what the project chose stays.
    if (!visit.run.settings.rules.contains(finding.code)) finding.severity = Severity::error;
    return;
  }
  if (!is_live_target(visit) || !tree["relation"]["inh"].truth()) return;
  const std::string name = tree["idxname"].text().empty() ? "index_name" : tree["idxname"].string();
  std::vector<std::string> steps = {fmt::format("CREATE INDEX {} ON ONLY {} (…)", quoted(name), target_text(visit))};
  for (const QualifiedName& partition : visit.schema.partitions(table->name)) {
    const std::string part = quoted(partition.name + "_" + name);
    steps.push_back(fmt::format("CREATE INDEX CONCURRENTLY {} ON {} (…)", part, quoted(partition)));
    steps.push_back(fmt::format("ALTER INDEX {} ATTACH PARTITION {}", quoted(name), part));
  }
  visit
      .report(fmt::format(
          "CREATE INDEX locks {} and every partition of it against writes (SHARE) until all of them are read",
          shown(table->name)))
      .safe_form = script(steps);
}

void drop_without_concurrently(Visit& visit) {
  const Node tree = visit.tree;
  if (tree["removeType"].text() != "OBJECT_INDEX") return;
  if (tree["concurrent"].truth()) {
    const bool cascades = tree["behavior"].text() == "DROP_CASCADE";
    if (tree["objects"].size() < 2 && !cascades) return;
    Finding& finding = visit.report(cascades ? "DROP INDEX CONCURRENTLY … CASCADE is refused"
                                             : "DROP INDEX CONCURRENTLY drops one index a statement: this is refused");
    finding.safe_form = "-- one DROP INDEX CONCURRENTLY an index, without CASCADE";
    return;
  }
  for (const Node named : tree["objects"]) {
    const QualifiedName index = sql::name_of_list(named);
    const auto table = visit.schema.table_of_index(index);
    if (table && !visit.is_live(*table)) return;
  }
  const QualifiedName index = sql::name_of_list(tree["objects"].at(0));
  const auto table = visit.schema.table_of_index(index);
  Finding& finding = visit.report(fmt::format("DROP INDEX {} locks {} against reads and writes (ACCESS EXCLUSIVE)",
                                              shown(index), table ? shown(*table) : "its table"));
  if (tree["behavior"].text() == "DROP_CASCADE") return;
  const std::string exists = tree["missing_ok"].truth() ? "IF EXISTS " : "";
  std::vector<std::string> each;
  for (const Node named : tree["objects"]) {
    const QualifiedName name = sql::name_of_list(named);
    each.push_back("DROP INDEX CONCURRENTLY " + exists + (name.schema.empty() ? "" : quoted(name.schema) + ".") +
                   quoted(name.name));
  }
  finding.safe_form = script(each);
  Fix fix = replace_statement(visit, each);
  fix.needs_no_transaction = true;
  fix.afterwards = each;
  finding.fix = std::move(fix);
}

void concurrently_in_transaction(Visit& visit) {
  if (!visit.in_transaction || visit.facts.transactional || !visit.statement.tree) return;
  const bool own_line = visit.file.layout.layout != Layout::plain && visit.section.in_transaction;
  Finding& finding = visit.report(fmt::format(
      "{} cannot run inside a transaction, and {}", visit.facts.word,
      own_line ? fmt::format("{} runs this file in one", name_of(visit.file.layout.layout)) : "one is open here"));
  if (own_line && visit.written().find("concurrently") != std::string::npos) {
    const std::size_t at = visit.statement.piece.begin;
    finding.fix = Fix{{{{at, at}, {}}}, {std::string(visit.statement.text)}, true, false};
  }
  switch (visit.file.layout.layout) {
    case Layout::dbmate:
      finding.safe_form = "-- migrate:up transaction:false";
      break;
    case Layout::goose:
      finding.safe_form = "-- +goose NO TRANSACTION";
      break;
    case Layout::flyway:
      finding.safe_form = "executeInTransaction=false in " + visit.file.path + ".conf";
      break;
    default:
      finding.safe_form =
          "-- in a file of its own, with no BEGIN before it:\n" + std::string(visit.statement.text) + ";";
  }
}

void reindex(Visit& visit) {
  const Node tree = visit.tree;
  if (sql::is_on(tree["params"], "concurrently")) return;
  if (tree["relation"] && !is_live_target(visit)) return;
  Finding& finding = visit.report(
      "REINDEX stops reads as well as writes: planning any query on the table opens the index that is locked");
  finding.blocks = sql::Blocks::reads_and_writes;
  if (visit.version() < 12 || tree["kind"].text() == "REINDEX_OBJECT_SYSTEM") return;
  const std::string_view kind = tree["kind"].text();
  const char* word = kind == "REINDEX_OBJECT_INDEX"    ? "index"
                     : kind == "REINDEX_OBJECT_TABLE"  ? "table"
                     : kind == "REINDEX_OBJECT_SCHEMA" ? "schema"
                                                       : "database";
  Fix fix = insert_after(visit, word, " CONCURRENTLY");
  if (fix.edits.empty()) return;
  fix.needs_no_transaction = true;
  const std::size_t at = fix.edits[0].range.begin - visit.statement.piece.begin;
  std::string safe(visit.statement.text);
  safe.insert(at, " CONCURRENTLY");
  finding.safe_form = safe + ";";
  fix.afterwards = {safe};
  finding.fix = std::move(fix);
}

// DROP INDEX, later CREATE INDEX on the same table and columns.
void dropped_before_replacement(Visit& visit) {
  if (visit.tree.is("DropStmt")) {
    if (visit.tree["removeType"].text() != "OBJECT_INDEX" || !visit.up()) return;
    for (const Node named : visit.tree["objects"]) {
      const QualifiedName name = sql::name_of_list(named);
      const auto table = visit.schema.table_of_index(name);
      const Table* found = table ? visit.schema.find(*table) : nullptr;
      const Index* index = found != nullptr ? found->index(name.name) : nullptr;
      if (found != nullptr && found->made_in != from_before) continue;
      visit.remember("file:dropped index",
                     {0,
                      {},
                      table ? Schema::key(*table) : std::string(),
                      name.name,
                      index != nullptr && !index->columns.empty() ? index->columns[0] : std::string()});
    }
    return;
  }
  const std::string name = visit.tree["idxname"].string();
  const std::string table = Schema::key(target(visit));
  const auto columns = sql::index_column_names(visit.tree["indexParams"]);
  for (const Remembered& dropped : visit.remembered("file:dropped index")) {
    const bool same_name = dropped.column == name;
    const bool same_place = dropped.table == table && !columns.empty() && dropped.detail == columns[0];
    if (!same_name && !same_place) continue;
    visit.run
        .report(dropped.file, dropped.range,
                fmt::format("{} is dropped before its replacement is there: queries go without an index meanwhile",
                            shown(dropped.column)))
        .safe_form = fmt::format(
        "ALTER INDEX {0} RENAME TO {2};\nCREATE INDEX CONCURRENTLY {1} …;\nDROP INDEX CONCURRENTLY {2};",
        quoted(dropped.column), quoted(name.empty() ? dropped.column : name), quoted(dropped.column + "_old"));
    return;
  }
}

void corrupting_version(Visit& visit) {
  const bool builds = (visit.tree.is("IndexStmt") && visit.tree["concurrent"].truth()) ||
                      (visit.tree.is("ReindexStmt") && sql::is_on(visit.tree["params"], "concurrently"));
  const int version = visit.schema.server_version;
  if (!builds || version < 140000 || version > 140003) return;
  visit.report(fmt::format("PostgreSQL 14.{} can silently corrupt an index built CONCURRENTLY; go to 14.4 first",
                           version % 100));
}

}  // namespace

Rules index_rules() {
  return {
      {"index-without-concurrently",
       Severity::warning,
       "an index is built while writes wait",
       {"F1"},
       "CREATE INDEX holds a SHARE lock on the table while it reads all of it: every INSERT, UPDATE and DELETE waits.",
       "CREATE INDEX CONCURRENTLY outside a transaction; afterwards look at pg_index.indisvalid, and drop and build "
       "again "
       "an index that is not valid.",
       {"IndexStmt"},
       without_concurrently,
       nullptr,
       true},
      {"index-on-partitioned-table",
       Severity::warning,
       "an index on a partitioned table locks every partition",
       {"F2"},
       "On a partitioned table CREATE INDEX locks the parent and all partitions, and CONCURRENTLY is an error.",
       "CREATE INDEX ON ONLY the parent, CREATE INDEX CONCURRENTLY on each partition, ALTER INDEX … ATTACH PARTITION.",
       {"IndexStmt"},
       on_partitioned},
      {"drop-index-without-concurrently",
       Severity::warning,
       "DROP INDEX locks the table",
       {"F3"},
       "DROP INDEX takes an ACCESS EXCLUSIVE lock on the table. It is short, but it queues behind every running query "
       "and everything queues behind it.",
       "DROP INDEX CONCURRENTLY outside a transaction.",
       {"DropStmt"},
       drop_without_concurrently,
       nullptr,
       true},
      {"concurrently-in-transaction",
       Severity::error,
       "a statement that cannot run in a transaction stands in one",
       {"F4"},
       "CONCURRENTLY, VACUUM and a few others are refused inside a transaction block: the migration stops here.",
       "Move it out: into a file of its own, or use the migration tool's mark for files without a transaction.",
       {},
       concurrently_in_transaction,
       nullptr,
       true},
      {"reindex-without-concurrently",
       Severity::warning,
       "REINDEX stops reads and writes",
       {"F5"},
       "REINDEX locks the table against writes and the index against everything. The planner opens every index of a "
       "table, so even queries that would not use it wait.",
       "REINDEX … CONCURRENTLY (PostgreSQL 12 and later), outside a transaction.",
       {"ReindexStmt"},
       reindex,
       nullptr,
       true},
      {"index-dropped-before-replacement",
       Severity::warning,
       "an index goes before its replacement is there",
       {"F6"},
       "Between the DROP and the end of the CREATE, queries that need the index read the whole table.",
       "Rename the old one, build the new one CONCURRENTLY, then drop the old one CONCURRENTLY.",
       {"DropStmt", "IndexStmt"},
       dropped_before_replacement},
      {"concurrently-corrupts",
       Severity::error,
       "this server's CONCURRENTLY can corrupt indexes",
       {"F7"},
       "In PostgreSQL 14.0 to 14.3 CREATE INDEX CONCURRENTLY and REINDEX CONCURRENTLY can leave out rows, silently.",
       "Update the server to 14.4 or later; check indexes built before with amcheck.",
       {"IndexStmt", "ReindexStmt"},
       corrupting_version},
  };
}

}  // namespace segue::lint
