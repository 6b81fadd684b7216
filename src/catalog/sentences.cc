// The text form of differences; their making is in diff.cc.
#include <map>
#include <set>

#include "catalog/diff.h"
#include "catalog/words.h"

namespace segue::catalog {
namespace {

constexpr const char* kFlag = "yes";

std::string change_of_attribute(const Difference& one) {
  const std::string attribute = words::shown_attribute(one.attribute);
  if (!one.before) {
    if (*one.after == kFlag) return attribute + " was set";
    return attribute + " was set to " + words::shown_value(*one.after);
  }
  if (!one.after) {
    if (*one.before == kFlag) return attribute + " was taken away";
    return attribute + " was taken away (it was " + words::shown_value(*one.before) + ")";
  }
  return attribute + " changed from " + words::shown_value(*one.before) + " to " + words::shown_value(*one.after);
}

std::string plural(const std::string& kind, int count) {
  if (count == 1) return "1 " + kind;
  if (kind == "index") return std::to_string(count) + " indexes";
  if (kind == "policy") return std::to_string(count) + " policies";
  if (kind == "statistics") return std::to_string(count) + " statistics";
  return std::to_string(count) + " " + kind + "s";
}

bool came_or_went(const Difference& one) {
  return one.change != Change::changed;
}

// What came or went, by change and name: whatever hangs on it is part of it.
using Whole = std::set<std::pair<Change, std::string>>;

bool is_part(const Difference& one, const Whole& whole) {
  return came_or_went(one) && !one.of.empty() && one.of != one.object && whole.contains({one.change, one.of});
}

}  // namespace

std::string sentence(const Difference& one) {
  const std::string object = one.kind + " " + words::shown_name(one.object);
  if (one.change == Change::changed) return object + ": " + change_of_attribute(one);
  const bool added = one.change == Change::added;
  const std::string few_words = (added ? one.after : one.before).value_or("");
  return object + " was " + name_of(one.change) + (few_words.empty() ? "" : " (" + few_words + ")");
}

std::vector<std::string> sentences(const std::vector<Difference>& differences) {
  Whole whole;
  for (const auto& one : differences) {
    if (came_or_went(one)) whole.insert({one.change, one.object});
  }
  std::map<std::pair<Change, std::string>, std::map<std::string, int>> parts;
  for (const auto& one : differences) {
    if (is_part(one, whole)) ++parts[{one.change, one.of}][one.kind];
  }
  std::vector<std::string> lines;
  for (const auto& one : differences) {
    if (is_part(one, whole)) continue;
    std::string line = sentence(one);
    auto counted = parts.find({one.change, one.object});
    if (came_or_went(one) && counted != parts.end()) {
      std::string with;
      for (const auto& [kind, count] : counted->second) with += (with.empty() ? "" : ", ") + plural(kind, count);
      line += ", with " + with;
      parts.erase(counted);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace segue::catalog
