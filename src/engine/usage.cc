#include "engine/usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "base/text.h"
#include "proof/old_shape.h"
#include "proof/workload.h"

namespace segue::engine {
namespace {

constexpr std::size_t longest_statement = 1000;

using ledger::UsageLook;
using ledger::UsageSample;

Status add_counters(pg::Connection& connection, const plan::Plan& plan, UsageLook& look) {
  for (const auto& old : plan.old_shape) {
    if (old.counter.empty()) continue;
    const auto there = TRY(connection.query("SELECT to_regclass($1) IS NOT NULL", {old.counter}));
    if (!there.boolean(0, 0)) continue;
    const auto rows =
        TRY(connection.query("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM " + old.counter));
    look.samples.push_back(
        {"trigger", old.counter, "", "writes of the old shape", proof::to_text(old), rows.integer(0, 0), true});
  }
  return {};
}

using Key = std::tuple<std::string, std::string, std::string, std::string, std::string>;

std::map<Key, const UsageSample*> by_key(const UsageLook& look) {
  std::map<Key, const UsageSample*> found;
  for (const auto& one : look.samples) {
    if (one.certain) found[{one.source, one.query_id, one.role, one.statement, one.old_name}] = &one;
  }
  return found;
}

// Why nothing is proved between the two; empty: nobody has used it.
std::string used_between(const UsageLook& before, const UsageLook& after) {
  const auto was = by_key(before), is = by_key(after);
  for (const auto& [key, sample] : is) {
    const auto found = was.find(key);
    const auto calls = sample->calls - (found == was.end() ? 0 : found->second->calls);
    if (calls > 0) {
      return fmt::format("{} was used {} times between {} and {}: {}", sample->old_name, with_commas(calls),
                         before.at.substr(0, 19), after.at.substr(0, 19), sample->statement);
    }
    if (calls < 0) return fmt::format("a counter of {} went back by {}", sample->old_name, after.at.substr(0, 19));
  }
  if (!before.readable || !after.readable) return after.readable ? before.message : after.message;
  if (before.reset_at != after.reset_at) {
    return fmt::format("pg_stat_statements was emptied at {}: what was called before cannot be seen",
                       after.reset_at.substr(0, 19));
  }
  if (before.evicted != after.evicted) {
    return fmt::format("statements were thrown away for want of room before {}: raise pg_stat_statements.max",
                       after.at.substr(0, 19));
  }
  const auto gone = std::find_if(was.begin(), was.end(), [&](const auto& one) { return !is.contains(one.first); });
  if (gone != was.end()) return fmt::format("a recorded statement on {} was removed", gone->second->old_name);
  return {};
}

}  // namespace

Result<UsageLook> look_at_usage(pg::Connection& connection, std::int64_t run, const plan::Plan& plan) {
  const auto workload = TRY(proof::recorded_statements(connection));
  UsageLook look;
  look.readable = workload.readable;
  look.reset_at = workload.reset_at;
  look.evicted = workload.evicted;
  look.message = workload.message;
  for (const auto& one : workload.statements) {
    for (const auto& use : proof::uses_of(one.text, plan.old_shape)) {
      look.samples.push_back({"statements", one.query_id, one.role, one_line(one.text, longest_statement), use.old_name,
                              one.calls, use.certain});
    }
  }
  TRY(add_counters(connection, plan, look));
  TRY(ledger::add_look(connection, run, look));
  return look;
}

Quiet quiet_until_now(const std::vector<UsageLook>& looks) {
  if (looks.size() < 2) return {0, "there is only one look at it: the next one tells what was called since"};
  for (std::size_t at = looks.size() - 1; at > 0; --at) {
    const auto reason = used_between(looks[at - 1], looks[at]);
    if (!reason.empty()) return {(looks.back().ms - looks[at].ms) / 1000, reason};
  }
  return {(looks.back().ms - looks.front().ms) / 1000, "nobody has looked before"};
}

}  // namespace segue::engine
