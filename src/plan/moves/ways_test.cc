#include "plan/moves/ways.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace segue::plan {
namespace {

Table table(const std::string& name, const std::vector<std::string>& columns) {
  Table made;
  made.schema = "public";
  made.name = name;
  for (const auto& column : columns) made.columns.push_back({column, "integer"});
  return made;
}

Source source(const std::string& alias, const std::vector<std::string>& columns) {
  return {table("t_" + alias, columns), alias, {}, {}, {}, {}};
}

// "c over a, b by [x = y]", one a source.
std::string ways(std::vector<Source> sources, const std::vector<std::string>& conditions) {
  find_ways(sources, table("orders", {"id", "customer_id"}), conditions);
  std::string text;
  for (const auto& one : sources) {
    std::vector<std::string> over;
    for (const auto number : one.over) over.push_back(sources[number].alias);
    text += one.alias + " over " + join(over, ", ") + " by [" + join(one.conditions, "] [") + "]\n";
  }
  return text;
}

TEST(Ways, Each_source_takes_the_shortest_and_no_further_condition) {
  EXPECT_EQ(ways({source("c", {"id", "region_id"}), source("r", {"id"}), source("b", {"id", "region"})},
                 {"c.id = orders.customer_id", "r.id = c.region_id", "b.region = r.id", "orders.id > 0"}),
            "c over  by [c.id = orders.customer_id] [orders.id > 0]\n"
            "r over c by [c.id = orders.customer_id] [r.id = c.region_id] [orders.id > 0]\n"
            "b over c, r by [c.id = orders.customer_id] [r.id = c.region_id] [b.region = r.id] [orders.id > 0]\n");
}

TEST(Ways, A_name_without_its_table_may_be_of_every_table_that_has_it) {
  EXPECT_EQ(ways({source("c", {"id", "region_id"}), source("r", {"region_key"})},
                 {"c.id = customer_id", "region_key = region_id"}),
            "c over  by [c.id = customer_id]\n"
            "r over c by [c.id = customer_id] [region_key = region_id]\n");
}

TEST(Ways, What_no_condition_reaches_goes_over_all) {
  EXPECT_EQ(ways({source("c", {"id"}), source("s", {"x"})}, {"c.id = orders.customer_id"}),
            "c over  by [c.id = orders.customer_id]\n"
            "s over c by [c.id = orders.customer_id]\n");
  EXPECT_EQ(ways({source("c", {"id"})}, {}), "c over  by []\n");
}

TEST(Ways, One_condition_over_several_tables_leads_to_the_last_of_them) {
  EXPECT_EQ(ways({source("a", {"k"}), source("b", {"k"})}, {"a.k = orders.id", "b.k = a.k + orders.id"}),
            "a over  by [a.k = orders.id]\n"
            "b over a by [a.k = orders.id] [b.k = a.k + orders.id]\n");
}

}  // namespace
}  // namespace segue::plan
