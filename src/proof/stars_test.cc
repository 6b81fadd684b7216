#include "proof/stars.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace segue::proof {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> found(const std::string& statement) {
  std::vector<std::string> list;
  for (const auto& one : stars_of(statement, {"public.users", "crm.deals"})) list.push_back(one.table + " " + one.what);
  return list;
}

TEST(Stars, WhatReachesTheResultCounts) {
  EXPECT_THAT(found("SELECT * FROM users WHERE id = $1"), ElementsAre("public.users SELECT *"));
  EXPECT_THAT(found("SELECT u.*, 1 FROM other o JOIN public.users u ON true"), ElementsAre("public.users SELECT *"));
  EXPECT_THAT(found("TABLE crm.deals"), ElementsAre("crm.deals SELECT *"));
  EXPECT_THAT(found("SELECT * FROM other UNION ALL SELECT * FROM (SELECT * FROM users) s"),
              ElementsAre("public.users SELECT *"));
  EXPECT_THAT(found("WITH x AS (UPDATE users SET a = 1 RETURNING *) SELECT x.* FROM x"),
              ElementsAre("public.users SELECT *"));
  EXPECT_THAT(found("INSERT INTO users (a) VALUES ($1) RETURNING *"), ElementsAre("public.users RETURNING *"));
  EXPECT_THAT(found("DELETE FROM other USING users WHERE other.id = users.id RETURNING users.*"),
              ElementsAre("public.users RETURNING *"));
  EXPECT_THAT(found("DECLARE c CURSOR FOR SELECT * FROM users"), ElementsAre("public.users SELECT *"));
  EXPECT_THAT(found("SELECT 1 FROM other WHERE id IN (SELECT * FROM users)"), ElementsAre("public.users SELECT *"));
}

TEST(Stars, WhatGoesByPlaceCounts) {
  EXPECT_THAT(found("INSERT INTO users VALUES ($1, $2)"), ElementsAre("public.users INSERT without columns"));
  EXPECT_THAT(found("INSERT INTO log (a, b) SELECT * FROM crm.deals"), ElementsAre("crm.deals INSERT … SELECT *"));
  EXPECT_THAT(found("COPY users FROM STDIN"), ElementsAre("public.users COPY without columns"));
  EXPECT_THAT(found("COPY (SELECT * FROM users) TO STDOUT"), ElementsAre("public.users SELECT *"));
}

TEST(Stars, WhatANewColumnDoesNotReachDoesNotCount) {
  for (const char* fine :
       {"SELECT count(*) FROM users", "SELECT id FROM users", "SELECT 1 WHERE EXISTS (SELECT * FROM users)",
        "SELECT id FROM (SELECT * FROM users) s", "WITH x AS (SELECT * FROM users) SELECT id FROM x",
        "SELECT o.* FROM other o JOIN users ON true", "SELECT * FROM other", "SELECT * FROM sales.users",
        "WITH users AS (SELECT 1 AS a) SELECT * FROM users", "COPY users (id) TO STDOUT",
        "INSERT INTO users (a) SELECT a FROM other", "UPDATE users SET a = 1", "ALTER TABLE users ADD COLUMN x int",
        "CREATE VIEW v AS SELECT * FROM users"}) {
    EXPECT_THAT(found(fine), IsEmpty()) << fine;
  }
}

TEST(Stars, ARecursiveQueryEnds) {
  EXPECT_THAT(found("WITH RECURSIVE t AS (SELECT * FROM users UNION ALL SELECT t.* FROM t) SELECT * FROM t"),
              ElementsAre("public.users SELECT *"));
}

TEST(Stars, WhatCannotBeParsedIsTakenByWords) {
  EXPECT_THAT(found("MERGE INTO other USING users ON true WHEN MATCHED THEN DO NOTHING RETURNING *"),
              ElementsAre("public.users SELECT *"));
}

}  // namespace
}  // namespace segue::proof
