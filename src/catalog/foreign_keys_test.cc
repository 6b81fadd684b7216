#include "catalog/foreign_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/server.h"

namespace segue::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ForeignKey edge(const std::string& from, const std::string& to) {
  ForeignKey key;
  key.name = from + "_" + to;
  key.from = from;
  key.to = to;
  return key;
}

TEST(ForeignKeyGraph, FillsParentsFirst) {
  const ForeignKeyGraph graph({"a", "b", "c", "d"}, {edge("a", "b"), edge("b", "c"), edge("a", "c")});
  EXPECT_THAT(graph.fill_order().tables, ElementsAre("c", "b", "a", "d"));
  EXPECT_THAT(graph.fill_order().cycles, IsEmpty());
}

TEST(ForeignKeyGraph, NamesCycles) {
  const ForeignKeyGraph graph({"a", "b", "c", "d"}, {edge("a", "b"), edge("b", "a"), edge("b", "c"), edge("d", "d")});
  EXPECT_THAT(graph.fill_order().tables, ElementsAre("c", "a", "b", "d"));
  EXPECT_THAT(graph.fill_order().cycles, ElementsAre(ElementsAre("a", "b"), ElementsAre("d")));
}

TEST(ForeignKeyGraph, LongChainsDoNotEndTheProgram) {
  std::vector<std::string> tables;
  std::vector<ForeignKey> edges;
  for (int i = 0; i < 20'000; ++i) {
    tables.push_back(std::to_string(100'000 + i));
    if (i > 0) edges.push_back(edge(tables[i - 1], tables[i]));
  }
  const auto order = ForeignKeyGraph(tables, edges).fill_order();
  EXPECT_EQ(order.tables.front(), tables.back());
}

TEST(ForeignKeyGraph, ClosureGoesBothWays) {
  const ForeignKeyGraph graph({"a", "b", "c", "d"}, {edge("a", "b"), edge("b", "c"), edge("d", "c"), edge("c", "c")});
  EXPECT_THAT(graph.closure("c"), ElementsAre("c", "b", "d", "a"));
  EXPECT_THAT(graph.closure("a", ForeignKeyGraph::Towards::referenced), ElementsAre("a", "b", "c"));
}

TEST(ForeignKeyGraph, IsReadFromTheServer) {
  testing::Database database;
  database.run(R"(
    CREATE TABLE "Pa""r" (a int, b int, PRIMARY KEY (b, a));
    CREATE TABLE c (x int, y int, CONSTRAINT k FOREIGN KEY (x, y) REFERENCES "Pa""r" (a, b)
      ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE p (id int, b int, a int, FOREIGN KEY (b, a) REFERENCES "Pa""r") PARTITION BY LIST (id);
    CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
    CREATE SCHEMA segue; CREATE TABLE segue.t (a int))");
  auto connection = database.connect();
  const auto graph = ForeignKeyGraph::load(connection);
  ASSERT_TRUE(graph) << to_text(graph.error());
  EXPECT_THAT(graph->tables(), ElementsAre("public.\"Pa\"\"r\"", "public.c", "public.p", "public.p1"));
  ASSERT_EQ(graph->edges().size(), 2U);  // the partition's copy is not an edge
  const ForeignKey& key = graph->edges()[0];
  EXPECT_EQ(key.name, "k");
  EXPECT_EQ(key.to, "public.\"Pa\"\"r\"");
  EXPECT_THAT(key.columns, ElementsAre("x", "y"));
  EXPECT_THAT(key.to_columns, ElementsAre("a", "b"));
  EXPECT_EQ(key.on_delete, "CASCADE");
  EXPECT_EQ(key.on_update, "SET NULL");
  EXPECT_TRUE(key.deferrable && key.initially_deferred && key.validated);
}

}  // namespace
}  // namespace segue::catalog
