#include "catalog/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "catalog/fingerprint.h"
#include "catalog/snapshot_json.h"

namespace segue::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Attributes = std::map<std::string, std::string>;

Snapshot of(const std::vector<Object>& objects) {
  Snapshot snapshot{150000, {}};
  for (const auto& object : objects) snapshot.add(object);
  return snapshot;
}

Snapshot one(const std::string& kind, const std::string& name, const Attributes& attributes) {
  return of({{kind, name, "", attributes}});
}

std::vector<std::string> said(const Snapshot& a, const Snapshot& b) {
  return sentences(diff(a, b));
}

TEST(Diff, SentencesNameTheThingAsAPersonWould) {
  EXPECT_THAT(said(one("policy", "\"tenant read\" on public.orders", {{"using", "a"}}),
                   one("policy", "\"tenant read\" on public.orders", {{"using", "b"}})),
              ElementsAre("policy `tenant read` on `orders`: USING changed from `a` to `b`"));
  EXPECT_THAT(said(of({}), one("column", "public.orders.total", {{"type", "numeric"}, {"not null", "yes"}})),
              ElementsAre("column `orders.total` was added (numeric, not null)"));
  EXPECT_THAT(
      said(one("column", "s.t.c", {{"type", "int"}}), one("column", "s.t.c", {{"type", "int"}, {"not null", "yes"}})),
      ElementsAre("column `s.t.c`: NOT NULL was set"));
  EXPECT_THAT(said(one("column", "s.t.c", {{"not null", "yes"}}), one("column", "s.t.c", {})),
              ElementsAre("column `s.t.c`: NOT NULL was taken away"));
  EXPECT_THAT(said(one("table", "public.t", {{"comment", "x"}}), one("table", "public.t", {})),
              ElementsAre("table `t`: comment was taken away (it was `x`)"));
  EXPECT_THAT(said(one("grant", "reader on table public.t", {{"privileges", "SELECT"}}), of({})),
              ElementsAre("grant `reader` on table `t` was removed (SELECT)"));
  EXPECT_THAT(said(of({}), one("table", "\"a on b\"", {})), ElementsAre("table `a on b` was added"));
}

TEST(Diff, ATableThatComesIsOneSentenceButAllOfItInJson) {
  const auto differences = diff(of({}), of({{"table", "public.t", "", {}},
                                            {"column", "public.t.a", "public.t", {{"type", "int"}}},
                                            {"column", "public.t.b", "public.t", {{"type", "int"}}},
                                            {"index", "public.i", "public.t", {}}}));
  EXPECT_THAT(sentences(differences), ElementsAre("table `t` was added, with 2 columns, 1 index"));
  EXPECT_EQ(to_json(differences).size(), 4U);
}

TEST(Diff, AColumnThatComesToATableThatStaysIsSaid) {
  const Object table{"table", "public.t", "", {}};
  EXPECT_THAT(said(of({table}), of({table, {"column", "public.t.a", "public.t", {{"type", "int"}}}})),
              ElementsAre("column `t.a` was added (int)"));
}

TEST(Diff, JsonIsAsInTheContract) {
  const auto json = to_json(diff(one("column", "public.t.c", {{"default", "1"}}), one("column", "public.t.c", {})));
  EXPECT_EQ(json.dump(), R"([{"kind":"column","object":"public.t.c","change":"changed","attribute":"default",)"
                         R"("before":"1","after":null}])");
}

TEST(Diff, TwoSpellingsOfOneExpressionAreNoDifference) {
  const auto a =
      one("policy", "p on public.t", {{"using", "((s)::text = ANY ((ARRAY['a'::character varying])::text[]))"}});
  const auto b =
      one("policy", "p on public.t", {{"using", "((s)::text = ANY (ARRAY[('a'::character varying)::text]))"}});
  EXPECT_THAT(diff(a, b), IsEmpty());
  EXPECT_EQ(fingerprint(a), fingerprint(b));
}

TEST(Diff, TextThatIsNoSqlIsComparedAsItIs) {
  EXPECT_EQ(diff(one("table", "t", {{"comment", "a  b"}}), one("table", "t", {{"comment", "a b"}})).size(), 1U);
}

TEST(Fingerprint, NoTwoListsOfTextsLookTheSame) {
  EXPECT_NE(fingerprint(one("a", "bc", {})), fingerprint(one("ab", "c", {})));
  EXPECT_NE(fingerprint(one("a", "b", {{"c", "d"}})), fingerprint(of({{"a", "b", "", {}}, {"c", "d", "", {}}})));
  EXPECT_EQ(fingerprint(of({})).size(), 32U);
}

TEST(Fingerprint, TheServersVersionDoesNotCount) {
  Snapshot a = one("table", "t", {}), b = a;
  b.server_version = 180000;
  EXPECT_EQ(fingerprint(a), fingerprint(b));
}

TEST(Fingerprint, TheBlindListHasReasons) {
  for (const auto& spot : blind_list()) EXPECT_FALSE(spot.what.empty() || spot.why.empty());
}

TEST(SnapshotJson, ComesBackTheSame) {
  const auto snapshot = of({{"table", "public.\"ä\"\"b\"", "", {{"comment", "x\n\"y\""}}}, {"column", "t.c", "t", {}}});
  const auto back = snapshot_from_json(to_json(snapshot), "file");
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, snapshot);
}

TEST(SnapshotJson, WhatIsNoSnapshotIsRefusedWithTheReason) {
  for (
      const char* text :
      {"[]", "{}", R"({"segue_snapshot": 2})", R"({"segue_snapshot": 1})",
       R"({"segue_snapshot": 1, "server_version": 1, "objects": [1]})",
       R"({"segue_snapshot": 1, "server_version": 1, "objects": [{"kind": "a", "name": "b", "attributes": {"x": 1}}]})"}) {
    const auto refused = snapshot_from_json(Json::parse(text), "old.json");
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().where, "old.json");
    EXPECT_EQ(refused.error().exit, Exit::usage);
  }
}

}  // namespace
}  // namespace segue::catalog
