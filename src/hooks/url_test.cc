#include "hooks/url.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace segue::hooks {
namespace {

TEST(Url, IsShownWithoutItsSecrets) {
  const std::pair<const char*, const char*> cases[] = {
      {"https://example.org/hook", "https://example.org/hook"},
      {"https://example.org:8443", "https://example.org:8443"},
      {"https://me:secret@example.org/hook", "https://***@example.org/hook"},
      {"https://secret@example.org", "https://***@example.org"},
      {"https://me:sec@ret@example.org/x@y", "https://***@example.org/x@y"},
      {"https://example.org/hook?token=secret", "https://example.org/hook?***"},
      {"https://example.org/hook#secret", "https://example.org/hook#***"},
      {"https://me:sec/ret@example.org/", "https://***"},
      {"https://me:12/secret@example.org/", "https://***@example.org/"},
      {"https://me:sec?ret@example.org/", "https://***"},
      {"https://me:sec#ret@example.org/", "https://***"},
      {"redis://:secret@cache:6379/2", "redis://***@cache:6379/2"},
      {"redis://[::1]:6379/2", "redis://[::1]:6379/2"},
      {"redis://[::1]", "redis://[::1]"},
      {"https://me:secret:7?@example.org", "https://***"},
      {"unix:///run/redis.sock?db=2", "unix:///run/redis.sock?***"},
      {"me:secret@example.org", "***@example.org"},
      {"nonsense", "nonsense"},
      {"", ""},
  };
  for (const auto& [url, shown] : cases) EXPECT_EQ(shown_url(url), shown) << url;
}

TEST(Url, IsReadIntoItsParts) {
  const auto url = read_url("redis+unix://me:p%40ss%2F@[::1]:70/a%20b?db=2#end");
  ASSERT_TRUE(url) << to_text(url.error());
  EXPECT_EQ(url->scheme, "redis+unix");
  EXPECT_EQ(url->user, "me");
  EXPECT_EQ(url->password, "p@ss/");
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, 70);
  EXPECT_EQ(url->path, "/a b");
  EXPECT_EQ(url->query, "db=2");
  EXPECT_EQ(host_and_port(*url, 80), "[::1]:70");
  EXPECT_EQ(host_and_port(*read_url("http://a"), 80), "a:80");
}

TEST(Url, ThatIsNoneIsRefusedWithoutItsSecrets) {
  for (const std::string url : {"https://me:secret/@host/", "https://me:secret%@host/", "https://host:99999/secret@x",
                                "https://host:0/", "https://host:/", "secret@host", "://secret@host",
                                "ht tp://secret@x", "https://me:secret\n@host", "https://me:secret%zz@host"}) {
    const auto read = read_url(url);
    ASSERT_FALSE(read) << url;
    EXPECT_EQ(to_text(read.error()).find("secret"), std::string::npos) << to_text(read.error());
    EXPECT_EQ(read.error().exit, Exit::usage);
    EXPECT_NE(read.error().hint, "");
  }
}

// Whatever a password holds: where it is written as it should be, it is not shown.
RC_GTEST_PROP(Url, NeverShowsAPassword, (const std::string& noise)) {
  std::string password = "Zq";
  for (const char c : noise) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '@' || c == ':' || c == '%') password += c;
  }
  for (const std::string end : {"@host", "@host:80/path", "@[::1]/x?y=z", "/@host", "?@host", "#@host"}) {
    RC_ASSERT(shown_url("https://me:" + password + end).find("Zq") == std::string::npos);
  }
}

}  // namespace
}  // namespace segue::hooks
