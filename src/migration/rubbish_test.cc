// Whatever the bytes are, the reader answers soon and does not fall over. Seeded: the same every time.
#include <gtest/gtest.h>

#include <random>

#include "base/clock.h"
#include "migration/example.h"
#include "migration/project.h"
#include "migration/read.h"
#include "migration/testing.h"

namespace segue::migration {
namespace {

constexpr int mutations = 4000;
constexpr double soon = 5;  // seconds for a file of a megabyte, also under a sanitizer

// Every problem stands somewhere, says something, and comes in order.
void expect_sound(const Problems& problems) {
  ASSERT_FALSE(problems.empty());
  for (const auto& problem : problems) {
    EXPECT_GE(problem.at.line, 1) << to_text(problem);
    EXPECT_GE(problem.at.column, 1) << to_text(problem);
    EXPECT_FALSE(problem.code.empty() || problem.message.empty() || problem.hint.empty()) << to_text(problem);
    EXPECT_LT(problem.message.size(), 1000u);
  }
}

void read_anything(const std::string& text, const TemporaryFolder& folder) {
  const auto read = read_migration_text(text, folder.path());
  if (!read) expect_sound(read.error());
}

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::string mutate(std::string text) {
    static const std::vector<std::string> bits = {"\n",   " ",   "  ",   "\t",   ":",    ": ",    "- ",
                                                  "[",    "]",   "{",    "}",    "\"",   "'",     "|\n",
                                                  ">",    "&a ", "*a",   "!!x ", "<<: ", "---\n", "#",
                                                  "${",   "}",   "null", "~",    "\xFF", "\xC3",  std::string(1, '\0'),
                                                  "ü",    "? ",  ",",    "%",    "\\",   "0",     "-1",
                                                  ".sql", "\x04"};
    for (auto changes = below(4) + 1; changes > 0; --changes) {
      const auto at = below(text.size() + 1);
      switch (below(5)) {
        case 0:
          text.insert(at, bits[below(bits.size())]);
          break;
        case 1:
          text.erase(at, below(12));
          break;
        case 2:
          text.insert(at, text.substr(below(text.size() + 1), below(60)));
          break;
        case 3:
          if (at < text.size()) text[at] = static_cast<char>(below(256));
          break;
        default:
          text.resize(below(20) == 0 ? at : text.size());
          break;
      }
    }
    return text;
  }

 private:
  std::size_t below(std::size_t end) { return random_() % end; }
  std::mt19937 random_;
};

TEST(Rubbish, mutations_of_a_good_file) {
  const TemporaryFolder folder;
  folder.write("clients.sql", example_sql);
  Mutator mutator(20260301);
  for (int i = 0; i < mutations; ++i) {
    const auto text = mutator.mutate(std::string(example_yaml));
    SCOPED_TRACE(text);
    read_anything(text, folder);
    if (HasFatalFailure() || HasNonfatalFailure()) return;
  }
}

TEST(Rubbish, mutations_of_a_check_file) {
  const TemporaryFolder folder;
  Mutator mutator(7);
  const std::string good =
      "-- check: a · after: [expand, backfill] · expect: {min: 1, max: 3}\nSELECT 1;\n\n"
      "-- check: b | after: each, no_rows\nSELECT ${first} FROM t;\n";
  for (int i = 0; i < mutations / 4; ++i) {
    const auto text = mutator.mutate(good);
    SCOPED_TRACE(text);
    folder.write("c.sql", text);
    read_anything("migration: a\nmoves: [{ sql: SELECT 1 }]\nchecks: c.sql\n", folder);
    if (HasFatalFailure() || HasNonfatalFailure()) return;
  }
}

TEST(Rubbish, mutations_of_a_project_file) {
  const TemporaryFolder folder;
  Mutator mutator(11);
  const std::string good =
      "database: ${DATABASE_URL}\nproduction: true\nenvironments: { staging: { database: x, production: false }, dev: "
      "y }\n"
      "lint: { severities: { a: off }, postgres: 15, exclude: [x] }\nnotify: { mail: { to: [a, b] } }\ncontacts: [a]\n";
  for (int i = 0; i < mutations / 4; ++i) {
    const auto text = mutator.mutate(good);
    SCOPED_TRACE(text);
    if (const auto read = read_project_text(text, folder.path()); !read) expect_sound(read.error());
    if (HasFatalFailure() || HasNonfatalFailure()) return;
  }
}

std::string repeated(std::string_view piece, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += piece;
  return text;
}

TEST(Rubbish, a_megabyte_of_anything) {
  const TemporaryFolder folder;
  constexpr std::size_t megabyte = 1 << 20;
  const std::string laughs = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n";
  const std::vector<std::string> texts = {
      repeated("[", megabyte),
      repeated("{", megabyte),
      repeated("- ", megabyte),
      repeated("? ", megabyte),
      repeated("a: ", megabyte),
      repeated("a: b\n", megabyte),
      repeated("\"", megabyte),
      repeated("'", megabyte),
      repeated(":", megabyte),
      repeated("a", megabyte),
      repeated("!", megabyte),
      repeated("&a ", megabyte),
      repeated("\t", megabyte),
      repeated("---\n", megabyte),
      repeated("[],", megabyte),
      repeated("*a\n", megabyte),
      "x: |\n" + repeated("  ${first}\n", megabyte),
      "moves: [" + repeated("{}, ", megabyte) + "]",
      "checks: [" + repeated("{name: x}, ", megabyte) + "]",
      "migration: " + repeated("ü", megabyte),
      repeated("a", megabyte) + ": b",
      laughs,
      std::string(megabyte, '\0'),
      "\xFF\xFE" + repeated("a", megabyte),
      "\xEF\xBB\xBF",
      repeated("migration: a\n", megabyte),
      "about: " + repeated("${", megabyte),
      "moves: [{ sql: \"" + repeated("''${'", megabyte) + "\" }]",
  };
  for (std::size_t i = 0; i < texts.size(); ++i) {
    SCOPED_TRACE(i);
    const Stopwatch watch;
    read_anything(texts[i], folder);
    EXPECT_LT(watch.seconds(), soon);
  }
}

TEST(Rubbish, more_than_is_read) {
  const TemporaryFolder folder;
  const auto read = read_migration_text(repeated("# nothing\n", 5 << 20), folder.path());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().at(0).code, "too-large");
}

TEST(Rubbish, a_thousand_problems_are_enough) {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "k" + std::to_string(i) + ": 1\n";
  const auto read = read_migration_text(text, folder.path());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().size(), 1001u);
  EXPECT_EQ(read.error().back().code, "too-many");
}

}  // namespace
}  // namespace segue::migration
