#include "base/wrap.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace segue {
namespace {

using Lines = std::vector<std::string>;

TEST(Wrap, LeavesWhatFits) {
  EXPECT_EQ(wrap("  a few words", 20, 4), Lines{"  a few words"});
  EXPECT_EQ(wrap("", 20, 4), Lines{""});
}

TEST(Wrap, BreaksAtBlanksAndIndentsWhatFollows) {
  EXPECT_EQ(wrap("  one two three four", 12, 4), (Lines{"  one two", "    three", "    four"}));
}

TEST(Wrap, BreaksAWordThatIsTooWide) {
  EXPECT_EQ(wrap("abcdefghijklmnopqrstuvwxyz", 10, 2), (Lines{"abcdefghij", "  klmnopqr", "  stuvwxyz"}));
}

TEST(Wrap, CountsColumnsNotBytes) {
  for (const auto& line : wrap("  ✓ éééé éééé éééé éééé éééé éééé", 14, 4)) EXPECT_LE(display_width(line), 14U);
}

TEST(Wrap, LosesNothing) {
  const std::string text = "  the gate x waits for a signature as QA Lead and as Database Administrator (because)";
  for (std::size_t width = 10; width < 100; ++width) {
    std::string all;
    for (const auto& line : wrap(text, width, 4)) {
      for (const char sign : line) {
        if (sign != ' ') all += sign;
      }
    }
    std::string wanted = text;
    std::erase(wanted, ' ');
    EXPECT_EQ(all, wanted) << width;
  }
}

}  // namespace
}  // namespace segue
