#include "catalog/canonical.h"

#include <array>
#include <string_view>

#include "sql/expression.h"

namespace segue::catalog {
namespace {

using Make = std::string (*)(std::string_view);

struct SqlAttribute {
  std::string_view kind;  // empty: of every kind
  std::string_view attribute;
  Make make;
};

// Where SQL stands in a snapshot. Bodies of functions in SQL or PL/pgSQL are not here: they are compared as written.
constexpr std::array kSqlAttributes = {
    SqlAttribute{"", "default", sql::canonical_expression},
    SqlAttribute{"", "generated as", sql::canonical_expression},
    SqlAttribute{"constraint", "definition", sql::canonical_constraint},
    SqlAttribute{"index", "definition", sql::canonical_index},
    SqlAttribute{"policy", "using", sql::canonical_expression},
    SqlAttribute{"policy", "with check", sql::canonical_expression},
    SqlAttribute{"publication table", "where", sql::canonical_expression},
    SqlAttribute{"view", "query", sql::canonical_statement},
    SqlAttribute{"materialized view", "query", sql::canonical_statement},
    SqlAttribute{"rule", "definition", sql::canonical_statement},
    SqlAttribute{"trigger", "definition", sql::canonical_statement},
    SqlAttribute{"statistics", "definition", sql::canonical_statement},
    SqlAttribute{"function", "arguments", sql::canonical_arguments},
    SqlAttribute{"procedure", "arguments", sql::canonical_arguments},
    SqlAttribute{"function", "sql body", sql::canonical_body},
    SqlAttribute{"procedure", "sql body", sql::canonical_body},
};

Make find(const std::string& kind, const std::string& attribute) {
  for (const auto& known : kSqlAttributes) {
    if (known.attribute == attribute && (known.kind.empty() || known.kind == kind)) return known.make;
  }
  return nullptr;
}

}  // namespace

const std::string& Canonical::operator()(const std::string& kind, const std::string& attribute,
                                         const std::string& value) {
  const Make make = find(kind, attribute);
  // The caller's own text, for as long as the caller has it (see the header).
  if (make == nullptr) return value;  // NOLINT(bugprone-return-const-ref-from-parameter)
  auto [place, is_new] = made_.try_emplace(kind + '\0' + attribute + '\0' + value);
  if (is_new) place->second = make(value);
  return place->second;
}

bool Canonical::same(const std::string& kind, const std::string& attribute, const std::string& a,
                     const std::string& b) {
  return a == b || (*this)(kind, attribute, a) == (*this)(kind, attribute, b);
}

}  // namespace segue::catalog
