// The example of the design, read whole; and what the other moves and nouns become.
#include "migration/read.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "migration/example.h"
#include "migration/testing.h"

namespace segue::migration {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

std::vector<std::string> strings(const std::vector<Text>& texts) {
  std::vector<std::string> out;
  out.reserve(texts.size());
  for (const auto& text : texts) out.push_back(text.value);
  return out;
}

std::string place(const Position& at) {
  return std::to_string(at.line) + ":" + std::to_string(at.column);
}

// A migration of these moves and whatever follows; its SQL files stand in the folder.
Migration read_good(std::string_view yaml, const TemporaryFolder& folder) {
  auto read = read_migration_text(yaml, folder.path());
  EXPECT_TRUE(read) << to_text(read.error());
  return read ? *read : Migration{};
}

Migration read_moves(const std::string& moves) {
  const TemporaryFolder folder;
  return read_good("migration: a\nmoves:\n" + moves, folder);
}

class Example : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("migration.yaml", example_yaml);
    folder_.write("clients.sql", example_sql);
    auto read = read_migration(folder_.path());
    ASSERT_TRUE(read) << to_text(read.error());
    migration_ = *read;
  }

  TemporaryFolder folder_;
  Migration migration_;
};

TEST_F(Example, head_and_sources) {
  EXPECT_EQ(migration_.folder, folder_.path());
  EXPECT_EQ(migration_.name.value, "multi-client");
  EXPECT_EQ(place(migration_.name.at), "2:12");
  EXPECT_EQ(migration_.name.at.file, shown_path(folder_.path() / "migration.yaml"));
  EXPECT_EQ(migration_.about.value, "Users and work orders belong to client organizations.");
  ASSERT_THAT(migration_.sources, SizeIs(2));
  EXPECT_EQ(migration_.sources[0].path, "migration.yaml");
  EXPECT_EQ(migration_.sources[1].path, "clients.sql");
  EXPECT_NE(migration_.sources[0].fingerprint, migration_.sources[1].fingerprint);
}

TEST_F(Example, sql) {
  ASSERT_THAT(migration_.moves, SizeIs(3));
  EXPECT_EQ(kind_of(migration_.moves[0]), "sql");
  EXPECT_EQ(place(migration_.moves[0].at), "5:5");
  const auto& move = std::get<SqlMove>(migration_.moves[0].what);
  EXPECT_EQ(move.sql.value, example_sql);
  EXPECT_EQ(move.sql.source, "clients.sql");
  EXPECT_EQ(place(move.sql.at), "5:10");
  EXPECT_EQ(position_in(move.sql, 7), (Position{shown_path(folder_.path() / "clients.sql"), 1, 8}));
  EXPECT_EQ(move.phase.value, Phase::expand);
  EXPECT_FALSE(move.phase.given());
  EXPECT_TRUE(move.undo.empty());
}

TEST_F(Example, tenancy) {
  EXPECT_EQ(kind_of(migration_.moves[1]), "tenancy");
  const auto& move = std::get<TenancyMove>(migration_.moves[1].what);
  EXPECT_EQ(move.root.value, "clients");
  ASSERT_THAT(move.first, SizeIs(3));
  EXPECT_EQ(move.first[0].column.value, "name");
  EXPECT_EQ(move.first[0].value.text.value, "Visionwest");
  EXPECT_EQ(move.first[1].column.value, "code");
  EXPECT_EQ(move.first[1].value.text.value, "VISIONWEST");
  EXPECT_EQ(move.first[2].column.value, "status");
  EXPECT_EQ(move.first[2].value.text.value, "active");
  EXPECT_FALSE(move.first[2].value.is_null);
  EXPECT_EQ(move.column.value, "client_id");
  EXPECT_EQ(strings(move.tables), (std::vector<std::string>{"users", "work_orders"}));
  EXPECT_FALSE(move.through_auto);
  ASSERT_THAT(move.unique, SizeIs(2));
  EXPECT_EQ(move.unique[0].table.value, "users");
  ASSERT_THAT(move.unique[0].entries, SizeIs(1));
  EXPECT_EQ(strings(move.unique[0].entries[0].columns), std::vector<std::string>{"email"});
  EXPECT_EQ(move.unique[0].entries[0].from.value, OldUniqueLeaves::at_contract);
  EXPECT_FALSE(move.unique[0].entries[0].from.given());
  EXPECT_EQ(move.unique[1].table.value, "work_orders");
  EXPECT_EQ(strings(move.unique[1].entries[0].columns), std::vector<std::string>{"job_no"});
  EXPECT_EQ(move.unique[1].entries[0].from.value, OldUniqueLeaves::at_switch);
  EXPECT_EQ(place(move.unique[1].entries[0].from.at), "11:76");
  ASSERT_THAT(move.index, SizeIs(1));
  ASSERT_THAT(move.index[0].entries, SizeIs(2));
  EXPECT_EQ(strings(move.index[0].entries[0].columns), (std::vector<std::string>{"client_id", "status"}));
  EXPECT_EQ(strings(move.index[0].entries[1].columns), (std::vector<std::string>{"client_id", "date DESC"}));
  EXPECT_EQ(move.on_delete.value, "restrict");
  EXPECT_FALSE(move.rls.value);
  ASSERT_THAT(move.displace, SizeIs(1));
  EXPECT_EQ(move.displace[0].table.value, "work_orders");
  EXPECT_EQ(move.displace[0].name.value, "owner_user_id");
}

