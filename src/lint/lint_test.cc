#include "lint/lint.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "base/json.h"
#include "lint/explain.h"
#include "lint/files.h"
#include "lint/fix.h"
#include "lint/order.h"
#include "lint/output.h"
#include "lint/rule.h"
#include "sql/claims.h"

namespace segue::lint {
namespace {

Report judge(const std::string& text, const std::string& path = "one.sql", Options options = {}) {
  return run(std::move(options), std::vector<Input>{{path, text}});
}

std::vector<std::string> codes(const Report& report) {
  std::vector<std::string> found;
  for (const Finding& finding : report.findings) {
    if (finding.severity >= Severity::warning) found.push_back(finding.code);
  }
  return found;
}
using Codes = std::vector<std::string>;

TEST(Lint, SaysNothingWhereNothingIsWrong) {
  EXPECT_EQ(
      codes(judge("CREATE TABLE t (id bigint PRIMARY KEY, name text NOT NULL);\nCREATE INDEX t_name ON t (name);\n"
                  "COMMENT ON TABLE t IS 'x';\nGRANT SELECT ON t TO reader;\n")),
      Codes{});
  EXPECT_EQ(codes(judge("")), Codes{});
  EXPECT_EQ(codes(judge("-- nothing\n")), Codes{});
}

std::string as_json(const Report& report) {
  std::string all;
  write_json(report, [&](std::string_view part) { all += part; });
  return all;
}

TEST(Lint, JsonIsAsPromised) {
  const Report report = judge("-- ä\nCREATE INDEX i ON users (email);");
  const auto json = parse_json(as_json(report), "json");
  ASSERT_TRUE(json);
  const Json& first = (*json)[0].at("code") == "index-without-concurrently" ? (*json)[0] : (*json)[1];
  EXPECT_EQ(first.at("line"), 2);
  EXPECT_EQ(first.at("column"), 1);
  EXPECT_EQ(first.at("end_column"), 32);
  EXPECT_EQ(first.at("lock"), "SHARE");
  EXPECT_EQ(first.at("blocks"), "writes");
  EXPECT_EQ(first.at("object"), "users");
  EXPECT_EQ(first.at("scans"), true);
  EXPECT_EQ(first.at("rewrites"), false);
  EXPECT_EQ(first.at("fixable"), true);
  EXPECT_EQ(first.at("safe_form"), "CREATE INDEX CONCURRENTLY i ON users (email);");
  EXPECT_EQ(first.at("refs"), Json::array({"F1"}));
  EXPECT_EQ(parse_json(as_json(judge("")), "json")->size(), 0u);
}

TEST(Lint, SarifAndGithubNameThePlace) {
  const Report report = judge("DROP TABLE users;", "db/x.sql");
  const Json sarif = as_sarif(report);
  EXPECT_EQ(sarif["version"], "2.1.0");
  EXPECT_EQ(sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "db/x.sql");
  EXPECT_NE(as_github(report).find("::error file=db/x.sql,line=1,"), std::string::npos);
  EXPECT_NE(as_text(report, Paint(-1)).find("^^^"), std::string::npos);
}

TEST(Lint, UpAndDownHalvesOfTheTools) {
  const std::string body = "CREATE TABLE t (id bigint PRIMARY KEY);";
  EXPECT_EQ(codes(judge("-- migrate:up\n" + body + "\n-- migrate:down\nDROP TABLE t;")), Codes{});
  EXPECT_EQ(codes(judge("-- +goose Up\n" + body + "\n-- +goose Down\nDROP TABLE t;")), Codes{});
  Options options;
  const Report report =
      run(options, std::vector<Input>{{"m/000001_a.up.sql", body}, {"m/000001_a.down.sql", "DROP TABLE t;"}});
  EXPECT_EQ(codes(report), Codes{});
  EXPECT_EQ(layout_of("db/V1.2__x.sql", sql::split_script("SELECT 1;"), false).version, "1.2");
  EXPECT_EQ(layout_of("supabase/migrations/20240101120000_x.sql", sql::split_script("SELECT 1;"), false).layout,
            Layout::supabase);
  EXPECT_EQ(codes(judge("-- +goose StatementBegin\n" + body)), Codes{});
  EXPECT_EQ(layout_of("revert/x.sql", sql::split_script("SELECT 1;"), false).sections[0].direction, Direction::down);
}

TEST(Lint, HistoryIsReadForNamesOnly) {
  Options options;
  options.settings.applied_up_to = "0001_a.sql";
  const Report report = run(options, std::vector<Input>{{"0001_a.sql", "CREATE TABLE t (id bigint); DROP TABLE old;"},
                                                        {"0002_b.sql", "ALTER TABLE t ALTER mail SET NOT NULL;"}});
  EXPECT_EQ(codes(report), (Codes{"unknown-column", "set-not-null"}));
}

TEST(Lint, LooksIntoDoBlocks) {
  const Report report = judge("DO $$ BEGIN\n  CREATE INDEX i ON users (email);\nEND $$;");
  ASSERT_EQ(codes(report), Codes{"index-without-concurrently"});
  EXPECT_EQ(report.files[0].source.script().position(report.findings[0].range.begin).line, 2);
}

TEST(Lint, FixesGoWhereTheLayoutLetsThem) {
  const std::string index = "CREATE INDEX users_email ON users (email);\n";
  const auto dbmate = fix({}, {{"1_x.sql", "-- migrate:up\n" + index + "-- migrate:down\n"}});
  ASSERT_EQ(dbmate.size(), 1u);
  EXPECT_EQ(dbmate[0].after.substr(0, 86),
            "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY users_email ON users (email)");
  const auto goose = fix({}, {{"1_x.sql", "-- +goose Up\n" + index}});
  ASSERT_EQ(goose.size(), 1u);
  EXPECT_EQ(goose[0].after.substr(0, 24), "-- +goose NO TRANSACTION");
  const auto flyway = fix({}, {{"db/V7__x.sql", "CREATE TABLE t (id int);\n" + index}});
  ASSERT_EQ(flyway.size(), 3u);
  EXPECT_EQ(flyway[1].path, "db/V7.1__x_concurrently.sql");
  EXPECT_EQ(flyway[1].after, "CREATE INDEX CONCURRENTLY users_email ON users (email);\n");
  EXPECT_EQ(flyway[2].path, "db/V7.1__x_concurrently.sql.conf");
  const auto supabase = fix({}, {{"supabase/migrations/20240101120000_x.sql", "CREATE TABLE t (id int);\n" + index}});
  ASSERT_EQ(supabase.size(), 2u);
  EXPECT_EQ(supabase[1].path, "supabase/migrations/20240101120001_x_concurrently.sql");
  const auto inside = fix({}, {{"x.sql", "BEGIN;\n" + index + "COMMIT;\n"}});
  for (const FixedFile& file : inside) EXPECT_EQ(file.after.find("CONCURRENTLY"), std::string::npos);
}

TEST(Lint, ADiffShowsWhatChanges) {
  const std::string diff = unified_diff({"x.sql", "a\nb\nc\n", "a\nB\nc\n", false});
  EXPECT_EQ(diff, "--- x.sql\n+++ x.sql\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n");
}

TEST(Lint, SettingsAreStrict) {
  const auto good = read_settings("postgres: 16\nin_transaction: true\nseverities: {drop-column: off}\n", "x.yaml", "");
  ASSERT_TRUE(good);
  EXPECT_EQ(good->version.major(), 16);
  EXPECT_EQ(good->rules.at("drop-column"), Severity::off);
  const auto unknown = read_settings("severities:\n  drop-colum: off\n", "x.yaml", "");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().where, "x.yaml:2:3");
  EXPECT_NE(unknown.error().hint.find("drop-column"), std::string::npos);
  EXPECT_FALSE(read_settings("postgres: 11", "x.yaml", ""));
  for (const char* text : {"applied_up_to: [1]", "exclude: [[a]]", "postgres: 14\npostgres: 15", "fail_on: perhaps",
                           "in_transaction: yes", "[a]: b", "- a", "a: [", "severities:"}) {
    EXPECT_FALSE(read_settings(text, "x.yaml", "")) << text;
  }
  EXPECT_TRUE(read_settings("database: x\n", "segue.yaml", "lint"));
}

TEST(Lint, FilesComeInTheOrderInWhichTheyRun) {
  EXPECT_TRUE(runs_before("2_b.sql", "10_a.sql"));
  EXPECT_TRUE(runs_before("V1.2__a.sql", "V1.10__a.sql"));
  EXPECT_TRUE(matches("vendor/**", "a/vendor/x/y.sql"));
  EXPECT_FALSE(matches("*.down.sql", "a/x.up.sql"));
}

TEST(Lint, EveryRuleIsExplained) {
  for (const Rule& rule : all_rules()) EXPECT_TRUE(explain(rule.code)) << rule.code;
  EXPECT_FALSE(explain("drop-colum"));
  EXPECT_GE(all_rules().size(), 90u);
}

std::vector<std::string> corpus() {
  std::vector<std::string> statements;
  for (const auto& entry : std::filesystem::directory_iterator(SEGUE_LINT_TESTS "/corpus")) {
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) statements.push_back(line);
  }
  return statements;
}

