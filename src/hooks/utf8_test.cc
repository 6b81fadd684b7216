#include "hooks/utf8.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace segue::hooks {
namespace {

TEST(Utf8, KeepsWhatIsValidAndReplacesTheRest) {
  EXPECT_EQ(clean_utf8("plain, Grüße, 価格, 🙂"), "plain, Grüße, 価格, 🙂");
  EXPECT_EQ(clean_utf8(std::string_view("a\0b", 3)), "a\uFFFDb");
  EXPECT_EQ(clean_utf8("\xFF"), "\uFFFD");
  EXPECT_EQ(clean_utf8("\xC3"), "\uFFFD");
  EXPECT_EQ(clean_utf8("\xC0\xAF"), "\uFFFD\uFFFD");                      // overlong
  EXPECT_EQ(clean_utf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");            // surrogate
  EXPECT_EQ(clean_utf8("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");  // above U+10FFFF
}

TEST(Utf8, CutsBetweenCharacters) {
  EXPECT_EQ(clean_head("äöü", 5), "äö");
  EXPECT_EQ(clean_tail("äöü", 5), "öü");
  EXPECT_EQ(clean_head("abc", 3), "abc");
  EXPECT_EQ(clean_tail("abc", 2), "bc");
}

RC_GTEST_PROP(Utf8, CleanTextIsCleanAndCutsAreParts, (const std::string& bytes)) {
  const auto clean = clean_utf8(bytes);
  RC_ASSERT(clean_utf8(clean) == clean);
  for (const std::size_t limit : {0, 1, 7, 100}) {
    const auto head = clean_head(bytes, limit), tail = clean_tail(bytes, limit);
    RC_ASSERT(head.size() <= limit && tail.size() <= limit);
    RC_ASSERT(clean.starts_with(head));
    RC_ASSERT(clean_utf8(tail) == tail);
  }
}

}  // namespace
}  // namespace segue::hooks
