#include "sql/from_clause.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace segue::sql {
namespace {

std::string shown(std::string_view from) {
  const auto tables = tables_after_from(from);
  if (!tables) return "refused: " + tables.error().message;
  std::string text;
  for (const auto& one : *tables) {
    text += fmt::format("[{}] {}.{} as {}; ", from.substr(one.place.begin, one.place.end - one.place.begin),
                        one.name.schema, one.name.name, one.alias);
  }
  return text;
}

TEST(FromClause, Tables_and_where_their_names_stand) {
  EXPECT_EQ(shown("contacts"), "[contacts] .contacts as contacts; ");
  EXPECT_EQ(shown("contacts c, crm . \"Org\" AS o"), "[contacts] .contacts as c; [crm . \"Org\"] crm.Org as o; ");
  EXPECT_EQ(shown("contacts c JOIN public.organizations o ON o.id = c.organization_id"),
            "[contacts] .contacts as c; [public.organizations] public.organizations as o; ");
  EXPECT_EQ(shown("\"a\"\".b\" x"), "[\"a\"\".b\"] .a\".b as x; ");
  EXPECT_EQ(shown("/* ä */ contacts c"), "[contacts] .contacts as c; ");
  EXPECT_EQ(shown("(a CROSS JOIN b)"), "[a] .a as a; [b] .b as b; ");
}

TEST(FromClause, What_cannot_be_followed_is_refused) {
  for (const char* from : {"a LEFT JOIN b ON true", "(SELECT 1) s", "generate_series(1, 2)", "ONLY a", "a WHERE x",
                           "a LIMIT 1", "a; DROP TABLE b", "", "a TABLESAMPLE system (1)", "a FOR UPDATE"}) {
    EXPECT_EQ(shown(from).rfind("refused: ", 0), 0U) << from << ": " << shown(from);
  }
}

}  // namespace
}  // namespace segue::sql