TEST_F(Example, backfill) {
  EXPECT_EQ(kind_of(migration_.moves[2]), "backfill");
  const auto& move = std::get<BackfillMove>(migration_.moves[2].what);
  EXPECT_EQ(move.table.value, "work_orders");
  ASSERT_THAT(move.set, SizeIs(1));
  EXPECT_EQ(move.set[0].column.value, "search_text");
  EXPECT_EQ(move.set[0].expression.value, "lower(title || ' ' || coalesce(notes, ''))");
  EXPECT_EQ(move.keep_in_sync.value, KeepInSync::derive);
  EXPECT_TRUE(move.keep_in_sync.given());
  EXPECT_EQ(move.writers.value, Writers::any);
  EXPECT_EQ(move.on_disagreement.value, OnDisagreement::old_then_new);
  EXPECT_TRUE(move.where.empty() && move.from.empty() && move.join.empty() && move.key.empty());
}

TEST_F(Example, checks) {
  ASSERT_THAT(migration_.checks, SizeIs(2));
  const auto& nobody = migration_.checks[0];
  EXPECT_EQ(nobody.name.value, "no user without a client");
  EXPECT_THAT(nobody.when, ElementsAre(Boundary{Boundary::Side::after, Phase::backfill}));
  EXPECT_EQ(nobody.kind, CheckKind::no_rows);
  EXPECT_EQ(nobody.query.value, "SELECT id FROM users WHERE client_id IS NULL");
  EXPECT_EQ(place(position_in(nobody.query, 0)), "19:66");
  EXPECT_EQ(nobody.severity.value, Severity::error);
  const auto& there = migration_.checks[1];
  EXPECT_EQ(there.name.value, "Visionwest is there");
  EXPECT_THAT(there.when, ElementsAre(Boundary{Boundary::Side::after, Phase::expand}));
  EXPECT_EQ(there.kind, CheckKind::expect);
  EXPECT_EQ(there.query.value, "SELECT count(*) FROM clients WHERE code = 'VISIONWEST'");
  ASSERT_THAT(there.expect.values, SizeIs(1));
  EXPECT_EQ(there.expect.values[0].text.value, "1");
  EXPECT_FALSE(there.expect.is_range);
}

