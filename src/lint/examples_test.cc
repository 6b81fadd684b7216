// The plans of the examples as their teams wrote them: each mistake that the text or the catalog shows is reported.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "lint/lint.h"
#include "lint/load_schema.h"
#include "testing/server.h"

namespace segue::lint {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::set<std::string> refs_of(const Report& report) {
  std::set<std::string> refs;
  for (const Finding& finding : report.findings) refs.insert(finding.refs.begin(), finding.refs.end());
  return refs;
}

Report judge(const std::string& example, Options options = {}) {
  auto report = run(std::move(options), std::vector<std::string>{SEGUE_EXAMPLES "/" + example + "/as-planned"});
  if (!report) throw std::runtime_error(to_text(report.error()));
  return std::move(*report);
}

void expect_refs(const Report& report, const std::vector<std::string>& expected) {
  const auto refs = refs_of(report);
  for (const std::string& ref : expected) EXPECT_TRUE(refs.contains(ref)) << ref << " is not reported";
}

TEST(Examples, VisionwestOffline) {
  // C12 the doubled index, C10 SET NULL against NOT NULL, C14 inserts between the phases, D1 the literal key, D3 and D4
  // the way back, D6 NOT IN, C17 AND and OR.
  expect_refs(judge("visionwest"), {"C12", "C10", "C14", "D1", "D3", "D4", "D6", "C17", "F22", "F33", "F1"});
}

TEST(Examples, VisionwestAgainstItsLegacyDatabase) {
  const testing::Database database;
  database.run(text_of(SEGUE_EXAMPLES "/visionwest/legacy/schema.sql"));
  database.run(text_of(SEGUE_EXAMPLES "/visionwest/legacy/constraints.sql"));
  Options options;
  auto connection = database.connect();
  options.schema = load_schema(connection).value();
  // A2 and D13 client_id means a user already, C11 the global job number, D2 the undo drops the old client_id.
  expect_refs(judge("visionwest", std::move(options)),
              {"A2", "D13", "C8", "C11", "D2", "C12", "C10", "C14", "D1", "D3", "D4", "D6", "C17"});
}

TEST(Examples, FactoryPulseOffline) {
  expect_refs(judge("factory-pulse"), {"C1", "F17", "F33", "F36"});
}

TEST(Examples, KitchenpantryOffline) {
  expect_refs(judge("kitchenpantry"), {"F45", "F36", "D9", "D10", "F1"});
}

}  // namespace
}  // namespace segue::lint
