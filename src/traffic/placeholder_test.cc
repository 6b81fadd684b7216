#include "traffic/placeholder.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "testing/server.h"

namespace segue::traffic {
namespace {

TEST(Placeholder, Only_those_outside_of_quotes_and_comments_count) {
  EXPECT_EQ(highest_placeholder("SELECT 1"), 0u);
  EXPECT_EQ(highest_placeholder("SELECT $2, $1"), 2u);
  EXPECT_EQ(highest_placeholder("SELECT '$3', \"$4\", $1 -- $5\n"), 1u);
  EXPECT_EQ(highest_placeholder("SELECT $$ $9 $$, $tag$ $8 $$ $tag$, $1"), 1u);
  EXPECT_EQ(highest_placeholder("SELECT /* $2 /* $3 */ $4 */ $1"), 1u);
  EXPECT_EQ(highest_placeholder("SELECT 'it''s $2', $1"), 1u);
  EXPECT_EQ(highest_placeholder("SELECT E'it''s \\' $2', $1"), 1u);
  EXPECT_EQ(highest_placeholder("SELECT '\\', $1"), 1u);
  EXPECT_EQ(highest_placeholder("SELECT a$1 FROM t"), 0u);
  EXPECT_EQ(highest_placeholder("SELECT 'never closed $1"), 0u);
}

TEST(Placeholder, Values_become_literals) {
  EXPECT_EQ(with_values("SELECT $1", {Value("it's")}), "SELECT  'it''s' ");
  EXPECT_EQ(with_values("SELECT $2,$1", {Value(), Value("x")}), "SELECT  'x' , NULL ");
  EXPECT_EQ(with_values("SELECT '$1'", {}), "SELECT '$1'");
}

RC_GTEST_PROP(Placeholder, The_server_reads_back_what_was_inlined, ()) {
  static const testing::Database database;
  static auto connection = database.connect();
  auto text = *rc::gen::string<std::string>();
  std::erase_if(text, [](char sign) { return sign == '\0' || static_cast<unsigned char>(sign) >= 0x80; });
  const auto rows = connection.simple(with_values("SELECT /* $1 */ $1::text, 'a$1', $$'$1$$", {Value(text)}));
  RC_ASSERT(rows.has_value());
  RC_ASSERT(rows->string(0, 0) == text);
  RC_ASSERT(rows->string(0, 1) == "a$1");
  RC_ASSERT(rows->string(0, 2) == "'$1");
}

}  // namespace
}  // namespace segue::traffic
