#include "pg/connect_string.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pg/connection.h"
#include "testing/server.h"

namespace segue::pg {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ConnectString, DisplayNeverHoldsThePassword) {
  EXPECT_EQ(display_url("postgresql://me:s3cret@host:5433/shop"), "postgresql://me@host:5433/shop");
  EXPECT_EQ(display_url("host=h user=u password=s3cret dbname=d port=1"), "postgresql://u@h:1/d");
  EXPECT_EQ(display_url("postgresql://host/d?user=u&password=s3cret"), "postgresql://u@host/d");
}

// An unescaped sign in the password makes libpq take a piece of it for something else and print it in its errors.
TEST(ConnectString, BadUrlsAreRefusedWithoutQuotingThem) {
  for (const std::string url :
       {"postgresql://me:hush/hush@host/d", "postgresql://me:hush@hush@host/d", "postgresql://me:hu%zzsh@host/d",
        "postgresql://me:hush@host/d?nosuch=hush", "password=hush nonsense", "postgres://me:hush[hush@host/d"}) {
    const auto read = read_connect_string(url);
    const auto opened = Connection::open({.url = url, .settings = {}});
    ASSERT_FALSE(opened) << url;
    EXPECT_THAT(to_text(opened.error()), Not(HasSubstr("hush"))) << url;
    if (!read) {
      EXPECT_EQ(read.error().code, "bad-url");
      EXPECT_EQ(read.error().exit, Exit::usage);
    }
  }
}

TEST(ConnectString, WhatIsWrongIsNamedWhereItHoldsNoSecret) {
  const auto said = [](const std::string& url) { return read_connect_string(url).error().message; };
  EXPECT_EQ(said("mysql://me:hush@host/d"), "mysql:// is no PostgreSQL URL");
  EXPECT_EQ(said("postgresql://me:hush@host/d?sslmod=require"), "there is no connection parameter `sslmod`");
  EXPECT_EQ(said("shop"), "a single word is no connection string");
  for (const char* url : {"postgresql://me:p/x?hush=1@host/d", "pw=hush", "hush1://x", "postgresql://me:hush@[::1/d",
                          "password=my hush=x", "me:hush://host"}) {
    EXPECT_EQ(said(url), "the connection string cannot be read") << url;
  }
}

TEST(ConnectString, ServerErrorsHoldNoPassword) {
  std::string url = testing::server_url();
  const auto from = url.find(':', url.find("://") + 3), to = url.find('@');
  url.replace(from + 1, to - from - 1, "wrongsecret");
  const auto refused = Connection::open({.url = url, .settings = {}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "refused-by-server");
  EXPECT_THAT(to_text(refused.error()), Not(HasSubstr("wrongsecret")));
  EXPECT_THAT(refused.error().hint, HasSubstr("password"));
}

TEST(ConnectString, NoServer) {
  const auto refused = Connection::open({.url = "postgresql://me:hushhush@127.0.0.1:1/d", .settings = {}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "no-server");
  EXPECT_EQ(refused.error().where, "postgresql://me@127.0.0.1:1/d");
  EXPECT_EQ(refused.error().exit, Exit::failed);
}

TEST(ConnectString, PasswordsInArgumentsAreOverwritten) {
  char program[] = "segue", url[] = "--database=postgresql://me:s3cret@host/d", words[] = "host=h password=s3cret x=y",
       plain[] = "status";
  char* argv[] = {program, url, words, plain};
  hide_passwords(4, argv);
  EXPECT_STREQ(url, "--database=postgresql://me:xxxxxx@host/d");
  EXPECT_STREQ(words, "host=h password=xxxxxx x=y");
  EXPECT_STREQ(plain, "status");
}

}  // namespace
}  // namespace segue::pg
