// tests/lint/coverage.txt: every row of the lists of defects and facts is served by a rule, by a fact that is probed,
// or is named as none of lint's, with the reason; and no rule refers to a row that does not exist.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "lint/rule.h"
#include "sql/claims.h"

namespace segue::lint {
namespace {

struct Row {
  std::string kind;
  std::vector<std::string> words;
};

std::map<std::string, Row> rows() {
  std::map<std::string, Row> rows;
  std::ifstream file(SEGUE_LINT_TESTS "/coverage.txt");
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with("#")) continue;
    std::istringstream words(line);
    std::string id;
    Row row;
    words >> id >> row.kind;
    for (std::string word; words >> word;) row.words.push_back(word);
    EXPECT_TRUE(rows.emplace(id, row).second) << id << " stands twice";
  }
  return rows;
}

std::set<std::string> all_ids() {
  std::set<std::string> ids;
  const auto add = [&](char letter, int last) {
    for (int number = 1; number <= last; ++number) ids.insert(letter + std::to_string(number));
  };
  add('A', 9);
  add('B', 8);
  add('C', 19);
  add('D', 13);
  add('F', 76);
  return ids;
}

bool refers(const Rule& rule, const std::string& id) {
  return std::any_of(rule.refs.begin(), rule.refs.end(), [&](const char* ref) { return id == ref; });
}

TEST(Coverage, EveryRowIsServed) {
  const auto table = rows();
  for (const std::string& id : all_ids()) {
    ASSERT_TRUE(table.contains(id)) << id << " is not in coverage.txt";
    const Row& row = table.at(id);
    ASSERT_FALSE(row.words.empty()) << id;
    if (row.kind == "rule") {
      for (const std::string& code : row.words) {
        const Rule* rule = find_rule(code);
        ASSERT_NE(rule, nullptr) << id << " names " << code << ", which is no rule";
        EXPECT_TRUE(refers(*rule, id)) << code << " does not refer to " << id;
      }
    } else if (row.kind == "fact") {
      const auto& classes = sql::claimed_classes();
      EXPECT_NE(std::find(classes.begin(), classes.end(), row.words[0]), classes.end()) << id;
      EXPECT_GT(row.words.size(), 3u) << id << " needs a reason";
    } else {
      EXPECT_EQ(row.kind, "other") << id;
      EXPECT_TRUE(row.words[0] == "rehearsal:" || row.words[0] == "run:") << id;
      EXPECT_GT(row.words.size(), 3u) << id << " needs a reason";
    }
  }
  EXPECT_EQ(table.size(), all_ids().size());
}

TEST(Coverage, EveryReferenceIsToARowThatNamesTheRule) {
  const auto table = rows();
  for (const Rule& rule : all_rules()) {
    for (const std::string ref : rule.refs) {
      const auto row = table.find(ref);
      ASSERT_NE(row, table.end()) << rule.code << " refers to " << ref;
      const auto& words = row->second.words;
      EXPECT_NE(std::find(words.begin(), words.end(), rule.code), words.end())
          << ref << " in coverage.txt does not name " << rule.code;
    }
  }
}

}  // namespace
}  // namespace segue::lint