TEST_F(Example, probes_and_viewpoints) {
  ASSERT_THAT(migration_.probes, SizeIs(1));
  const auto& probe = migration_.probes[0];
  EXPECT_EQ(probe.name.value, "pending work orders");
  EXPECT_EQ(probe.before.value, "SELECT * FROM work_orders WHERE status = 'pending' ORDER BY date DESC LIMIT 10");
  EXPECT_TRUE(probe.after.value.starts_with("SELECT * FROM work_orders WHERE client_id = ${first} AND"));
  EXPECT_DOUBLE_EQ(probe.slower_by_at_most->value, 0.1);
  EXPECT_FALSE(probe.at_most);
  EXPECT_EQ(strings(probe.uses),
            (std::vector<std::string>{"idx_work_orders_client_status", "idx_work_orders_client_date"}));
  EXPECT_FALSE(probe.no_seq_scan.value);
  EXPECT_EQ(probe.runs.value, 5);
  ASSERT_THAT(migration_.viewpoints, SizeIs(1));
  const auto& viewpoint = migration_.viewpoints[0];
  EXPECT_EQ(viewpoint.name.value, "staff of Visionwest");
  EXPECT_EQ(viewpoint.role.value, "authenticated");
  EXPECT_EQ(viewpoint.claims.dump(), R"({"sub":7,"clientId":"${first}"})");
  EXPECT_TRUE(viewpoint.tables.empty() && viewpoint.expect.empty() && viewpoint.settings.empty());
}

TEST_F(Example, gates_and_limits) {
  ASSERT_THAT(migration_.gates, SizeIs(3));
  EXPECT_EQ(migration_.gates[0].before, Phase::enforce);
  EXPECT_EQ(migration_.gates[0].name.value, "enforce");
  EXPECT_EQ(strings(migration_.gates[0].approvals), (std::vector<std::string>{"DBA", "Product Owner"}));
  EXPECT_EQ(migration_.gates[1].before, Phase::switch_over);
  EXPECT_EQ(migration_.gates[1].name.value, "switch");
  EXPECT_EQ(migration_.gates[1].health.value, "http://127.0.0.1:3000/api/health");
  EXPECT_EQ(migration_.gates[2].before, Phase::contract);
  EXPECT_EQ(migration_.gates[2].wait->value, std::chrono::hours(24 * 30));
  EXPECT_EQ(migration_.gates[2].old_shape_unused_for->value, std::chrono::hours(24 * 7));
  EXPECT_EQ(migration_.limits.warnings.value.share, 0.01);
  EXPECT_EQ(migration_.limits.failed_rows.value.count, 0);
  EXPECT_TRUE(migration_.limits.failed_rows.given());
  EXPECT_EQ(migration_.limits.lock_wait.value, std::chrono::milliseconds(50));
  EXPECT_EQ(migration_.limits.lock_deadline.value, std::chrono::minutes(10));
  EXPECT_FALSE(migration_.limits.lock_deadline.given());
  EXPECT_EQ(migration_.limits.batch.value, 10000);
  EXPECT_EQ(migration_.limits.workers.value, 0);
  EXPECT_EQ(migration_.windows.grace.value, std::chrono::hours(48));
}

TEST_F(Example, placeholders_in_order_with_places) {
  ASSERT_THAT(migration_.placeholders, SizeIs(2));
  EXPECT_TRUE(migration_.placeholders[0].is_first);
  EXPECT_EQ(place(migration_.placeholders[0].at), "24:57");
  EXPECT_TRUE(migration_.placeholders[1].is_first);
  EXPECT_EQ(place(migration_.placeholders[1].at), "28:84");
}

TEST(Read, sql_with_phase_and_undo_in_a_block) {
  const auto migration = read_moves(
      "  - sql: |\n"
      "      CREATE TABLE ä (\n"
      "        id int);\n"
      "    phase: enforce\n"
      "    undo: DROP TABLE ä\n");
  const auto& move = std::get<SqlMove>(migration.moves.at(0).what);
  EXPECT_EQ(move.sql.value, "CREATE TABLE ä (\n  id int);\n");
  EXPECT_EQ(place(position_in(move.sql, 0)), "4:7");
  EXPECT_EQ(place(position_in(move.sql, move.sql.value.find('('))), "4:22");  // ä counts once
  EXPECT_EQ(place(position_in(move.sql, move.sql.value.find("id int"))), "5:9");
  EXPECT_EQ(move.phase.value, Phase::enforce);
  EXPECT_EQ(place(move.phase.at), "6:12");
  EXPECT_EQ(move.undo.value, "DROP TABLE ä");
}

