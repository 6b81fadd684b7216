#include "traffic/read.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace segue::traffic {
namespace {

using ::testing::HasSubstr;

std::string problem_of(const std::string& text) {
  const auto file = read_text(text, "t.yaml");
  return file ? "nothing wrong" : to_text(file.error());
}

std::string with_statement(const std::string& lines) {
  return "traffic: t\npools: { job: SELECT 1 AS id }\nvars: { first: SELECT 1 }\nstatements:\n  - name: a\n" + lines;
}

TEST(ReadTraffic, A_whole_file) {
  const auto file = read_text(R"(
traffic: visionwest-old
about: The old application.
load: { connections: 7, rate: 250, protocol: simple }
session: { search_path: public }
role: staff
claims: { sub: { pool: user.id } }
reprepare: true
vars: { first: "SELECT 1" }
pools:
  user: SELECT id FROM users
  job: SELECT job_no FROM work_orders
statements:
  - name: look
    weight: 40
    sql: SELECT * FROM work_orders WHERE status = $1;
    params: [pending]
    rows: 0..20
  - name: new
    role: none
    claims: {}
    may_fail: [23505]
    sql: INSERT INTO work_orders (job_no) VALUES ($1) RETURNING id
    params: [{ serial: "T{n}" }]
    rows: 1
    adds_to: job
    journal: { table: work_orders, kind: insert, key: { job_no: $1 }, set: { id: returned.id, done: false } }
  - name: both
    let: { job: { pool: job }, word: { choice: [a] } }
    transaction:
      - { name: first, sql: SELECT 1 AS x }
      - { sql: "SELECT $1, $2, $3", params: [{ returned: first.x }, { let: job.job_no }, { let: word }] }
checks:
  work_orders: SELECT id FROM work_orders WHERE job_no = $1
  others: { kept: SELECT 1, ignore: [x] }
)",
                              "t.yaml");
  ASSERT_TRUE(file) << to_text(file.error());
  EXPECT_EQ(file->name, "visionwest-old");
  EXPECT_EQ(file->connections, 7);
  EXPECT_EQ(file->rate, 250);
  EXPECT_EQ(file->protocol, Protocol::simple);
  ASSERT_EQ(file->statements.size(), 3u);
  const auto& look = file->statements[0];
  EXPECT_EQ(look.weight, 40);
  EXPECT_TRUE(look.transaction);  // for its role
  EXPECT_TRUE(look.reprepare);
  EXPECT_EQ(look.actions[0].sql, "SELECT * FROM work_orders WHERE status = $1");
  EXPECT_EQ(look.actions[0].rows->most, 20);
  const auto& fresh = file->statements[1];
  EXPECT_TRUE(fresh.identity.empty());
  EXPECT_FALSE(fresh.transaction);
  EXPECT_EQ(fresh.actions[0].adds_to, 1u);
  ASSERT_TRUE(fresh.actions[0].journal);
  EXPECT_FALSE(fresh.actions[0].journal->key_is_returned());
  EXPECT_EQ(fresh.actions[0].journal->set[1].second.constant, "false");
  EXPECT_EQ(file->statements[2].actions.size(), 2u);
  EXPECT_EQ(file->pool_uses.size(), 2u);
  EXPECT_EQ(file->checks.size(), 2u);
}

