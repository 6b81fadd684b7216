// The forms in which findings leave: places, SARIF 2.1.0, GitHub's commands.
#include "lint/output.h"

#include <gtest/gtest.h>

#include <set>

#include "base/json.h"
#include "lint/lint.h"

namespace segue::lint {
namespace {

Report judge(const std::string& text, const std::string& path = "one.sql") {
  return run({}, std::vector<Input>{{path, text}});
}

// What the schema of SARIF 2.1.0 asks of the parts that are written.
void expect_valid(const Json& sarif) {
  EXPECT_EQ(sarif.at("version"), "2.1.0");
  ASSERT_EQ(sarif.at("runs").size(), 1u);
  const Json& run = sarif["runs"][0];
  const Json& driver = run.at("tool").at("driver");
  EXPECT_TRUE(driver.at("name").is_string());
  std::set<std::string> ids;
  for (const Json& rule : driver.at("rules")) {
    EXPECT_TRUE(ids.insert(rule.at("id").get<std::string>()).second) << "an id stands twice";
    for (const char* text : {"shortDescription", "fullDescription", "help"}) {
      EXPECT_FALSE(rule.at(text).at("text").get<std::string>().empty());
    }
  }
  const std::set<std::string> levels = {"none", "note", "warning", "error"};
  for (const Json& result : run.at("results")) {
    EXPECT_TRUE(ids.contains(result.at("ruleId").get<std::string>()));
    EXPECT_TRUE(levels.contains(result.at("level").get<std::string>()));
    EXPECT_FALSE(result.at("message").at("text").get<std::string>().empty());
    ASSERT_EQ(result.at("locations").size(), 1u);
    const Json& place = result["locations"][0].at("physicalLocation");
    for (const char sign : place.at("artifactLocation").at("uri").get<std::string>()) {
      EXPECT_TRUE(sign > ' ' && sign < 0x7f && std::string_view("<>\"{}|\\^`").find(sign) == std::string_view::npos);
    }
    const Json& region = place.at("region");
    EXPECT_GE(region.at("startLine"), 1);
    EXPECT_GE(region.at("startColumn"), 1);
    EXPECT_GE(region.at("endLine"), region.at("startLine"));
    if (region.at("endLine") == region.at("startLine")) EXPECT_GE(region.at("endColumn"), region.at("startColumn"));
  }
}

TEST(Output, SarifIsValid) {
  expect_valid(as_sarif(judge("")));
  const Json sarif =
      as_sarif(judge("DROP TABLE users; SELECT \xff; -- segue:allow drop-column x\nDROP TABLE \"\xc3\xa4\";",
                     "db/new files/\xc3\xa4.sql"));
  expect_valid(sarif);
  EXPECT_EQ(sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            "db/new%20files/%C3%A4.sql");
}

TEST(Output, PlacesCountSignsAsEditorsDo) {
  const Report report = judge(
      "\xef\xbb\xbf"
      "DROP TABLE a;\r\n\t/* \xc3\xa4 */ DROP TABLE b;\r\n");
  std::vector<std::pair<int, int>> places;
  for (const Finding& finding : report.findings) {
    if (finding.code != "drop-table") continue;
    const sql::Position at = report.files[0].source.script().position(finding.range.begin);
    places.emplace_back(at.line, at.column);
  }
  EXPECT_EQ(places, (std::vector<std::pair<int, int>>{{1, 1}, {2, 10}}));
}

TEST(Output, TheLockIsThatOfTheObject) {
  const Report report = judge("CREATE TABLE notes (id bigint PRIMARY KEY, user_id uuid REFERENCES auth.users);");
  bool told = false;
  for (const Finding& finding : report.findings) {
    if (finding.code != "create-table-references") continue;
    told = true;
    EXPECT_EQ(finding.object, "auth.users");
    EXPECT_EQ(finding.lock, sql::Lock::share_row_exclusive);
  }
  EXPECT_TRUE(told);
  for (const Finding& finding :
       judge("ALTER TABLE events ATTACH PARTITION events_1 FOR VALUES FROM (1) TO (2);").findings) {
    if (finding.code != "attach-partition") continue;
    EXPECT_EQ(finding.object, "events_1");
    EXPECT_EQ(finding.lock, sql::Lock::access_exclusive);
  }
}

TEST(Output, SafeFormsQuoteNamesThatNeedIt) {
  const Report report = judge(
      "CREATE TABLE \"User\" (id bigint PRIMARY KEY);\n"
      "CREATE TABLE \"Post\" (id bigint PRIMARY KEY, \"authorId\" bigint REFERENCES \"User\");\n");
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_EQ(report.findings[0].safe_form,
            "CREATE INDEX CONCURRENTLY \"Post_authorId_idx\" ON \"Post\" (\"authorId\");");
}

TEST(Output, FixableIsWhatFixDoes) {
  const auto fixable = [](const std::string& text) {
    for (const Finding& finding : judge(text).findings) {
      if (finding.code == "index-without-concurrently") return finding.fix.has_value();
    }
    ADD_FAILURE() << "not found";
    return false;
  };
  EXPECT_TRUE(fixable("CREATE INDEX i ON users (email);"));
  EXPECT_FALSE(fixable("BEGIN; CREATE INDEX i ON users (email); COMMIT;"));
  EXPECT_FALSE(fixable("DO $$ BEGIN CREATE INDEX i ON users (email); END $$;"));
}

}  // namespace
}  // namespace segue::lint
