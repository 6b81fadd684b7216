// Journals against a real database: what is right, lost, wrong, undead, kept aside or not known.
#include "traffic/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "traffic/read.h"
#include "traffic/traffic_test_help.h"

namespace segue::traffic {
namespace {

using ::testing::HasSubstr;

constexpr const char* application = R"yaml(
traffic: journaling
pools: { job: SELECT job_no FROM work_orders }
statements:
  - name: new
    weight: 3
    sql: INSERT INTO work_orders (job_no, status, price) VALUES ($1, $2, $3)
    params: [{ serial: "T-{run}-{n}" }, pending, "12.5"]
    journal: { table: work_orders, kind: insert, key: { job_no: $1 }, set: { status: $2, price: $3 } }
  - name: new with its id
    sql: INSERT INTO work_orders (job_no, status) VALUES ($1, 'fresh') RETURNING job_no, id
    params: [{ serial: "U-{run}-{n}" }]
    journal: { table: work_orders, kind: insert, key: { job_no: returned.job_no }, set: { status: fresh, id: returned.id } }
  - name: change
    weight: 6
    sql: UPDATE work_orders SET status = $2, changes = changes + 1 WHERE job_no = $1 RETURNING changes
    params: [{ pool: job, skew: 1.5 }, { text: 10 }]
    journal: { table: work_orders, kind: update, key: { job_no: $1 }, set: { status: $2, changes: returned.changes } }
  - name: in a transaction
    weight: 3
    let: { job: { pool: job } }
    transaction:
      - { name: look, sql: SELECT id FROM work_orders WHERE job_no = $1 FOR UPDATE, params: [{ let: job }] }
      - sql: UPDATE work_orders SET title = $1 WHERE id = $2 RETURNING job_no
        params: [{ text: 20 }, { returned: look.id }]
        journal: { table: work_orders, kind: update, key: { job_no: returned.job_no }, set: { title: $1 } }
  - name: away
    sql: DELETE FROM work_orders WHERE job_no = $1
    params: [{ pool: job }]
    journal: { table: work_orders, kind: delete, key: { job_no: $1 } }
)yaml";

class CheckTest : public ::testing::Test {
 protected:
  CheckTest() : journal_((std::filesystem::temp_directory_path() / ("segue-check-" + orders_.name())).string()) {}
  ~CheckTest() override { std::filesystem::remove(journal_); }

  // Lets the application write, to about that many acknowledged writes.
  Report write(std::int64_t count, int connections = 4, Protocol protocol = Protocol::prepared) {
    auto traffic = parse(application);
    EXPECT_TRUE(start(traffic, orders_, {.connections = connections, .protocol = protocol, .journal = journal_}));
    run_until(traffic, [&] { return traffic.now().statements >= count; });
    return traffic.stop().value();
  }

  CheckReport check(const std::string& checks = "") {
    const auto file = read_text(std::string(application) + checks, "t.yaml").value();
    auto report = check_journals(file, {journal_}, {.url = orders_.url(), .settings = {}});
    if (!report) throw std::runtime_error(to_text(report.error()));
    return *report;
  }

  std::string problem(const std::string& checks) {
    const auto file = read_text(std::string(application) + checks, "t.yaml").value();
    const auto report = check_journals(file, {journal_}, {.url = orders_.url(), .settings = {}});
    return report ? "nothing wrong" : to_text(report.error());
  }

  // A journal of our own making: acknowledged unless said otherwise.
  void note(const Write& write, WriteOutcome outcome = WriteOutcome::acknowledged) {
    auto journal = Journal::open(journal_, "run" + std::to_string(++runs_)).value();
    const auto number = journal->intend(write);
    journal->settle({number}, outcome);
  }
  Write update_of(const std::string& job, const std::string& status) {
    return {0,  "by hand",     "work_orders", JournalRule::Kind::update, {{"job_no", job}}, {{"status", status}},
            {}, journal_time()};
  }