TEST(Read, backfill_in_full) {
  const auto migration = read_moves(
      "  - backfill: { table: public.t, set: { b: f(a), c: null }, from: u, join: JOIN v USING (id), where: a > 0,\n"
      "      back: { a: g(b) }, key: [k, l], on_disagreement: new, triggers: { t1: skip, t2: fire } }\n"
      "  - backfill: { table: t, set: { a: a * 2 }, writers: none, key: id }\n");
  const auto& move = std::get<BackfillMove>(migration.moves.at(0).what);
  EXPECT_EQ(move.table.value, "public.t");
  EXPECT_EQ(move.set.at(1).expression.value, "NULL");
  EXPECT_EQ(move.from.value, "u");
  EXPECT_EQ(move.join.value, "JOIN v USING (id)");
  EXPECT_EQ(move.where.value, "a > 0");
  EXPECT_EQ(move.keep_in_sync.value, KeepInSync::pair);
  EXPECT_EQ(move.back.at(0).expression.value, "g(b)");
  EXPECT_EQ(strings(move.key), (std::vector<std::string>{"k", "l"}));
  EXPECT_EQ(move.on_disagreement.value, OnDisagreement::new_wins);
  EXPECT_FALSE(move.triggers.at(0).fires);
  EXPECT_TRUE(move.triggers.at(1).fires);
  const auto& in_place = std::get<BackfillMove>(migration.moves.at(1).what);
  EXPECT_EQ(in_place.writers.value, Writers::none);
  EXPECT_EQ(in_place.keep_in_sync.value, KeepInSync::no);
  EXPECT_EQ(strings(in_place.key), std::vector<std::string>{"id"});
}

TEST(Read, tenancy_through_others) {
  const auto migration = read_moves(
      "  - tenancy: { root: c, first: { code: 007, on: no, at: 2026-01-01, x: null, y: \"null\" }, column: c_id,\n"
      "      tables: [t], through: auto, rls: true, on_delete: cascade,\n"
      "      unique: { other: [{ columns: [a], name: uq_a, where: a > 0 }] } }\n"
      "  - tenancy: { root: c, first: { code: a }, column: c_id, tables: [t], through: [u, v] }\n");
  const auto& move = std::get<TenancyMove>(migration.moves.at(0).what);
  EXPECT_TRUE(move.through_auto);
  EXPECT_TRUE(move.rls.value);
  EXPECT_EQ(move.on_delete.value, "cascade");
  EXPECT_EQ(move.first.at(0).value.text.value, "007");
  EXPECT_EQ(move.first.at(1).column.value, "on");
  EXPECT_EQ(move.first.at(1).value.text.value, "no");
  EXPECT_EQ(move.first.at(2).value.text.value, "2026-01-01");
  EXPECT_TRUE(move.first.at(3).value.is_null);
  EXPECT_FALSE(move.first.at(4).value.is_null);
  EXPECT_EQ(move.unique.at(0).entries.at(0).name.value, "uq_a");
  EXPECT_EQ(move.unique.at(0).entries.at(0).where.value, "a > 0");
  const auto& second = std::get<TenancyMove>(migration.moves.at(1).what);
  EXPECT_FALSE(second.through_auto);
  EXPECT_EQ(strings(second.through), (std::vector<std::string>{"u", "v"}));
}

