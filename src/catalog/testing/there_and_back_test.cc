// The law of fingerprints: what is applied and taken back leaves the same one; any change gives another, and a diff
// that names it. SEGUE_SEQUENCES sets the number of random sequences, SEGUE_SEED the first one's seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "catalog/diff.h"
#include "catalog/fingerprint.h"
#include "catalog/snapshot.h"
#include "catalog/testing/random_ddl_test.h"
#include "testing/server.h"

namespace segue::catalog {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class ThereAndBack : public ::testing::Test {
 protected:
  ThereAndBack() : connection_(database_.connect()) {}

  void run(const std::string& sql) {
    if (const auto done = connection_.script(sql); !done) throw std::runtime_error(sql + "\n" + to_text(done.error()));
  }

  // False where the server refuses the statement (what came before forbids it): nothing has changed then.
  bool accepted(const std::string& sql) {
    run("SAVEPOINT step");
    const bool done = connection_.script(sql).has_value();
    run(done ? "RELEASE SAVEPOINT step" : "ROLLBACK TO SAVEPOINT step");
    return done;
  }

  Snapshot take() {
    auto snapshot = take_snapshot(connection_);
    if (!snapshot) throw std::runtime_error(to_text(snapshot.error()));
    return std::move(*snapshot);
  }

  static std::string all(const std::vector<Difference>& differences) {
    std::string text;
    for (const auto& one : differences) text += sentence(one) + "\n";
    return text;
  }

  static std::string without_quotes(std::string name) {
    std::erase(name, '"');
    return name;
  }

  static bool names(const std::vector<Difference>& differences, const testing::Step& step) {
    return std::any_of(differences.begin(), differences.end(), [&](const Difference& one) {
      return one.kind == step.kind && without_quotes(one.object).find(without_quotes(step.name)) != std::string::npos;
    });
  }

  // One change on top, seen and named, and taken back. False if the server refuses it.
  bool one_more(const testing::Step& one, const Snapshot& there) {
    if (!accepted(one.apply)) return false;
    const Snapshot further = take();
    EXPECT_NE(fingerprint(there), fingerprint(further)) << one.apply;
    EXPECT_TRUE(names(diff(there, further), one)) << one.apply << "\n" << all(diff(there, further));
    run(one.revert);
    return true;
  }

  void try_sequence(std::uint64_t seed) {
    testing::RandomDdl ddl(seed);
    run("BEGIN");
    run(ddl.base());
    const Snapshot before = take();
    std::vector<testing::Step> steps;
    bool refused = false;
    for (std::size_t i = 0, count = 5 + seed % 20; i < count && !refused; ++i) {
      testing::Step step = ddl.next();
      refused = !accepted(step.apply);
      if (!refused) steps.push_back(std::move(step));
    }
    const Snapshot there = take();
    // Two steps may undo each other; five do not.
    if (steps.size() >= 5) EXPECT_NE(fingerprint(before), fingerprint(there));
    // After a refusal the generator believes in a state that is not there: the sequence ends.
    if (!refused) refused = !one_more(ddl.next(), there);
    if (refused) ++refusals_;

    for (auto step = steps.rbegin(); step != steps.rend(); ++step) run(step->revert);
    const Snapshot back = take();
    EXPECT_EQ(fingerprint(before), fingerprint(back)) << all(diff(before, back));
    EXPECT_TRUE(diff(before, back).empty());
    connection_.rollback();
  }

  ::segue::testing::Database database_;
  pg::Connection connection_;
  std::size_t refusals_ = 0;
};

TEST_F(ThereAndBack, RandomSequences) {
  const std::uint64_t count = number_from("SEGUE_SEQUENCES", 100);
  const std::uint64_t first = number_from("SEGUE_SEED", std::random_device()());
  std::cout << "seeds " << first << " to " << first + count - 1 << "\n";
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("SEGUE_SEED=" + std::to_string(seed) + " SEGUE_SEQUENCES=1");
    try {
      try_sequence(seed);
    } catch (const std::exception& problem) {
      ADD_FAILURE() << problem.what();
      connection_.rollback();
    }
    if (HasFailure()) break;
  }
  std::cout << refusals_ << " sequences ended early at a statement that the server refused\n";
  EXPECT_LE(refusals_, 2 + count / 10) << "the generator makes too much that the server refuses";
}

}  // namespace
}  // namespace segue::catalog
