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

  void try_sequence(std::uint64_t seed) {
    testing::RandomDdl ddl(seed);
    run("BEGIN");
    run(ddl.base());
    const Snapshot before = take();
    std::vector<testing::Step> steps;
    for (std::size_t i = 0, count = 5 + seed % 20; i < count; ++i) {
      steps.push_back(ddl.next());
      run(steps.back().apply);
    }
    const Snapshot there = take();
    EXPECT_NE(fingerprint(before), fingerprint(there));

    const testing::Step one = ddl.next();
    run(one.apply);
    const Snapshot further = take();
    EXPECT_NE(fingerprint(there), fingerprint(further)) << one.apply;
    EXPECT_TRUE(names(diff(there, further), one)) << one.apply << "\n" << all(diff(there, further));
    run(one.revert);

    for (auto step = steps.rbegin(); step != steps.rend(); ++step) run(step->revert);
    const Snapshot back = take();
    EXPECT_EQ(fingerprint(before), fingerprint(back)) << all(diff(before, back));
    EXPECT_TRUE(diff(before, back).empty());
    connection_.rollback();
  }

  ::segue::testing::Database database_;
  pg::Connection connection_;
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
}

}  // namespace
}  // namespace segue::catalog
