// What a journal lets the database look like: laws over made-up histories of one row.
#include "traffic/expectation.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace segue::traffic {
namespace {

using Kind = JournalRule::Kind;

// A file that is gone with the test.
class JournalFile {
 public:
  JournalFile()
      : path_(std::filesystem::temp_directory_path() /
              ("segue-journal-" + std::to_string(::getpid()) + "-" + std::to_string(++count_))) {}
  ~JournalFile() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  static inline int count_ = 0;
  std::filesystem::path path_;
};

struct Event {
  Kind kind;
  int value;
  std::int64_t sent, done;  // the effect lies between them
  std::int64_t effect;
  WriteOutcome outcome;
  bool took_place;
};

// The history as a journal writes it: lines in the order of their moments.
void write_history(const std::string& path, const std::vector<Event>& events) {
  std::vector<std::pair<std::int64_t, std::string>> lines;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto& event = events[i];
    const auto set = event.kind == Kind::erase ? std::string("{}") : "{\"v\":\"" + std::to_string(event.value) + "\"}";
    lines.emplace_back(event.sent,
                       "{\"write\":" + std::to_string(i + 1) +
                           ",\"run\":\"r\",\"connection\":0,\"statement\":\"s\",\"table\":\"t\",\"kind\":\"" +
                           std::string(name_of(event.kind)) + "\",\"key\":{\"id\":\"1\"},\"set\":" + set +
                           ",\"sent\":" + std::to_string(event.sent) + "}");
    lines.emplace_back(event.done, "{\"outcome\":\"" + std::string(name_of(event.outcome)) + "\",\"writes\":[" +
                                       std::to_string(i + 1) + "],\"run\":\"r\",\"at\":" + std::to_string(event.done) +
                                       "}");
  }
  std::stable_sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::ofstream out(path);
  for (const auto& [_, line] : lines) out << line << "\n";
}

struct State {
  bool there = false;
  int value = 0;
};

// What the events leave behind, in the order of their effects; an update of a row that is not there touches nothing and
// is journaled as failed.
State play(std::vector<Event>& events) {
  std::vector<Event*> order;
  order.reserve(events.size());
  for (auto& event : events) order.push_back(&event);
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->effect < b->effect; });
  State state;
  for (auto* event : order) {
    if (event->outcome == WriteOutcome::failed || !event->took_place) continue;
    if (event->kind == Kind::update && !state.there) {
      event->took_place = false;
      if (event->outcome == WriteOutcome::acknowledged) event->outcome = WriteOutcome::failed;
      continue;
    }
    state.there = event->kind != Kind::erase;
    if (state.there) state.value = event->value;
  }
  return state;
}

std::vector<Event> any_history(bool overlapping, bool unknown) {
  std::vector<Event> events;
  const int count = *rc::gen::inRange(1, 9);
  std::int64_t time = 0;
  for (int i = 0; i < count; ++i) {
    const auto roll = *rc::gen::inRange(0, 6);
    Event event{};
    event.kind = i == 0 || roll == 0 ? Kind::insert : roll == 1 ? Kind::erase : Kind::update;
    event.value = i + 1;
    event.sent = overlapping ? *rc::gen::inRange<std::int64_t>(0, 50) : time + 1;
    event.effect = event.sent + 1 + *rc::gen::inRange<std::int64_t>(0, 5);
    event.done = event.effect + 1 + *rc::gen::inRange<std::int64_t>(0, 5);
    const auto fate = *rc::gen::inRange(0, 10);
    event.outcome = fate == 0              ? WriteOutcome::failed
                    : unknown && fate <= 3 ? WriteOutcome::unknown
                                           : WriteOutcome::acknowledged;
    event.took_place = event.outcome == WriteOutcome::acknowledged ||
                       (event.outcome == WriteOutcome::unknown && *rc::gen::arbitrary<bool>());
    time = event.done;
    events.push_back(event);
  }
  return events;
}

bool admits(const Expectation& expected, const State& state) {
  if (!state.there) return expected.may_be_gone;
  if (!expected.may_be_there) return false;
  const auto column = expected.columns.find("v");
  if (column == expected.columns.end() || column->second.any) return true;
  const auto& values = column->second.values;
  return std::find(values.begin(), values.end(), std::to_string(state.value)) != values.end();
}

RC_GTEST_PROP(Expectation, What_really_happened_is_never_an_alarm, ()) {
  auto events = any_history(*rc::gen::arbitrary<bool>(), true);
  const auto state = play(events);
  const JournalFile file;
  write_history(file.path(), events);
  const auto journal = read_journals({file.path()});
  RC_ASSERT(journal.has_value());
  for (const auto& expected : journal->expectations) RC_ASSERT(admits(expected, state));
}

RC_GTEST_PROP(Expectation, After_writes_one_by_one_nothing_else_is_admitted, ()) {
  auto events = any_history(false, false);
  auto state = play(events);
  const JournalFile file;
  write_history(file.path(), events);
  const auto journal = read_journals({file.path()}).value();
  if (journal.expectations.empty()) return;
  const auto& expected = journal.expectations.front();
  RC_ASSERT(admits(expected, state));
  const bool gone = !state.there;
  RC_ASSERT(!admits(expected, State{gone, state.value}));
  if (state.there) RC_ASSERT(!admits(expected, State{true, state.value + 1}));
}

TEST(Expectation, Runs_do_not_mix_and_torn_lines_are_passed_over) {
  const JournalFile file;
  for (const auto* run : {"a", "b"}) {
    auto journal = Journal::open(file.path(), run).value();
    Write write{1, "new", "t", Kind::insert, {{"id", std::string(run)}}, {{"v", "1"}}, {"w"}, journal_time()};
    const auto number = journal->intend(write);
    journal->settle({number}, WriteOutcome::acknowledged, {{"w", std::nullopt}});
    journal->settle({journal->intend(Write{1, "new", "t", Kind::insert, {}, {}, {}, 1})}, WriteOutcome::unknown);
    EXPECT_TRUE(journal->trouble());
    std::ofstream(file.path(), std::ios::app) << "{\"write\":9,\"ru";
  }
  const auto journal = read_journals({file.path()}).value();
  EXPECT_EQ(journal.writes, 4);
  EXPECT_EQ(journal.acknowledged, 2);
  EXPECT_EQ(journal.unknown, 2);
  EXPECT_EQ(journal.unnamed, 2);
  ASSERT_EQ(journal.expectations.size(), 2u);
  EXPECT_FALSE(journal.expectations[0].may_be_gone);
  EXPECT_EQ(journal.expectations[1].columns.at("w").values, std::vector<Value>{Value()});
}

TEST(Expectation, What_is_no_journal_is_refused) {
  const JournalFile file;
  std::ofstream(file.path()) << "hello\n";
  EXPECT_FALSE(read_journals({file.path()}));
  EXPECT_FALSE(read_journals({"/nowhere/at/all"}));
}

}  // namespace
}  // namespace segue::traffic
