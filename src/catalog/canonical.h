// Attribute values made comparable: those that hold SQL in one spelling, all others as they are.
#pragma once

#include <string>
#include <unordered_map>

namespace segue::catalog {

// Remembers what it has made, because the same default stands at a thousand columns. One thread uses it.
class Canonical {
 public:
  // The value as it is compared. Values that hold no SQL come back as they are.
  const std::string& operator()(const std::string& kind, const std::string& attribute, const std::string& value);

  // Whether two values of one attribute are the same.
  bool same(const std::string& kind, const std::string& attribute, const std::string& a, const std::string& b);

 private:
  std::unordered_map<std::string, std::string> made_;
};

}  // namespace segue::catalog
