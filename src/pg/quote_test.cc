#include "pg/quote.h"

#include <gtest/gtest.h>

#include "testing/server.h"

namespace segue::pg {
namespace {

TEST(Quote, NamesAreAlwaysQuoted) {
  EXPECT_EQ(quote_name("orders"), R"("orders")");
  EXPECT_EQ(quote_name(R"(a"b)"), R"("a""b")");
  EXPECT_EQ(quote_name("public", "Order Items"), R"("public"."Order Items")");
  EXPECT_EQ(quote_name("", "orders"), R"("orders")");
  EXPECT_EQ(quote_name(std::string_view("a\0b", 3)), R"("ab")");
}

TEST(Quote, DisplayQuotesOnlyWhereNeeded) {
  EXPECT_EQ(display_name("orders"), "orders");
  EXPECT_EQ(display_name("createdAt"), R"("createdAt")");
  EXPECT_EQ(display_name("user"), R"("user")");
  EXPECT_EQ(display_name("public", "größe"), R"(public."größe")");
}

TEST(Quote, Literals) {
  EXPECT_EQ(quote_literal("it's"), "'it''s'");
  EXPECT_EQ(quote_literal(R"(a\b)"), R"(E'a\\b')");
}

TEST(Quote, FitsLikeTheServer) {
  const std::string ascii(70, 'x');
  EXPECT_EQ(fit_name(ascii).size(), 63u);
  const std::string umlauts = std::string(62, 'x') + "ä";
  EXPECT_EQ(fit_name(umlauts), std::string(62, 'x'));
}

// The server itself is the judge: every name comes back as it went in, and every keyword that is left bare works bare.
TEST(Quote, RoundTripThroughTheServer) {
  testing::Database database;
  auto connection = database.connect();
  for (const std::string name : {R"(a"b)", "two words", "größe 日本", "select", "UPPER", "a.b", "a'b", "%", "$1", " ",
                                 "\t", "123456789012345678901234567890123456789012345678901234567890123"}) {
    ASSERT_TRUE(connection.execute("CREATE TABLE " + quote_name(name) + " (" + quote_name(name) + " int)")) << name;
    const auto found = connection.value("SELECT relname FROM pg_class WHERE relname = $1", {name});
    ASSERT_TRUE(found) << name;
    EXPECT_EQ(*found, name);
  }
  const auto words = connection.query("SELECT word FROM pg_get_keywords()");
  ASSERT_TRUE(words);
  for (std::size_t row = 0; row < words->size(); ++row) {
    const auto word = words->string(row, 0);
    const auto shown = display_name(word);
    const auto works = connection.execute("CREATE TEMP TABLE " + shown + " (" + shown + " int)");
    EXPECT_TRUE(works) << shown;
    ASSERT_TRUE(connection.execute("SELECT " + shown + " FROM pg_temp." + shown)) << shown;
    ASSERT_TRUE(connection.execute("DROP TABLE pg_temp." + quote_name(word))) << shown;
  }
}

TEST(Quote, LiteralsRoundTripWhateverTheServerIsSetTo) {
  testing::Database database;
  auto connection = database.connect();
  for (const char* setting : {"on", "off"}) {
    ASSERT_TRUE(connection.execute(std::string("SET standard_conforming_strings = ") + setting));
    for (const std::string value : {"it's", R"(a\b)", R"(\')", "", "日本", R"(E'\\)"}) {
      const auto found = connection.value("SELECT " + quote_literal(value));
      ASSERT_TRUE(found) << value;
      EXPECT_EQ(*found, value);
    }
  }
}

}  // namespace
}  // namespace segue::pg
