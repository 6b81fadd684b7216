#include "catalog/diff.h"

#include "base/json.h"
#include "catalog/canonical.h"
#include "catalog/words.h"

namespace segue::catalog {
namespace {

using Entry = std::map<ObjectKey, Object>::const_iterator;
using Attribute = std::map<std::string, std::string>::const_iterator;

Difference about(const Object& object, Change change) {
  Difference difference;
  difference.kind = object.kind;
  difference.object = object.name;
  difference.of = object.of;
  difference.change = change;
  return difference;
}

void compare(const Object& a, const Object& b, Canonical& canonical, std::vector<Difference>& into) {
  const auto note = [&](const std::string& attribute, std::optional<std::string> before,
                        std::optional<std::string> after) {
    Difference difference = about(b, Change::changed);
    difference.attribute = attribute;
    difference.before = std::move(before);
    difference.after = std::move(after);
    into.push_back(std::move(difference));
  };
  Attribute left = a.attributes.begin(), right = b.attributes.begin();
  while (left != a.attributes.end() || right != b.attributes.end()) {
    if (right == b.attributes.end() || (left != a.attributes.end() && left->first < right->first)) {
      note(left->first, left->second, std::nullopt);
      ++left;
    } else if (left == a.attributes.end() || right->first < left->first) {
      note(right->first, std::nullopt, right->second);
      ++right;
    } else {
      if (!canonical.same(a.kind, left->first, left->second, right->second)) {
        note(left->first, left->second, right->second);
      }
      ++left;
      ++right;
    }
  }
}

}  // namespace

const char* name_of(Change change) {
  switch (change) {
    case Change::added:
      return "added";
    case Change::removed:
      return "removed";
    case Change::changed:
      return "changed";
  }
  return "";
}

std::vector<Difference> diff(const Snapshot& before, const Snapshot& after) {
  std::vector<Difference> differences;
  Canonical canonical;
  const auto removed = [&](const Object& object) {
    differences.push_back(about(object, Change::removed));
    differences.back().before = words::in_short(object);
  };
  const auto added = [&](const Object& object) {
    differences.push_back(about(object, Change::added));
    differences.back().after = words::in_short(object);
  };
  Entry left = before.objects.begin(), right = after.objects.begin();
  while (left != before.objects.end() || right != after.objects.end()) {
    if (right == after.objects.end() || (left != before.objects.end() && left->first < right->first)) {
      removed((left++)->second);
    } else if (left == before.objects.end() || right->first < left->first) {
      added((right++)->second);
    } else {
      compare((left++)->second, (right++)->second, canonical, differences);
    }
  }
  return differences;
}

Json to_json(const std::vector<Difference>& differences) {
  const auto value = [](const std::optional<std::string>& text) { return text ? Json(*text) : Json(nullptr); };
  Json list = Json::array();
  for (const auto& one : differences) {
    list.push_back({{"kind", one.kind},
                    {"object", one.object},
                    {"change", name_of(one.change)},
                    {"attribute", one.attribute.empty() ? Json(nullptr) : Json(one.attribute)},
                    {"before", value(one.before)},
                    {"after", value(one.after)}});
  }
  return list;
}

}  // namespace segue::catalog