TEST(Read, the_other_moves) {
  const auto migration = read_moves(
      "  - rename: { table: deals, to: opportunities }\n"
      "  - rename: { table: t, column: a, to: b }\n"
      "  - convert: { table: t, column: stage, to: stage_kind, mapping: { new: lead, null: open }, else: lost, as: "
      "kind,\n"
      "               labels: [lead, open, lost] }\n"
      "  - convert: { table: t, column: n, to: bigint, using: \"n::bigint\", back: \"n::int\" }\n"
      "  - reparent: { table: p, from: customer_id, to: organization_id, parent: organizations, through: SELECT 1,\n"
      "                missing: \"null\", never: tenant_id, on_delete: set null }\n"
      "  - junction: { from: public.contacts.company_id, table: links, columns: [contact_id, company_id], primary: "
      "main }\n"
      "  - policies: { table: t, like: u }\n"
      "  - retire: { table: t, columns: [a, b], archive: false }\n"
      "  - retire: { table: u }\n");
  ASSERT_THAT(migration.moves, SizeIs(9));
  EXPECT_TRUE(std::get<RenameMove>(migration.moves[0].what).column.empty());
  EXPECT_EQ(std::get<RenameMove>(migration.moves[1].what).column.value, "a");
  const auto& convert = std::get<ConvertMove>(migration.moves[2].what);
  ASSERT_THAT(convert.mapping, SizeIs(2));
  EXPECT_EQ(convert.mapping[0].from.text.value, "new");
  EXPECT_EQ(convert.mapping[0].to.text.value, "lead");
  EXPECT_TRUE(convert.mapping[1].from.is_null);
  EXPECT_TRUE(convert.has_otherwise);
  EXPECT_EQ(convert.otherwise.text.value, "lost");
  EXPECT_EQ(convert.as.value, "kind");
  EXPECT_EQ(strings(convert.labels), (std::vector<std::string>{"lead", "open", "lost"}));
  EXPECT_EQ(std::get<ConvertMove>(migration.moves[3].what).back.value, "n::int");
  const auto& reparent = std::get<ReparentMove>(migration.moves[4].what);
  EXPECT_EQ(reparent.missing.value, OnMissing::set_null);
  EXPECT_EQ(reparent.never.value, "tenant_id");
  EXPECT_EQ(reparent.on_delete.value, "set null");
  const auto& junction = std::get<JunctionMove>(migration.moves[5].what);
  EXPECT_EQ(junction.from_table.value, "public.contacts");
  EXPECT_EQ(junction.from_column.value, "company_id");
  EXPECT_EQ(place(junction.from_column.at), "10:39");
  EXPECT_EQ(std::get<PoliciesMove>(migration.moves[6].what).like.value, "u");
  EXPECT_FALSE(std::get<RetireMove>(migration.moves[7].what).archive.value);
  EXPECT_TRUE(std::get<RetireMove>(migration.moves[8].what).archive.value);
}

TEST(Read, checks_of_every_kind) {
  const TemporaryFolder folder;
  const auto migration = read_good(
      "migration: a\nmoves: [{ sql: SELECT 1 }]\nchecks:\n"
      "  - { name: a, after: each, before: [expand, switch], after_rollback: expand, unchanged: SELECT 1 }\n"
      "  - { name: b, after: expand, query: SELECT 1, same_as: SELECT 2, severity: warning }\n"
      "  - { name: c, after: expand, query: SELECT 1, expect: { min: 1, max: 40 } }\n"
      "  - { name: d, after: expand, query: SELECT 1, expect: [client_id, YES, null] }\n"
      "  - { name: e, after: expand, query: SELECT 1, expect: null }\n",
      folder);
  ASSERT_THAT(migration.checks, SizeIs(5));
  EXPECT_THAT(migration.checks[0].when, SizeIs(2 + 8 + 1));
  EXPECT_EQ(to_text(migration.checks[0].when.back()), "after rollback of expand");
  EXPECT_EQ(migration.checks[1].same_as.value, "SELECT 2");
  EXPECT_EQ(migration.checks[1].severity.value, Severity::warning);
  EXPECT_TRUE(migration.checks[2].expect.is_range);
  EXPECT_EQ(migration.checks[2].expect.max->text.value, "40");
  ASSERT_THAT(migration.checks[3].expect.values, SizeIs(3));
  EXPECT_EQ(migration.checks[3].expect.values[1].text.value, "YES");
  EXPECT_TRUE(migration.checks[3].expect.values[2].is_null);
  EXPECT_TRUE(migration.checks[4].expect.values.at(0).is_null);
}

