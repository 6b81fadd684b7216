#include "lint/cases.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace segue::lint {
namespace {

class CaseReader {
 public:
  CaseReader(std::vector<Case>& cases, std::string file) : cases_(cases), file_(std::move(file)) {}

  void take(const std::string& line, int number) {
    if (line.starts_with("== ")) {
      heading(line.substr(3), number);
    } else if (cases_.empty()) {
      throw std::runtime_error(file_ + ": text before the first heading");
    } else if (line == "--- with database") {
      Case& here = cases_.back();
      here.before = std::move(here.files.back().text);
      here.files.back().text.clear();
      here.with_database = true;
    } else if (line.starts_with("--- file ")) {
      cases_.back().files.push_back({line.substr(9), {}});
    } else {
      cases_.back().files.back().text += line + "\n";
    }
  }

 private:
  void heading(const std::string& text, int number) {
    std::istringstream words(text);
    Case& made = cases_.emplace_back();
    std::string verdict;
    words >> made.code >> verdict;
    made.fires = verdict == "fires";
    if (!made.fires && verdict != "quiet") throw std::runtime_error(file_ + ": neither fires nor quiet: " + text);
    made.where = file_ + ":" + std::to_string(number);
    made.files.push_back({"one.sql", {}});
    for (std::string option; words >> option;) {
      const std::string value = option.substr(std::min(option.find('=') + 1, option.size()));
      if (option == "tx") made.settings.in_transaction = true;
      if (option.starts_with("pg=")) {
        made.settings.version = *version_of(value, made.where);
        made.settings.version_given = true;
      }
      if (option.starts_with("as=")) made.files.back().path = value;
      if (option.starts_with("server=")) made.server_version = std::stoi(value);
    }
    // Rules that a project has to turn on are on in their own cases.
    made.settings.rules[made.code] = Severity::warning;
  }

  std::vector<Case>& cases_;
  std::string file_;
};

}  // namespace

std::vector<Case> read_cases(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  std::vector<Case> cases;
  for (const std::string& path : files) {
    std::ifstream file(path);
    std::vector<Case> here;
    CaseReader reader(here, std::filesystem::path(path).filename().string());
    int number = 0;
    for (std::string line; std::getline(file, line);) reader.take(line, ++number);
    cases.insert(cases.end(), std::make_move_iterator(here.begin()), std::make_move_iterator(here.end()));
  }
  return cases;
}

}  // namespace segue::lint
