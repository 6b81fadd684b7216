#include "sql/names.h"

#include <gtest/gtest.h>

#include "sql/parse.h"
#include "sql/types.h"

namespace segue::sql {
namespace {

TEST(Names, AreThoseOfPostgresql) {
  EXPECT_EQ(primary_key_name("users"), "users_pkey");
  EXPECT_EQ(unique_name("users", {"client_id", "email"}), "users_client_id_email_key");
  const std::string table(50, 'a');
  EXPECT_EQ(foreign_key_name(table, {std::string(30, 'b')}),
            std::string(29, 'a') + "_" + std::string(28, 'b') + "_fkey");
  EXPECT_EQ(object_name("ä" + std::string(61, 'x'), "", "pkey").size(), 63u);
}

TEST(Types, ChangesOfTheCatalogOnly) {
  EXPECT_TRUE(keeps_rows("character varying(20)", "character varying(40)", false));
  EXPECT_TRUE(keeps_rows("character varying(20)", "text", false));
  EXPECT_FALSE(keeps_rows("text", "character varying(20)", false));
  EXPECT_FALSE(keeps_rows("integer", "bigint", true));
  EXPECT_TRUE(keeps_rows("numeric(10,2)", "numeric(12,2)", false));
  EXPECT_FALSE(keeps_rows("numeric(10,2)", "numeric(12,3)", false));
  EXPECT_TRUE(keeps_rows("timestamp without time zone", "timestamp with time zone", true));
  EXPECT_FALSE(keeps_rows("timestamp without time zone", "timestamp with time zone", false));
}

TEST(Types, AreSpelledAsTheServerDoes) {
  const Source source("SELECT a::varchar(20), a::int4[], a::timestamptz(3), a::numeric(10,2), a::char, a::s.mood");
  std::vector<std::string> types;
  walk(source.statements()[0].tree, [&](Node node) {
    if (node.is("TypeCast")) types.push_back(type_text(node["typeName"]));
    return true;
  });
  EXPECT_EQ(types, (std::vector<std::string>{"character varying(20)", "integer[]", "timestamp(3) with time zone",
                                             "numeric(10,2)", "character(1)", "s.mood"}));
}

}  // namespace
}  // namespace segue::sql