TEST(Read, what_stands_around) {
  const TemporaryFolder folder;
  const auto migration = read_good(
      "migration: a\nrequires: [b, c]\nmoves: [{ sql: SELECT 1 }]\n"
      "viewpoints:\n"
      "  - { name: v, role: r, settings: { app.tenant: 5 }, tables: [t],\n"
      "      expect: { a: same, b: none, c: +3, d: SELECT 1 }, claims: { n: 1.5, s: \"1\", t: true, d: { x: [1, null] "
      "} } }\n"
      "gates:\n"
      "  - { before: switch, name: deployed, four_eyes: true, approvals: QA, not_before: 2026-03-01T02:00:00+01:00,\n"
      "      command: [curl, -f, x] }\n"
      "hooks:\n"
      "  - { after: switch, http: { url: \"https://x/y\", body: \"{}\" } }\n"
      "  - { before: contract, command: [a, b], on_failure: warn }\n"
      "  - { after: switch, redis: { url: \"redis://x\", keys: \"deal:*\" } }\n"
      "  - { after: switch, reindex: [i] }\n"
      "  - { after: switch, refresh: v }\n"
      "  - { after: switch, env: { file: .env, rename: { DEAL_: OPPORTUNITY_ } } }\n"
      "  - { after: switch, map: { table: t, column: c, from: deal, to: opportunity } }\n"
      "limits: { workers: 3, wal_rate: 20MB, replication_lag: 5s, batch: auto,\n"
      "  hold_while: SELECT true, hold_file: /tmp/hold, hours: \"22:00-06:00\" }\n"
      "windows: { grace: 7d }\n"
      "schedule: { start: 2026-03-01T02:00Z, duration: 30min, notices: [24h, 2h] }\n"
      "contacts: [a@example.org, { name: Ada, role: DBA }]\n",
      folder);
  const auto& viewpoint = migration.viewpoints.at(0);
  EXPECT_EQ(viewpoint.claims.dump(), R"({"n":1.5,"s":"1","t":true,"d":{"x":[1,null]}})");
  EXPECT_EQ(viewpoint.settings.at(0).name.value, "app.tenant");
  ASSERT_THAT(viewpoint.expect, SizeIs(4));
  EXPECT_EQ(viewpoint.expect[1].kind, Sight::none);
  EXPECT_EQ(viewpoint.expect[2].more, 3);
  EXPECT_EQ(viewpoint.expect[3].query.value, "SELECT 1");
  const auto& gate = migration.gates.at(0);
  EXPECT_EQ(gate.name.value, "deployed");
  EXPECT_TRUE(gate.four_eyes.value);
  EXPECT_EQ(gate.not_before->value, 1772326800000);
  EXPECT_EQ(strings(gate.command), (std::vector<std::string>{"curl", "-f", "x"}));
  ASSERT_THAT(migration.hooks, SizeIs(7));
  EXPECT_EQ(std::get<HttpHook>(migration.hooks[0].what).method.value, "POST");
  EXPECT_TRUE(migration.hooks[0].stops);
  EXPECT_FALSE(migration.hooks[1].stops);
  EXPECT_EQ(migration.hooks[1].when, (Boundary{Boundary::Side::before, Phase::contract}));
  EXPECT_EQ(kind_of(migration.hooks[5]), "env");
  EXPECT_EQ(std::get<EnvHook>(migration.hooks[5].what).rename.at(0).value.value, "OPPORTUNITY_");
  EXPECT_EQ(std::get<MapHook>(migration.hooks[6].what).to.text.value, "opportunity");
  EXPECT_EQ(migration.limits.workers.value, 3);
  EXPECT_EQ(migration.limits.wal_rate->value, 20 << 20);
  EXPECT_EQ(migration.limits.batch.value, 0);
  EXPECT_EQ(migration.windows.grace.value, std::chrono::hours(168));
  EXPECT_THAT(migration.schedule.notices, SizeIs(2));
  EXPECT_EQ(migration.contacts.at(0).address.value, "a@example.org");
  EXPECT_EQ(migration.contacts.at(1).role.value, "DBA");
  EXPECT_EQ(strings(migration.prerequisites), (std::vector<std::string>{"b", "c"}));
}

TEST(Read, a_folder_without_the_file) {
  const TemporaryFolder folder;
  const auto read = read_migration(folder.path());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().at(0).code, "not-a-file");
}

TEST(Read, one_error_of_a_command_holds_all) {
  const TemporaryFolder folder;
  const auto read = read_migration_text("migration: A\nmoves: []\n", folder.path());
  ASSERT_FALSE(read);
  const auto error = to_error(read.error());
  EXPECT_EQ(error.exit, Exit::usage);
  EXPECT_NE(error.where.find("migration.yaml:1:12"), std::string::npos);
  EXPECT_NE(error.hint.find("1 more:"), std::string::npos);
}

}  // namespace
}  // namespace segue::migration