TEST(ReadTraffic, Mistakes_are_named_with_their_place_and_the_nearest_word) {
  const auto word = problem_of(with_statement("    sql: SELECT 1\n    wieght: 3\n"));
  EXPECT_THAT(word, HasSubstr("t.yaml:7:5: there is no key `wieght`"));
  EXPECT_THAT(word, HasSubstr("did you mean `weight`?"));
  EXPECT_THAT(problem_of(with_statement("    sql: SELECT $1\n    params: [{ poool: job }]\n")),
              HasSubstr("did you mean `pool`?"));
  EXPECT_THAT(problem_of(with_statement("    sql: SELECT $1\n    params: [{ pool: jop }]\n")),
              HasSubstr("t.yaml:7:22: there is no pool `jop`"));
  EXPECT_THAT(problem_of(with_statement("    sql: SELECT $1\n    params: [{ var: frist }]\n")),
              HasSubstr("there is no variable `frist`\n  known here: first"));
  EXPECT_THAT(problem_of(with_statement("    sql: SELECT $1\n    params: [{ let: x }]\n")), HasSubstr("no `let` `x`"));
  EXPECT_THAT(problem_of(with_statement("    sql: SELECT $1, $2\n    params: [a]\n")),
              HasSubstr("t.yaml:7:13: the statement has parameters up to $2, `params` gives 1"));
  EXPECT_THAT(problem_of(with_statement("    sql: SELECT $1\n")), HasSubstr("up to $1, `params` gives 0"));
  EXPECT_THAT(problem_of(with_statement("    sql: SELECT 1\n    rows: 5..2\n")), HasSubstr("ends before it begins"));
  EXPECT_THAT(problem_of(with_statement("    sql: SELECT 1\n    rows: many\n")), HasSubstr("is not a range"));
  EXPECT_THAT(problem_of(with_statement("    sql: SELECT 1\n    may_fail: [2350]\n")), HasSubstr("not an SQLSTATE"));
  EXPECT_THAT(problem_of(with_statement("    sql: SELECT 1\n    adds_to: jobs\n")), HasSubstr("did you mean `job`?"));
  EXPECT_THAT(problem_of(with_statement("    weight: 1\n")), HasSubstr("needs `sql`"));
  EXPECT_THAT(problem_of(with_statement("    sql: SELECT 1\n    sql: SELECT 2\n")), HasSubstr("stands here twice"));
  EXPECT_THAT(problem_of(with_statement("    sql: SELECT 1\n    transaction: [{ sql: SELECT 1 }]\n")),
              HasSubstr("not both"));
  EXPECT_THAT(problem_of(with_statement("    rows: 1\n    transaction: [{ sql: SELECT 1 }]\n")),
              HasSubstr("belongs to a statement of the transaction"));
  EXPECT_THAT(problem_of("traffic: t\nstatements: []\n"), HasSubstr("no statement"));
  EXPECT_THAT(problem_of("traffic: a b\nstatements: []\n"), HasSubstr("t.yaml:1:10: `a b` is not a name"));
  EXPECT_THAT(problem_of("traffic: t\nload: { protocol: prepard }\nstatements: []\n"),
              HasSubstr("did you mean `prepared`?"));
  EXPECT_THAT(problem_of("traffic: t\nstatements: [\n"), HasSubstr("this is not YAML"));
  EXPECT_THAT(problem_of("just a text"), HasSubstr("a map of `key: value` is expected"));
}

TEST(ReadTraffic, Values_and_journals_are_checked) {
  const auto param = [](const std::string& value) {
    return problem_of(with_statement("    sql: SELECT $1\n    params: [" + value + "]\n"));
  };
  EXPECT_THAT(param("{ serial: T }"), HasSubstr("{n} in it"));
  EXPECT_THAT(param("{ time: -3w..now }"), HasSubstr("is not a moment"));
  EXPECT_THAT(param("{ int: 1..9, skew: 2 }"), HasSubstr("there is no key `skew`"));
  EXPECT_THAT(param("{ zipf: 1..9, skew: 9 }"), HasSubstr("not a number from 0.5 to 3"));
  EXPECT_THAT(param("{ choice: [] }"), HasSubstr("nothing to choose from"));
  EXPECT_THAT(param("[a, b]"), HasSubstr("{ choice: [a, b] }"));
  EXPECT_THAT(param("{ returned: look.id }"), HasSubstr("no earlier statement in this transaction called `look`"));
  const auto journal = [](const std::string& value) {
    return problem_of(with_statement("    sql: SELECT 1\n    journal: " + value + "\n"));
  };
  EXPECT_THAT(journal("{ table: t, kind: insert, key: { id: $1 } }"), HasSubstr("no parameter $1"));
  EXPECT_THAT(journal("{ table: t, kind: upsert, key: { id: 1 } }"), HasSubstr("no kind of write `upsert`"));
  EXPECT_THAT(journal("{ table: t, kind: update, key: { id: 1 } }"), HasSubstr("says what it sets"));
  EXPECT_THAT(journal("{ table: t, kind: delete, key: { id: 1 }, set: { a: 1 } }"), HasSubstr("sets nothing"));
  EXPECT_THAT(journal("{ table: t, kind: insert }"), HasSubstr("needs `table`, `kind` and `key`"));
}

}  // namespace
}  // namespace segue::traffic
