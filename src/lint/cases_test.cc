// Every rule by its cases in tests/lint: what must fire, what must not, and that --fix mends without changing the
// outcome.
#include "lint/cases.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "catalog/fingerprint.h"
#include "lint/fix.h"
#include "lint/load_schema.h"
#include "lint/rule.h"
#include "testing/server.h"

namespace segue::lint {
namespace {

const std::vector<Case>& cases() {
  static const std::vector<Case> all = read_cases(SEGUE_LINT_TESTS "/cases");
  return all;
}

std::string words(const Report& report) {
  std::string text;
  for (const Finding& finding : report.findings) text += "  " + finding.code + ": " + finding.message + "\n";
  return text.empty() ? "  nothing\n" : text;
}

bool reports(const Report& report, const std::string& code) {
  for (const Finding& finding : report.findings) {
    if (finding.code == code) return true;
  }
  return false;
}

// One database for all cases, emptied for each: making a new one every time takes most of a minute.
const testing::Database& emptied_database() {
  static const testing::Database shared;
  shared.run(
      "DROP SCHEMA IF EXISTS public, auth, extensions CASCADE; CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO "
      "PUBLIC");
  return shared;
}

Options options_of(const Case& each) {
  Options options;
  options.settings = each.settings;
  if (each.with_database) {
    const testing::Database& database = emptied_database();
    database.run(each.before);
    auto connection = database.connect();
    auto schema = load_schema(connection);
    if (!schema) throw std::runtime_error(to_text(schema.error()));
    options.schema = std::move(*schema);
  }
  if (each.server_version != 0) options.schema.server_version = each.server_version;
  return options;
}

TEST(Cases, FireAndStayQuiet) {
  for (const Case& each : cases()) {
    const Report report = run(options_of(each), each.files);
    EXPECT_EQ(reports(report, each.code), each.fires) << each.where << " " << each.code << "\n" << words(report);
  }
}

TEST(Cases, EveryRuleHasTwoOfBothKinds) {
  std::map<std::string, std::pair<int, int>> counted;
  for (const Case& each : cases()) ++(each.fires ? counted[each.code].first : counted[each.code].second);
  for (const auto& [code, unused] : counted) EXPECT_NE(find_rule(code), nullptr) << code << " is no rule";
  for (const Rule& rule : all_rules()) {
    EXPECT_GE(counted[rule.code].first, 2) << rule.code << " fires";
    EXPECT_GE(counted[rule.code].second, 2) << rule.code << " stays quiet";
    EXPECT_FALSE(rule.refs.empty()) << rule.code;
  }
}

std::string base_schema() {
  std::ifstream file(SEGUE_LINT_TESTS "/base.sql");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Each statement by itself, as a tool without a transaction runs a file; false where one fails.
bool runs(const testing::Database& database, const std::string& text) {
  auto connection = database.connect();
  const sql::Source source(text);
  for (const sql::Statement& statement : source.statements()) {
    if (!connection.execute(statement.text)) return false;
  }
  return true;
}

std::string fingerprint_after(const std::string& text, bool& ran) {
  const testing::Database& database = emptied_database();
  database.run(base_schema());
  ran = runs(database, text);
  auto connection = database.connect();
  return catalog::fingerprint(catalog::take_snapshot(connection).value());
}

TEST(Cases, FixesMendAndLeaveTheSameCatalog) {
  int compared = 0;
  for (const Case& each : cases()) {
    const Rule* rule = find_rule(each.code);
    if (!each.fires || rule == nullptr || !rule->fixable) continue;
    Options options = options_of(each);
    // Just this rule, so that the result is its own.
    for (const Rule& other : all_rules()) {
      if (each.code != other.code) options.settings.rules[other.code] = Severity::off;
    }
    const Report before = run(options, each.files);
    bool fixable = false;
    for (const Finding& finding : before.findings) fixable = fixable || finding.fix.has_value();
    if (!fixable) continue;
    std::vector<Input> files = each.files;
    const auto changed = fix(options, each.files);
    for (const FixedFile& file : changed) {
      if (file.is_new) files.push_back({file.path, file.after});
      for (Input& input : files) {
        if (input.path == file.path) input.text = file.after;
      }
    }
    if (changed.empty()) continue;  // in a transaction that lint cannot open
    const Report after = run(options, files);
    std::string text;
    for (const Input& input : files) text += input.text;
    EXPECT_FALSE(reports(after, each.code)) << each.where << " " << each.code << "\n" << text << words(after);
    if (each.with_database || each.files.size() != 1 || files.size() != 1) continue;
    bool ran_before = false;
    const std::string expected = fingerprint_after(each.files[0].text, ran_before);
    if (!ran_before) continue;
    bool ran_after = false;
    const std::string actual = fingerprint_after(text, ran_after);
    EXPECT_TRUE(ran_after) << each.where << " " << each.code << "\n" << text;
    // A policy that narrows, an invoker's rights, a search_path or jsonb are meant to be another catalog.
    static const std::vector<std::string> meant = {"policy-never-narrows", "view-bypasses-row-security",
                                                   "definer-without-search-path", "add-column-json",
                                                   "detach-partition"};
    if (std::find(meant.begin(), meant.end(), each.code) != meant.end()) continue;
    EXPECT_EQ(actual, expected) << each.where << " " << each.code << "\n" << text;
    ++compared;
  }
  EXPECT_GT(compared, 15);
}

}  // namespace
}  // namespace segue::lint
