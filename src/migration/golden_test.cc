// Bad files and, to the letter, what is said about each: tests/golden/migration/*.txt.
//
// A case is `==== its name`, the text of migration.yaml, `++++ FILE` and its text for every file beside it, and `----`
// with the messages. SEGUE_UPDATE_GOLDEN=1 writes the messages anew; look at the difference before you keep it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "migration/read.h"
#include "migration/testing.h"

namespace segue::migration {
namespace {

namespace fs = std::filesystem;

struct Case {
  std::string name;
  std::string yaml;
  std::vector<std::pair<std::string, std::string>> files;
  std::string expected;
};

fs::path golden_folder() {
  return fs::path(__FILE__).parent_path() / "../../tests/golden/migration";
}

std::string content_of(const fs::path& path) {
  std::ifstream input(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(input), std::istreambuf_iterator<char>()};
}

std::vector<Case> cases_in(const fs::path& path) {
  std::vector<Case> cases;
  std::string* section = nullptr;
  std::istringstream input(content_of(path));
  for (std::string line; std::getline(input, line);) {
    if (line.starts_with("==== ")) {
      cases.push_back({line.substr(5), {}, {}, {}});
      section = &cases.back().yaml;
    } else if (line.starts_with("++++ ")) {
      cases.back().files.emplace_back(line.substr(5), "");
      section = &cases.back().files.back().second;
    } else if (line == "----") {
      section = &cases.back().expected;
    } else {
      *section += line + "\n";
    }
  }
  return cases;
}

std::string messages_for(const Case& bad) {
  const TemporaryFolder folder;
  for (const auto& [name, text] : bad.files) folder.write(name, text);
  const auto read = read_migration_text(bad.yaml, folder.path());
  if (read) return "no problem was found\n";
  return folder.without_path(to_text(read.error()));
}

std::string as_text(const Case& bad, const std::string& messages) {
  auto text = "==== " + bad.name + "\n" + bad.yaml;
  for (const auto& [name, content] : bad.files) text.append("++++ ").append(name).append("\n").append(content);
  return text + "----\n" + messages;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, messages_are_as_written) {
  const auto path = golden_folder() / GetParam();
  const bool update = std::getenv("SEGUE_UPDATE_GOLDEN") != nullptr;
  const auto cases = cases_in(path);
  ASSERT_FALSE(cases.empty());
  std::string anew;
  for (const auto& bad : cases) {
    const auto messages = messages_for(bad);
    EXPECT_NE(messages, "no problem was found\n") << bad.name;
    if (!update) EXPECT_EQ(messages, bad.expected) << path << ": " << bad.name;
    anew += as_text(bad, messages);
  }
  if (update) std::ofstream(path, std::ios::binary) << anew;
}

INSTANTIATE_TEST_SUITE_P(Files, Golden, testing::Values("keys.txt", "values.txt", "yaml.txt", "files.txt"));

}  // namespace
}  // namespace segue::migration
