#include "migration/nearest.h"

#include <algorithm>

#include "base/text.h"

namespace segue::migration {
namespace {

std::string sorted_letters(std::string_view word) {
  auto letters = lower(word);
  std::sort(letters.begin(), letters.end());
  return letters;
}

}  // namespace

std::string nearest(std::string_view typed, const std::vector<std::string>& candidates) {
  if (typed.size() > 100) return {};
  if (auto word = nearest_word(typed, candidates); !word.empty()) return word;
  for (const auto& candidate : candidates) {
    if (typed.size() > 2 && sorted_letters(candidate) == sorted_letters(typed)) return candidate;
  }
  return {};
}

}  // namespace segue::migration
