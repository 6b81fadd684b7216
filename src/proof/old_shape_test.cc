#include "proof/old_shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace segue::proof {
namespace {

using plan::OldName;
using NameUse = plan::OldName::Use;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<OldName> house = {{NameUse::column, R"("public"."users")", {"status"}, {}},
                                    {NameUse::table, R"("crm"."de""als")", {}, {}},
                                    {NameUse::insert_without, R"("public"."users")", {"client_id"}, {}},
                                    {NameUse::infers, R"("public"."users")", {"email"}, {}}};

std::vector<std::string> used(const std::string& statement) {
  std::vector<std::string> names;
  for (const auto& use : uses_of(statement, house)) names.push_back((use.certain ? "" : "perhaps ") + use.old_name);
  return names;
}

TEST(OldShape, AColumnIsKnownByItsTable) {
  EXPECT_THAT(used("SELECT status FROM users WHERE id = $1"), ElementsAre("users.status"));
  EXPECT_THAT(used("SELECT u.status FROM public.users u"), ElementsAre("users.status"));
  EXPECT_THAT(used("UPDATE users SET status = $1"), ElementsAre("users.status"));
  EXPECT_THAT(used("DELETE FROM users WHERE status IS NULL"), ElementsAre("users.status"));
  EXPECT_THAT(used("SELECT o.status FROM users u JOIN orders o ON o.user_id = u.id"), IsEmpty());
  EXPECT_THAT(used("SELECT status FROM orders"), IsEmpty());
  EXPECT_THAT(used("SELECT 'status' AS x, state FROM users"), IsEmpty());
  EXPECT_THAT(used("SELECT status FROM other.users"), IsEmpty());
}

TEST(OldShape, AStarMayUseIt) {
  EXPECT_THAT(used("SELECT * FROM users"), ElementsAre("perhaps users.status"));
  EXPECT_THAT(used("SELECT o.* FROM users u, orders o WHERE u.id = o.id"), IsEmpty());
}

TEST(OldShape, ATableIsKnownByItsNameWithOrWithoutSchema) {
  EXPECT_THAT(used(R"(SELECT 1 FROM "de""als")"), ElementsAre("crm.deals"));
  EXPECT_THAT(used(R"(TRUNCATE crm."de""als")"), ElementsAre("crm.deals"));
  EXPECT_THAT(used(R"(WITH "de""als" AS (SELECT 1) SELECT * FROM "de""als")"), IsEmpty());
}

TEST(OldShape, AnInsertWithoutTheTenantAndAnOldConflict) {
  EXPECT_THAT(used("INSERT INTO users (name) VALUES ($1)"), ElementsAre("users without client_id"));
  EXPECT_THAT(used("INSERT INTO users (name, client_id) VALUES ($1, $2)"), IsEmpty());
  EXPECT_THAT(used("INSERT INTO users (client_id, email) VALUES ($1, $2) ON CONFLICT (email) DO NOTHING"),
              ElementsAre("users ON CONFLICT (email)"));
  EXPECT_THAT(used("INSERT INTO users (client_id, email) VALUES ($1, $2) ON CONFLICT (client_id, email) DO NOTHING"),
              IsEmpty());
  EXPECT_THAT(used("WITH x AS (INSERT INTO users (name) VALUES ($1) RETURNING id) SELECT id FROM x"),
              ElementsAre("users without client_id"));
}

TEST(OldShape, DdlAndDumpsAreNoUse) {
  EXPECT_THAT(used("ALTER TABLE users DROP COLUMN status"), IsEmpty());
  EXPECT_THAT(used("COPY public.users (id, status) TO stdout"), IsEmpty());
  EXPECT_THAT(used("COPY users (name) FROM stdin"), ElementsAre("users without client_id"));
}

// pg_stat_statements writes INTERVAL $1, which no parser takes.
TEST(OldShape, WhatCannotBeReadIsTakenWordByWord) {
  EXPECT_THAT(used("SELECT status FROM users WHERE at > now() - INTERVAL $1"), ElementsAre("users.status"));
}

}  // namespace
}  // namespace segue::proof
