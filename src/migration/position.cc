#include "migration/position.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace segue::migration {

std::string to_text(const Position& at) {
  if (!at.known()) return at.file;
  return fmt::format("{}:{}:{}", at.file, at.line, at.column);
}

std::string to_text(const Problem& problem) {
  auto text = fmt::format("{}: {}\n", to_text(problem.at), problem.message);
  if (!problem.hint.empty()) text += fmt::format("  hint: {}\n", problem.hint);
  return text;
}

std::string to_text(const Problems& problems) {
  std::string text;
  for (const auto& problem : problems) text += to_text(problem);
  return text;
}

void sort_problems(Problems& problems) {
  const auto place = [](const Problem& problem) {
    return std::tie(problem.at.file, problem.at.line, problem.at.column, problem.message);
  };
  std::sort(problems.begin(), problems.end(), [&](const Problem& a, const Problem& b) { return place(a) < place(b); });
  problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
}

Error to_error(const Problems& problems) {
  if (problems.empty()) return {"bug", "no problem was reported", {}, {}, {}, Exit::usage};
  const auto& first = problems.front();
  Error error{first.code, first.message, to_text(first.at), first.hint, {}, Exit::usage};
  if (problems.size() == 1) return error;
  const Problems others(problems.begin() + 1, problems.end());
  error.hint += fmt::format("{}{} more:\n{}", error.hint.empty() ? "" : "\n", others.size(), to_text(others));
  while (!error.hint.empty() && error.hint.back() == '\n') error.hint.pop_back();
  return error;
}

}  // namespace segue::migration
