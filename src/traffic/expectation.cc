#include "traffic/expectation.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <unordered_map>

#include "base/json.h"

namespace segue::traffic {
namespace {

struct Recorded {
  Write write;
  WriteOutcome outcome = WriteOutcome::unknown;
  std::int64_t at = 0;
};

NamedValues values_of(const Json& object) {
  NamedValues values;
  for (const auto& [name, value] : object.items()) {
    values.emplace_back(name, value.is_null() ? Value() : Value(value.get<std::string>()));
  }
  return values;
}

Recorded recorded_from(const Json& line) {
  Recorded one;
  one.write.statement = line.at("statement").get<std::string>();
  one.write.table = line.at("table").get<std::string>();
  const auto kind = line.at("kind").get<std::string>();
  using Kind = JournalRule::Kind;
  one.write.kind = kind == "insert" ? Kind::insert : kind == "update" ? Kind::update : Kind::erase;
  one.write.key = values_of(line.at("key"));
  one.write.set = values_of(line.at("set"));
  if (line.contains("open")) one.write.open = line.at("open").get<std::vector<std::string>>();
  one.write.sent = line.at("sent").get<std::int64_t>();
  return one;
}

class Reader {
 public:
  Status read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return usage_error("the journal cannot be read", "check the path and its rights", path);
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
      try {
        take(Json::parse(line));
      } catch (const Json::exception&) {
        // A torn line, where the driver died: its write was not sent, or its outcome is not known.
        if (number > 1) continue;
        return usage_error("this is not a journal of `segue traffic`", "", fmt::format("{}:{}", path, number));
      }
    }
    return {};
  }

  JournalSummary summary();

 private:
  void take(const Json& line) {
    const auto run = line.at("run").get<std::string>();
    const auto place = [&](std::int64_t number) { return fmt::format("{} {}", run, number); };
    if (line.contains("write")) {
      places_[place(line.at("write").get<std::int64_t>())] = writes_.size();
      writes_.push_back(recorded_from(line));
      return;
    }
    const auto outcome = line.at("outcome").get<std::string>();
    for (const auto& number : line.at("writes")) {
      const auto found = places_.find(place(number.get<std::int64_t>()));
      if (found == places_.end()) continue;
      auto& one = writes_[found->second];
      one.outcome = outcome == "acknowledged" ? WriteOutcome::acknowledged
                    : outcome == "failed"     ? WriteOutcome::failed
                                              : WriteOutcome::unknown;
      one.at = line.at("at").get<std::int64_t>();
      if (line.contains("set")) learn(one.write, values_of(line.at("set")));
      places_.erase(found);
    }
  }

  static void learn(Write& write, NamedValues learned) {
    for (auto& value : learned) {
      std::erase(write.open, value.first);
      write.set.push_back(std::move(value));
    }
  }

  std::vector<Recorded> writes_;
  std::unordered_map<std::string, std::size_t> places_;  // of the writes without an outcome so far
};

// What one write says about one column, or about the row being there.
struct Word {
  std::int64_t sent, at;
  bool acknowledged;
  std::optional<Value> value;  // none: not known
  bool there = true;
};

// The words that may be the last; empty where nothing was acknowledged.
std::vector<Word> last_words(const std::vector<Word>& words) {
  std::int64_t newest = std::numeric_limits<std::int64_t>::min();
  for (const auto& word : words) {
    if (word.acknowledged) newest = std::max(newest, word.sent);
  }
  std::vector<Word> last;
  if (newest == std::numeric_limits<std::int64_t>::min()) return last;
  for (const auto& word : words) {
    if (!word.acknowledged || word.at >= newest) last.push_back(word);
  }
  return last;
}

ColumnExpectation column_expectation(const std::vector<Word>& words) {
  ColumnExpectation expected;
  const auto last = last_words(words);
  expected.any = last.empty();
  for (const auto& word : last) {
    if (!word.value) {
      expected.any = true;
    } else if (std::find(expected.values.begin(), expected.values.end(), *word.value) == expected.values.end()) {
      expected.values.push_back(*word.value);
    }
  }
  return expected;
}

std::optional<Value> value_in(const Write& write, const std::string& column) {
  for (const auto& [name, value] : write.set) {
    if (name == column) return value;
  }
  return std::nullopt;
}

Expectation expectation_of(const std::vector<const Recorded*>& writes) {
  Expectation expected;
  expected.table = writes.front()->write.table;
  expected.key = writes.front()->write.key;
  std::vector<Word> presence;
  std::map<std::string, std::vector<Word>> columns;
  for (const auto* one : writes) {
    for (const auto& value : one->write.set) columns[value.first];
    for (const auto& open : one->write.open) columns[open];
  }
  for (const auto* one : writes) {
    const bool acknowledged = one->outcome == WriteOutcome::acknowledged;
    Word word{one->write.sent, one->at, acknowledged, std::nullopt, one->write.kind != JournalRule::Kind::erase};
    presence.push_back(word);
    for (auto& [column, words] : columns) {
      word.value = value_in(one->write, column);
      const bool open = std::find(one->write.open.begin(), one->write.open.end(), column) != one->write.open.end();
      // An update leaves the other columns alone; after an insert or a delete nothing is known of them.
      if (one->write.kind != JournalRule::Kind::update || word.value || open) words.push_back(word);
    }
    if (acknowledged && one->at >= expected.acknowledged) {
      expected.acknowledged = one->at;
      expected.statement = one->write.statement;
    }
  }
  if (const auto last = last_words(presence); !last.empty()) {
    const auto is_there = [](const Word& word) { return word.there; };
    expected.may_be_there = std::any_of(last.begin(), last.end(), is_there);
    expected.may_be_gone = !std::all_of(last.begin(), last.end(), is_there);
  }
  for (const auto& [column, words] : columns) expected.columns[column] = column_expectation(words);
  return expected;
}

std::string identity_of(const Write& write) {
  std::string text = write.table;
  for (const auto& [name, value] : write.key) text += '\0' + name + '\0' + (value ? "=" + *value : std::string("0"));
  return text;
}

JournalSummary Reader::summary() {
  JournalSummary summary;
  std::vector<std::vector<const Recorded*>> groups;
  std::unordered_map<std::string, std::size_t> group_of;
  for (const auto& one : writes_) {
    ++summary.writes;
    if (one.outcome == WriteOutcome::failed) {
      ++summary.failed;
      continue;
    }
    ++(one.outcome == WriteOutcome::acknowledged ? summary.acknowledged : summary.unknown);
    if (one.write.key.empty()) {
      ++summary.unnamed;
      continue;
    }
    const auto [at, is_new] = group_of.try_emplace(identity_of(one.write), groups.size());
    if (is_new) groups.emplace_back();
    groups[at->second].push_back(&one);
  }
  for (const auto& group : groups) summary.expectations.push_back(expectation_of(group));
  return summary;
}

}  // namespace

Result<JournalSummary> read_journals(const std::vector<std::string>& paths) {
  Reader reader;
  for (const auto& path : paths) TRY(reader.read(path));
  return reader.summary();
}

}  // namespace segue::traffic