// A lock that is claimed belongs to a class that the probe measures.
TEST(Lint, EveryClaimOfALockIsOfAProbedClass) {
  const auto& classes = sql::claimed_classes();
  const auto probed = [&](std::string_view name) {
    return std::find(classes.begin(), classes.end(), name) != classes.end();
  };
  for (const std::string& line : corpus()) {
    const sql::Source source(line);
    for (const sql::Statement& statement : source.statements()) {
      const sql::Facts facts = sql::facts_of(statement, {});
      if (facts.lock <= sql::Lock::access_share || statement.tree.is("ExplainStmt")) continue;
      if (!statement.tree.is("AlterTableStmt")) EXPECT_TRUE(probed(statement.tree.tag())) << line;
      for (const sql::Action& action : facts.actions)
        EXPECT_TRUE(probed(action.subtype)) << action.subtype << " in " << line;
    }
  }
}

TEST(Lint, RubbishIsAFindingAndNoCrash) {
  for (const std::string& text :
       {std::string(1 << 20, '('), std::string(1 << 20, '\0'), std::string(1 << 20, '\''), std::string(1 << 20, '\xff'),
        std::string(1 << 20, '$'), std::string(1 << 20, ';'), std::string(1 << 20, '\\'),
        "SELECT " + std::string(20000, '(') + "1" + std::string(20000, ')'),
        std::string("/*", 2) + std::string(1 << 20, '/'), std::string("DO $$ ") + std::string(1 << 20, '(')}) {
    const Report report = judge(text);
    EXPECT_TRUE(parse_json(as_json(report), "json"));
    as_text(report, Paint(-1));
    as_github(report);
    as_sarif(report);
  }
  std::string many;
  for (int i = 0; i < 20000; ++i) many += "ALTER TABLE t ADD COLUMN c" + std::to_string(i) + " int CHECK (c > 0);";
  judge(many);
}

// Statements cut, doubled and shuffled: nothing may crash; the fuzzer does the same for longer.
TEST(Lint, MangledStatementsAreRead) {
  const std::vector<std::string> statements = corpus();
  std::mt19937 dice(11);
  for (int round = 0; round < 3000; ++round) {
    std::string text = statements[dice() % statements.size()] + "\n" + statements[dice() % statements.size()];
    for (int change = 0; change < 3; ++change) {
      const std::size_t at = dice() % (text.size() + 1);
      if (dice() % 3 == 0) {
        text.erase(at, dice() % 20);
      } else if (dice() % 2 == 0) {
        text.insert(at, statements[dice() % statements.size()].substr(0, dice() % 30));
      } else {
        text.insert(at, 1, static_cast<char>(dice() % 256));
      }
    }
    const Report report = judge(text);
    EXPECT_TRUE(parse_json(as_json(report), "json"));
    fix({}, {{"x.sql", text}});
  }
}

}  // namespace
}  // namespace segue::lint