  Orders orders_;
  std::string journal_;
  int runs_ = 0;
};

TEST_F(CheckTest, What_was_acknowledged_is_there_after_concurrent_writes_to_the_same_rows) {
  for (const auto protocol : {Protocol::prepared, Protocol::simple}) {
    const auto report = write(1500, 4, protocol);
    EXPECT_TRUE(report.good()) << to_text(report);
    EXPECT_GT(report.acknowledged, 900);
    const auto checked = check();
    EXPECT_TRUE(checked.good()) << to_text(checked);
    EXPECT_GT(checked.keys, 300);
    EXPECT_EQ(checked.right, checked.keys);
    EXPECT_EQ(checked.unknown, 0);
    orders_.run("UPDATE work_orders SET status = status");
  }
}

TEST_F(CheckTest, A_lost_write_is_found) {
  write(300);
  orders_.run("DELETE FROM work_orders WHERE job_no = (SELECT min(job_no) FROM work_orders WHERE job_no LIKE 'T-%')");
  const auto checked = check();
  EXPECT_EQ(checked.wrong, 1);
  ASSERT_EQ(checked.findings.size(), 1u);
  EXPECT_EQ(checked.findings[0].kind, Finding::Kind::lost);
  EXPECT_EQ(checked.findings[0].statement, "new");
  EXPECT_THAT(to_text(checked), HasSubstr("not there, though acknowledged by `new`"));
}

TEST_F(CheckTest, A_wrong_value_and_a_deleted_row_that_is_back_are_found) {
  write(300, 1);
  orders_.run(
      "UPDATE work_orders SET price = 12.51 WHERE job_no = (SELECT min(job_no) FROM work_orders WHERE price = 12.5)");
  note({0, "by hand", "work_orders", JournalRule::Kind::erase, {{"job_no", "J500"}}, {}, {}, journal_time()});
  orders_.run("INSERT INTO work_orders (job_no, status) VALUES ('J500', 'back')");
  const auto checked = check();
  EXPECT_EQ(checked.wrong, 2);
  const auto text = to_text(checked);
  EXPECT_THAT(text, HasSubstr("price is '12.51', expected '12.5'"));
  EXPECT_THAT(text, HasSubstr("J500'): still there, though deleted by `by hand`"));
  EXPECT_EQ(to_json(checked)["findings"].size(), 2u);
}

TEST_F(CheckTest, Unknown_writes_may_or_may_not_be_there_but_nothing_else_may) {
  note(update_of("J1", "first"));
  note(update_of("J1", "maybe"), WriteOutcome::unknown);
  note(update_of("J2", "failed"), WriteOutcome::failed);
  for (const std::string status : {"first", "maybe"}) {
    orders_.run("UPDATE work_orders SET status = '" + status + "' WHERE job_no = 'J1'");
    EXPECT_TRUE(check().good());
  }
  orders_.run("UPDATE work_orders SET status = 'neither' WHERE job_no = 'J1'");
  const auto checked = check();
  EXPECT_EQ(checked.wrong, 1);
  EXPECT_EQ(checked.unknown, 1);
  EXPECT_THAT(to_text(checked), HasSubstr("expected 'first' or 'maybe'"));
}

TEST_F(CheckTest, Connections_cut_while_writing_leave_unknown_outcomes_and_no_alarm) {
  auto traffic = parse(application);
  ASSERT_TRUE(start(traffic, orders_, {.connections = 4, .journal = journal_}));
  for (int cuts = 1; cuts <= 15; ++cuts) {
    const auto before = traffic.now().statements;
    run_until(traffic, [&] { return traffic.now().statements >= before + 40; });
    orders_.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'segue traffic journaling'");
  }
  const auto report = traffic.stop().value();
  EXPECT_GT(report.unknown, 0);
  const auto checked = check();
  EXPECT_TRUE(checked.good()) << to_text(checked);
  EXPECT_EQ(checked.unknown, report.unknown);
}

TEST_F(CheckTest, A_journal_is_checked_in_another_shape_and_rows_set_aside_count_as_kept) {
  write(400);
  orders_.run(R"(
    ALTER TABLE work_orders RENAME TO jobs; ALTER TABLE jobs RENAME status TO state; ALTER TABLE jobs DROP changes;
    CREATE TABLE aside (key text, row jsonb);
    WITH gone AS (DELETE FROM jobs WHERE job_no IN (SELECT job_no FROM jobs WHERE job_no LIKE 'T-%' ORDER BY 1 LIMIT 5)
                  RETURNING jobs.*)
    INSERT INTO aside SELECT job_no, to_jsonb(gone) FROM gone)");
  EXPECT_THAT(problem(""), HasSubstr("work_orders: relation \"work_orders\" does not exist"));
  EXPECT_THAT(problem("checks: { work_orders: SELECT * FROM jobs WHERE job_no = $1 }\n"),
              HasSubstr("the check of `work_orders` returns no column"));
  const std::string query =
      "checks:\n  work_orders:\n    query: SELECT *, state AS status FROM jobs WHERE job_no = $1\n    ignore: "
      "[changes]\n";
  EXPECT_EQ(check(query).wrong, 5);
  EXPECT_EQ(check(query + "    kept: SELECT 1 FROM never_made WHERE key = $1\n").wrong, 5);
  const auto checked = check(query + "    kept: SELECT row->>'state' AS status FROM aside WHERE key = $1\n");
  EXPECT_TRUE(checked.good()) << to_text(checked);
  EXPECT_EQ(checked.kept, 5);
}

}  // namespace
}  // namespace segue::traffic
