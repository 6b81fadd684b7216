// The lock probe: every class of statement is run on a real server, and what it really does (pg_locks, relfilenode,
// rows read) is compared with what facts_of claims. A class that is claimed and not probed fails.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "lint/load_schema.h"
#include "lint/replay.h"
#include "sql/claims.h"
#include "sql/facts.h"
#include "testing/server.h"

namespace segue::lint {
namespace {

using sql::Lock;

struct Probe {
  std::string where;
  std::string statement;
  std::string before;  // in the same transaction, before it is looked at
  int from_version = 0;
};

// tests/lint/probes.txt: one statement a line; `a => b` runs a first; `[15+]` needs that version.
std::vector<Probe> read_probes() {
  std::ifstream file(SEGUE_LINT_TESTS "/probes.txt");
  std::vector<Probe> probes;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    Probe probe;
    probe.where = "probes.txt:" + std::to_string(number);
    if (line[0] == '[') {
      probe.from_version = std::stoi(line.substr(1)) * 10000;
      line = line.substr(line.find(']') + 2);
    }
    if (const auto arrow = line.find(" => "); arrow != std::string::npos) {
      probe.before = line.substr(0, arrow);
      line = line.substr(arrow + 4);
    }
    probe.statement = line;
    probes.push_back(probe);
  }
  return probes;
}

std::string text_of(const char* path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Seen {
  std::map<std::string, Lock> locks;  // by relation
  std::set<std::string> rewritten;
  std::set<std::string> scanned;
};

// Relations by oid as they are called before the statement, which may rename or drop them.
using Names = std::map<std::string, std::string>;

Names names_of_relations(pg::Connection& connection) {
  Names names;
  const auto rows = connection.query(
      "SELECT c.oid::text, c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
      "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'i', 'I')");
  for (std::size_t row = 0; row < rows->size(); ++row) names[rows->string(row, 0)] = rows->string(row, 1);
  return names;
}

using Files = std::map<std::string, std::string>;

Files files_of_tables(pg::Connection& connection) {
  Files files;
  const auto rows = connection.query(
      "SELECT c.oid::regclass::text, pg_relation_filenode(c.oid)::text FROM pg_class c JOIN pg_namespace n ON n.oid = "
      "c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('r', 'm')");
  for (std::size_t row = 0; row < rows->size(); ++row) files[rows->string(row, 0)] = rows->string(row, 1);
  return files;
}

void add_locks(pg::Connection& connection, int pid, const Names& names, Seen& seen) {
  const auto rows =
      connection.query("SELECT relation::text, mode FROM pg_locks WHERE locktype = 'relation' AND pid = $1", {pid});
  for (std::size_t row = 0; row < rows->size(); ++row) {
    const auto name = names.find(rows->string(row, 0));
    if (name == names.end()) continue;
    Lock& lock = seen.locks[name->second];
    lock = std::max(lock, sql::lock_of(rows->text(row, 1)));
  }
}

// How many rows of each table this session has read so far.
std::map<std::string, std::int64_t> rows_read(pg::Connection& connection) {
  std::map<std::string, std::int64_t> read;
  const auto rows = connection.query("SELECT relid::text, seq_tup_read FROM pg_stat_xact_user_tables");
  for (std::size_t row = 0; row < rows->size(); ++row) read[rows->string(row, 0)] = rows->integer(row, 1);
  return read;
}

// What the statement does inside a transaction, which is then rolled back.
Seen observe(pg::Connection& connection, const Probe& probe) {
  Seen seen;
  EXPECT_TRUE(connection.begin());
  if (!probe.before.empty()) {
    const auto prepared = connection.script(probe.before);
    EXPECT_TRUE(prepared) << probe.where << " " << (prepared ? "" : to_text(prepared.error()));
  }
  const Names names = names_of_relations(connection);
  auto read_before = rows_read(connection);
  Seen earlier;
  add_locks(connection, connection.backend_pid(), names, earlier);
  const Files before = files_of_tables(connection);
  const auto done = connection.execute(probe.statement);
  EXPECT_TRUE(done) << probe.where << " " << probe.statement << ": " << (done ? "" : to_text(done.error()));
  if (done) {
    add_locks(connection, connection.backend_pid(), names, seen);
    for (const auto& [relation, lock] : earlier.locks) {
      if (seen.locks[relation] == lock) seen.locks.erase(relation);
    }
    for (const auto& [table, file] : files_of_tables(connection)) {
      const auto known = before.find(table);
      if (known != before.end() && known->second != file) seen.rewritten.insert(table);
    }
    for (const auto& [oid, rows] : rows_read(connection)) {
      const auto name = names.find(oid);
      if (name != names.end() && rows > read_before[oid]) seen.scanned.insert(name->second);
    }
  }
  connection.rollback();
  return seen;
}

// DETACH CONCURRENTLY takes its last lock after it has waited, when nobody looks any more.
bool ends_stronger(const Probe& probe) {
  return probe.statement.find("DETACH") != std::string::npos &&
         probe.statement.find("CONCURRENTLY") != std::string::npos;
}

// A statement that cannot run in a transaction: another session holds the table, so that its locks are seen while it
// waits; then the table is let go.
Seen observe_waiting(const testing::Database& database, const Probe& probe) {
  Seen seen;
  auto holder = database.connect();
  EXPECT_TRUE(holder.begin());
  // VACUUM waits for no transaction, and DETACH holds nothing while it does: a lock in their way shows theirs.
  const bool by_lock = probe.statement.starts_with("VACUUM") || ends_stronger(probe);
  const char* mode = by_lock ? "SHARE UPDATE EXCLUSIVE" : "ROW EXCLUSIVE";
  EXPECT_TRUE(holder.execute("LOCK TABLE orders, events, events_2024 IN " + std::string(mode) + " MODE"));
  auto watcher = database.connect();
  auto runner = database.connect();
  const int pid = runner.backend_pid();
  Result<void> outcome;
  std::thread thread([&] { outcome = runner.execute(probe.statement); });
  // Until it waits for the holder (a lock of its own not granted, or a transaction waited for), or is done.
  const std::string waits =
      "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND query = $2 AND (wait_event_type = 'Lock' OR state = "
      "'idle')";
  while (watcher.value(waits, {pid, probe.statement}).value_or("1") == "0") std::this_thread::yield();
  add_locks(watcher, pid, names_of_relations(watcher), seen);
  holder.rollback();
  thread.join();
  EXPECT_TRUE(outcome) << probe.where << " " << probe.statement << ": " << (outcome ? "" : to_text(outcome.error()));
  return seen;
}

struct Claimed {
  Lock lock = Lock::none;
  bool scans = false;
  bool rewrites = false;
};

// What the facts say about relations that were there before.
std::map<std::string, Claimed> claims_of(const sql::Facts& facts) {
  std::set<std::string> made;
  for (const sql::Touched& object : facts.objects) {
    if (object.role == sql::Role::creates) made.insert(object.name.name);
  }
  std::map<std::string, Claimed> claims;
  for (const sql::Touched& object : facts.objects) {
    if (object.role == sql::Role::creates && facts.kind != sql::Kind::create_view) continue;
    Claimed& claim = claims[object.name.name];
    claim.lock = std::max(claim.lock, object.lock);
    claim.scans = claim.scans || object.scans;
    claim.rewrites = claim.rewrites || object.rewrites;
  }
  return claims;
}

void compare(const Probe& probe, const sql::Facts& facts, const Seen& seen, const Schema& schema, bool locks_only) {
  const auto claims = claims_of(facts);
  for (const auto& [relation, lock] : seen.locks) {
    const auto claim = claims.find(relation);
    const Lock claimed = claim == claims.end() ? Lock::none : claim->second.lock;
    // New relations are nobody's; indexes and sequences that hang on a table are locked with it; reading the catalog of
    // another table costs ACCESS SHARE.
    const bool known = schema.find({{}, relation}) != nullptr || schema.table_with_index({{}, relation}) != nullptr;
    if (!known) continue;
    const bool index = schema.table_with_index({{}, relation}) != nullptr;
    if (index && claimed == Lock::none) continue;
    if (claimed == Lock::none && lock <= Lock::access_share) continue;
    if (ends_stronger(probe) && lock < claimed) continue;
    EXPECT_EQ(name_of(lock), name_of(claimed)) << probe.where << " " << probe.statement << "\n  on " << relation;
  }
  for (const auto& [relation, claim] : claims) {
    if (claim.lock == Lock::none || seen.locks.contains(relation) || !probe.before.empty()) continue;
    if (schema.find({{}, relation}) == nullptr && schema.table_with_index({{}, relation}) == nullptr) continue;
    if (ends_stronger(probe) && claim.lock == Lock::access_exclusive) continue;
    ADD_FAILURE() << probe.where << " " << probe.statement << "\n  no lock on " << relation << ", claimed is "
                  << name_of(claim.lock);
  }
  if (locks_only) return;
  for (const auto& [relation, claim] : claims) {
    const Table* table = schema.find({{}, relation});
    if (table == nullptr || table->rows < 1 || table->kind == 'v') continue;
    const bool ddl = facts.kind != sql::Kind::select && facts.kind != sql::Kind::insert &&
                     facts.kind != sql::Kind::update && facts.kind != sql::Kind::remove &&
                     facts.kind != sql::Kind::merge && facts.kind != sql::Kind::copy &&
                     facts.kind != sql::Kind::truncate && facts.kind != sql::Kind::create_table_as &&
                     facts.kind != sql::Kind::create_materialized_view;
    if (!ddl) continue;
    // Where only more than the catalog says could decide, the worse is claimed.
    const bool worse = !facts.unsure.empty() && claim.rewrites;
    EXPECT_TRUE(worse || seen.rewritten.contains(relation) == claim.rewrites)
        << probe.where << " " << probe.statement << "\n  rewrite of " << relation;
    // A rewrite reads everything, and CLUSTER and ANALYZE read in their own ways.
    if (claim.rewrites || facts.kind == sql::Kind::cluster || facts.kind == sql::Kind::analyze) continue;
    EXPECT_EQ(seen.scanned.contains(relation), claim.scans)
        << probe.where << " " << probe.statement << "\n  scan of " << relation;
  }
}

// A DETACH CONCURRENTLY that was ended while it waited, which is what FINALIZE is for.
void leave_a_pending_detach(const testing::Database& database) {
  auto holder = database.connect();
  EXPECT_TRUE(holder.begin());
  EXPECT_TRUE(holder.execute("LOCK TABLE events, events_2026 IN ROW EXCLUSIVE MODE"));
  auto runner = database.connect();
  auto watcher = database.connect();
  const std::string detach = "ALTER TABLE events DETACH PARTITION events_2026 CONCURRENTLY";
  const pg::Canceller canceller = runner.canceller();
  const int pid = runner.backend_pid();
  std::thread thread([&] { EXPECT_FALSE(runner.execute(detach)); });
  const char* waits =
      "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND query = $2 AND wait_event_type = 'Lock'";
  while (watcher.value(waits, {pid, detach}).value_or("1") == "0") std::this_thread::yield();
  EXPECT_TRUE(canceller.cancel());
  thread.join();
  holder.rollback();
}

TEST(Probe, TheServerDoesWhatIsClaimed) {
  const testing::Database database;
  database.run(text_of(SEGUE_LINT_TESTS "/probe.sql"));
  auto connection = database.connect();
  const sql::ServerVersion version{testing::server_version()};
  std::set<std::string> probed;
  for (const Probe& probe : read_probes()) {
    if (version.number < probe.from_version) {
      const sql::Source source(probe.statement);
      sql::note_classes(sql::facts_of(source.statements().at(0), version), source.statements()[0], probed);
      continue;
    }
    const sql::Source source(probe.statement);
    ASSERT_EQ(source.statements().size(), 1u) << probe.where;
    const sql::Statement& statement = source.statements()[0];
    ASSERT_FALSE(statement.error) << probe.where << " " << statement.error->message;
    // What is known includes what the probe itself made first.
    EXPECT_TRUE(connection.begin());
    if (!probe.before.empty()) EXPECT_TRUE(connection.script(probe.before)) << probe.where;
    connection.rollback();
    Schema schema;
    {
      auto loader = database.connect();
      schema = load_schema(loader).value();
    }
    schema.utc = connection.value("SHOW TimeZone").value_or("") == "UTC" || schema.utc;
    const sql::Source earlier(probe.before);
    for (const sql::Statement& each : earlier.statements()) replay(schema, each, from_before);
    const sql::Facts facts = sql::facts_of(statement, version, schema);
    sql::note_classes(facts, statement, probed);
    if (facts.transactional) {
      compare(probe, facts, observe(connection, probe), schema, false);
    } else {
      auto plain = database.connect();
      EXPECT_FALSE([&] {
        EXPECT_TRUE(plain.begin());
        return static_cast<bool>(plain.execute(probe.statement));
      }()) << probe.where
           << " " << probe.statement << " runs in a transaction";
      plain.rollback();
      compare(probe, facts, observe_waiting(database, probe), schema, true);
    }
  }
  const Probe finalize{"FINALIZE", "ALTER TABLE events DETACH PARTITION events_2026 FINALIZE", {}, 140000};
  database.run("CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')");
  leave_a_pending_detach(database);
  {
    const sql::Source source(finalize.statement);
    auto loader = database.connect();
    const Schema schema = load_schema(loader).value();
    const sql::Facts facts = sql::facts_of(source.statements()[0], version, schema);
    sql::note_classes(facts, source.statements()[0], probed);
    compare(finalize, facts, observe(connection, finalize), schema, true);
  }
  for (const std::string_view claimed : sql::claimed_classes())
    EXPECT_TRUE(probed.contains(std::string(claimed))) << claimed << " is claimed and not probed";
}

}  // namespace
}  // namespace segue::lint
