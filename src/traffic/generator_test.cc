#include "traffic/generator.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <regex>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "testing/server.h"
#include "traffic/pool.h"
#include "traffic/read.h"

namespace segue::traffic {
namespace {

// Draws the params of the first statement of a file made around them.
class Sample {
 public:
  explicit Sample(const std::string& params, const std::string& more = "") {
    int count = 0;
    for (const auto& line : split(params, '\n')) count += line.starts_with("      - ") ? 1 : 0;
    std::string sql = "SELECT $1";
    for (int i = 2; i <= count; ++i) sql += ", $" + std::to_string(i);
    const auto text =
        "traffic: sample\n" + more + "statements:\n  - name: one\n    sql: " + sql + "\n    params:\n" + params;
    auto file = read_text(text, "sample.yaml");
    if (!file) throw std::runtime_error(to_text(file.error()));
    file_ = std::move(*file);
    shared_.run = "r1";
    for (std::size_t i = 0; i < file_.counters; ++i) shared_.counters.emplace_back(0);
  }

  RunValues& shared() { return shared_; }
  const File& file() const { return file_; }

  std::vector<Value> draw(int connection = 0) {
    Draw draw{shared_, random_, connection, {}, {}, Missing::no, {}};
    for (const auto& let : file_.statements[0].lets) draw.slots.push_back(draw.slot(let));
    auto values = draw.values(file_.statements[0].actions[0].params);
    missing = draw.missing;
    return values;
  }

  Missing missing = Missing::no;

 private:
  File file_;
  RunValues shared_;
  Random random_{7};
};

TEST(Generator, Draws_what_the_file_says) {
  Sample sample(R"(      - pending
      - 17
      - null
      - { int: -3..3 }
      - { decimal: -1..1, digits: 3 }
      - { text: 20..60 }
      - { uuid: random }
      - { serial: "T-{run}-{c}-{n}" }
      - { serial: 500 }
      - { choice: { a: 1, b: 0 } }
      - { time: -2d..now }
      - { date: -30d..-1d }
      - { json: { n: 3, t: "3", when: null, who: { int: 1..1 }, inner: { json: { x: true } } } })");
  for (int i = 1; i <= 200; ++i) {
    const auto values = sample.draw(4);
    EXPECT_EQ(values[0], "pending");
    EXPECT_EQ(values[1], "17");
    EXPECT_EQ(values[2], std::nullopt);
    EXPECT_TRUE(std::regex_match(*values[3], std::regex("-?[0-3]"))) << *values[3];
    EXPECT_TRUE(std::regex_match(*values[4], std::regex("-?[01]\\.[0-9]{3}"))) << *values[4];
    EXPECT_GE(values[5]->size(), 20u);
    EXPECT_LE(values[5]->size(), 60u);
    EXPECT_TRUE(
        std::regex_match(*values[6], std::regex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")))
        << *values[6];
    EXPECT_EQ(values[7], "T-r1-4-" + std::to_string(i));
    EXPECT_EQ(values[8], std::to_string(499 + i));
    EXPECT_EQ(values[9], "a");
    EXPECT_TRUE(std::regex_match(*values[10], std::regex("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\+00")));
    EXPECT_TRUE(std::regex_match(*values[11], std::regex("\\d{4}-\\d\\d-\\d\\d")));
    EXPECT_EQ(parse_json(*values[12], "").value().dump(), R"({"n":3,"t":"3","when":null,"who":1,"inner":{"x":true}})");
  }
}

TEST(Generator, A_choice_takes_everything_in_its_share) {
  Sample sample("      - { choice: [x, { int: 5..5 }, null] }\n      - { choice: { seldom: 1, often: 9 } }");
  std::map<std::string, int> first, second;
  for (int i = 0; i < 3000; ++i) {
    const auto values = sample.draw();
    ++first[values[0].value_or("NULL")];
    ++second[*values[1]];
  }
  EXPECT_EQ(first.size(), 3u);
  for (const auto& [word, count] : first) EXPECT_NEAR(count, 1000, 150) << word;
  EXPECT_NEAR(second["seldom"], 300, 90);
}

RC_GTEST_PROP(Random, A_range_is_kept_and_both_ends_are_reached, ()) {
  const auto lo = *rc::gen::inRange<std::int64_t>(-5, 5);
  const auto hi = lo + *rc::gen::inRange<std::int64_t>(0, 4);
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  std::set<std::int64_t> seen;
  for (int i = 0; i < 400; ++i) seen.insert(random.between(lo, hi));
  RC_ASSERT(*seen.begin() == lo);
  RC_ASSERT(*seen.rbegin() == hi);
}

TEST(Random, Zipf_follows_its_weights) {
  for (const double skew : {0.5, 1.0, 1.1, 2.5}) {
    Random random(11);
    constexpr int draws = 200'000, count = 50;
    std::map<std::uint64_t, int> seen;
    for (int i = 0; i < draws; ++i) ++seen[random.zipf(count, skew)];
    double total = 0;
    for (int k = 1; k <= count; ++k) total += std::pow(k, -skew);
    for (const std::uint64_t k : {1, 2, 10, 50}) {
      const double expected = draws * std::pow(static_cast<double>(k), -skew) / total;
      EXPECT_NEAR(seen[k], expected, 5 * std::sqrt(expected) + 5) << "skew " << skew << ", k " << k;
    }
    EXPECT_GE(seen.begin()->first, 1u);
    EXPECT_LE(seen.rbegin()->first, 50u);
  }
}

TEST(Generator, A_let_of_a_pool_is_one_row_and_own_rows_are_nobody_elses) {
  const testing::Database database;
  auto connection = database.connect();
  Sample sample(R"(      - { let: job.job_no }
      - { let: job.id }
      - { pool: job.id, own: true }
    let: { job: { pool: job } })",
                "pools: { job: SELECT 1 }\n");
  sample.shared().connections = 3;
  sample.shared().pools.push_back(std::make_unique<Pool>(
      "job", *connection.query("SELECT 'J' || i AS job_no, i AS id FROM generate_series(0, 9) i")));
  for (int i = 0; i < 300; ++i) {
    const auto values = sample.draw(i % 3);
    EXPECT_EQ(*values[0], "J" + *values[1]);
    EXPECT_EQ(std::stoi(*values[2]) % 3, i % 3);
  }
  auto& pool = *sample.shared().pools[0];
  EXPECT_FALSE(pool.add(*connection.query("SELECT 5 AS id")));
  EXPECT_TRUE(pool.add(*connection.query("SELECT 5 AS id, 'new' AS job_no, 1 AS other")));
  EXPECT_EQ(pool.size(), 11u);
  sample.shared().connections = 100;
  sample.draw(50);
  EXPECT_EQ(sample.missing, Missing::no_row);
}

}  // namespace
}  // namespace segue::traffic
