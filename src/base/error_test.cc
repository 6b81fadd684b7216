#include "base/error.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/log.h"

namespace segue {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return usage_error("odd", "give an even number", "argument 1");
  return number / 2;
}

Result<int> quarter(int number) {
  const int once = TRY(half(number));
  return TRY(half(once));
}

TEST(Error, TryHandsErrorsOn) {
  EXPECT_EQ(quarter(8), 2);
  ASSERT_FALSE(quarter(6));
  EXPECT_EQ(quarter(6).error().message, "odd");
  EXPECT_EQ(quarter(6).error().exit, Exit::usage);
}

TEST(Error, TextSaysWhereWhatAndWhatToDo) {
  EXPECT_EQ(to_text(half(1).error()), "argument 1: odd\n  give an even number");
  Error error = half(1).error();
  error.sqlstate = "42P01";
  EXPECT_EQ(to_text(error), "argument 1: odd (SQLSTATE 42P01)\n  give an even number");
}

TEST(Error, RedactTakesEveryOccurrence) {
  EXPECT_EQ(redact("a secret, a secret", "secret"), "a ***, a ***");
  EXPECT_EQ(redact("to be", "to"), "to be");  // too short to be worth it
}

TEST(Json, BadTextIsAnErrorWithPosition) {
  const auto bad = parse_json("{\n  \"a\": x}", "s.json");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().where, "s.json:2:8");
}

TEST(Json, ErrorsAsJson) {
  EXPECT_EQ(to_json(half(1).error()).dump(),
            R"({"error":{"code":"usage","message":"odd","where":"argument 1","hint":"give an even number"}})");
}

TEST(Log, OneLineAnEvent) {
  using namespace log;
  EXPECT_EQ(line(Format::text, Level::info, "step done", {{"step", "3"}}, "T"), "step done  step=3");
  EXPECT_EQ(line(Format::text, Level::warning, "slow", {}, "T"), "warning: slow");
  EXPECT_EQ(line(Format::json, Level::info, "a \"b\"\n", {{"k", "v"}}, "T"),
            R"({"at":"T","level":"info","message":"a \"b\"\n","k":"v"})");
}

}  // namespace
}  // namespace segue
