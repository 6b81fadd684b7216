#include "sql/from_clause.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"

namespace segue::sql {
namespace {

std::string shown(std::string_view from) {
  const auto clause = take_from_apart(from);
  if (!clause) return "refused: " + clause.error().message;
  std::string text;
  for (const auto& one : clause->tables)
    text += fmt::format("{}.{} as {}; ", one.name.schema, one.name.name, one.alias);
  return text + "[" + join(clause->conditions, "] [") + "]";
}

TEST(FromClause, Tables_and_what_joins_them) {
  EXPECT_EQ(shown("contacts"), ".contacts as contacts; []");
  EXPECT_EQ(shown("contacts c, crm . \"Org\" AS o"), ".contacts as c; crm.Org as o; []");
  EXPECT_EQ(shown("contacts c JOIN public.organizations o ON o.id = c.organization_id AND (o.a OR o.b)"),
            ".contacts as c; public.organizations as o; [o.id = c.organization_id] [(o.a OR o.b)]");
  EXPECT_EQ(shown("(a JOIN b ON a.x = b.x) JOIN c ON c.y BETWEEN b.y AND a.y AND c.z = 1, d"),
            ".a as a; .b as b; .c as c; .d as d; [a.x = b.x] [c.y BETWEEN b.y AND a.y] [c.z = 1]");
  EXPECT_EQ(shown("(a CROSS JOIN b)"), ".a as a; .b as b; []");
}

TEST(FromClause, What_cannot_be_followed_is_refused) {
  for (const char* from : {"a LEFT JOIN b ON true", "(SELECT 1) s", "generate_series(1, 2)", "ONLY a", "a WHERE x",
                           "a LIMIT 1", "a; DROP TABLE b", "", "a TABLESAMPLE system (1)", "a FOR UPDATE", "a x(b, c)",
                           "a JOIN b USING (id)", "a NATURAL JOIN b"}) {
    EXPECT_EQ(shown(from).rfind("refused: ", 0), 0U) << from << ": " << shown(from);
  }
}

TEST(FromClause, Conditions_are_split_where_each_stands_for_itself) {
  EXPECT_EQ(join(conditions_of("a = 1 AND CASE WHEN b AND c THEN d END AND e BETWEEN 1 AND 2"), " | "),
            "a = 1 | CASE WHEN b AND c THEN d END | e BETWEEN 1 AND 2");
  EXPECT_EQ(join(conditions_of("a = 1 OR b = 2 AND c = 3"), " | "), "a = 1 OR b = 2 AND c = 3");
  EXPECT_EQ(join(conditions_of("(a AND b)"), " | "), "(a AND b)");
  EXPECT_EQ(join(conditions_of("not a sentence at all ("), " | "), "not a sentence at all (");
}

}  // namespace
}  // namespace segue::sql
