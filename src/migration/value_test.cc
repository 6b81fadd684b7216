#include "migration/value.h"

#include <gtest/gtest.h>

#include "migration/units.h"

namespace segue::migration {
namespace {

Text plain(std::string value) {
  Text text;
  text.value = std::move(value);
  text.at = text.body = {"f", 3, 5};
  text.exact = true;
  return text;
}

std::vector<std::string> insides(const std::string& value) {
  std::vector<std::string> found;
  for (const auto& each : find_placeholders(plain(value))) found.push_back(each.length == 0 ? "open" : each.inside);
  return found;
}

using Words = std::vector<std::string>;

TEST(Placeholders, are_found_with_their_extent) {
  EXPECT_EQ(insides("no $first, no {first}"), Words());
  EXPECT_EQ(insides("a ${first} b '${first}'"), (Words{"first", "first"}));
  EXPECT_EQ(insides("${SELECT '}' FROM t}"), Words{"SELECT '}' FROM t"});
  EXPECT_EQ(insides("${SELECT '{}'::jsonb}"), Words{"SELECT '{}'::jsonb"});
  EXPECT_EQ(insides("${SELECT {a} /* } */ -- }\n}"), Words{"SELECT {a} /* } */ -- }\n"});
  EXPECT_EQ(insides("${SELECT"), Words{"open"});
  EXPECT_EQ(insides("${SELECT 'a}"), Words{"open"});
}

TEST(Placeholders, in_comments_are_left_alone) {
  EXPECT_EQ(insides("-- ${a}\n${first} /* ${b} */ ${first}"), (Words{"first", "first"}));
  EXPECT_EQ(insides("'-- ' || ${first}"), Words{"first"});
  EXPECT_EQ(insides("\"--\" ${first}"), Words{"first"});
}

TEST(Placeholders, know_their_place) {
  const auto found = find_placeholders(plain("ü ${first}\n  ${first}"));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].at, (Position{"f", 3, 7}));
  EXPECT_EQ(found[0].offset, 3u);
  EXPECT_EQ(found[0].length, 8u);
  EXPECT_EQ(found[1].at, (Position{"f", 4, 3}));
}

TEST(Units, durations) {
  EXPECT_EQ(read_duration("50ms"), std::chrono::milliseconds(50));
  EXPECT_EQ(read_duration("0.5s"), std::chrono::milliseconds(500));
  EXPECT_EQ(read_duration("10min"), std::chrono::minutes(10));
  EXPECT_EQ(read_duration("30d"), std::chrono::hours(720));
  for (const auto* bad :
       {"", "50", "ms", "5 s", "-1s", "1.s", ".5s", "1.2.3s", "5m", "5M", "1e3s", "99999999999999999999d"}) {
    EXPECT_FALSE(read_duration(bad)) << bad;
  }
  EXPECT_EQ(to_text(std::chrono::hours(48)), "2d");
  EXPECT_EQ(to_text(std::chrono::minutes(90)), "90min");
  EXPECT_EQ(to_text(Duration(0)), "0s");
}

TEST(Units, counts_shares_and_sizes) {
  EXPECT_EQ(read_count("10000"), 10000);
  for (const auto* bad : {"", "-1", "+1", "1.0", "1e3", "9223372036854775808", "1 "})
    EXPECT_FALSE(read_count(bad)) << bad;
  EXPECT_EQ(read_allowance("1%")->share, 0.01);
  EXPECT_EQ(read_allowance("0")->count, 0);
  EXPECT_FALSE(read_allowance("101%"));
  EXPECT_TRUE(read_allowance("1%")->allows(1, 100));
  EXPECT_FALSE(read_allowance("1%")->allows(2, 100));
  EXPECT_FALSE(read_allowance("0")->allows(1, 100));
  EXPECT_EQ(to_text(*read_allowance("0.5%")), "0.5%");
  EXPECT_EQ(read_size("20MB"), 20 << 20);
  EXPECT_EQ(read_size("1.5kB/s"), 1536);
  EXPECT_FALSE(read_size("20"));
  EXPECT_FALSE(read_size("20mb"));
  EXPECT_EQ(read_hours("22:00-06:30")->from, 22 * 60);
  EXPECT_EQ(read_hours("22:00-06:30")->to, 6 * 60 + 30);
  EXPECT_TRUE(read_hours("00:00-24:00"));
  for (const auto* wrong : {"22-6", "22:00", "25:00-06:00", "22:00-24:01", "22:00-06:00 ", "22.00-06.00", ""}) {
    EXPECT_FALSE(read_hours(wrong)) << wrong;
  }
}

TEST(Units, times) {
  EXPECT_EQ(read_time("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(read_time("1970-01-01 01:00+01:00"), 0);
  EXPECT_EQ(read_time("2024-02-29T12:00:01-05"), 1709226001000);
  for (const auto* bad :
       {"", "2026-03-01", "2026-03-01T02:00", "2026-02-29T02:00Z", "2026-03-01T24:00Z", "2026-03-01T02:00+15:00"}) {
    EXPECT_FALSE(read_time(bad)) << bad;
  }
}

}  // namespace
}  // namespace segue::migration
