// Timeouts: strong locks that are waited for without an end, and CONCURRENTLY, which a short wait breaks.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "lint/rules/help.h"

namespace segue::lint {
namespace {

using sql::Lock;

constexpr double too_long_ms = 60'000;

// What SET lock_timeout is given, in milliseconds; nothing where it cannot be told.
std::optional<double> milliseconds(std::string_view text) {
  text = trim(text);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  const std::string unit = lower(trim(text.substr(static_cast<std::size_t>(end - text.data()))));
  if (unit.empty() || unit == "ms") return number;
  if (unit == "us") return number / 1000;
  if (unit == "s") return number * 1000;
  if (unit == "min") return number * 60'000;
  if (unit == "h") return number * 3'600'000;
  if (unit == "d") return number * 86'400'000;
  return std::nullopt;
}

struct Setting {
  std::string name;
  std::string value;
  bool is_set = false;  // otherwise it goes back to its default
  bool is_local = false;
};

std::string constant(Node value) {
  if (value["ival"]) return std::to_string(value["ival"]["ival"].number());
  if (value["fval"]) return value["fval"]["fval"].string();
  return value["sval"]["sval"].string();
}

// SET, RESET, and SELECT set_config('lock_timeout', …).
std::optional<Setting> setting_of(Node tree) {
  if (tree.is("VariableSetStmt")) {
    const std::string_view kind = tree["kind"].text();
    if (kind == "VAR_RESET_ALL") return Setting{"lock_timeout", {}, false, false};
    return Setting{lower(tree["name"].string()), constant(tree["args"].at(0)), kind == "VAR_SET_VALUE",
                   tree["is_local"].truth()};
  }
  const Node call = tree["targetList"].at(0)["val"];
  if (!tree.is("SelectStmt") || !call.is("FuncCall") || sql::last_name(call["funcname"]) != "set_config")
    return std::nullopt;
  return Setting{lower(constant(call["args"].at(0))), constant(call["args"].at(1)), true,
                 call["args"].at(2)["boolval"]["boolval"].truth()};
}

void take_setting(Visit& visit, const Setting& setting) {
  if (setting.name != "lock_timeout") return;
  // SET LOCAL does nothing outside a transaction; whether a plain file runs in one is not known.
  if (setting.is_local && !visit.in_transaction && visit.file.layout.layout != Layout::plain) return;
  visit.run.memory.erase("file:lock_timeout");
  const std::optional<double> wait = milliseconds(setting.value);
  if (!setting.is_set || wait == 0) return;
  if (wait.value_or(0) > too_long_ms) {
    visit
        .report(fmt::format("with a lock_timeout of {} every statement on the table waits that long behind the one "
                            "that waits for its lock",
                            setting.value))
        .safe_form = "SET lock_timeout = '2s';  -- and try again when it strikes";
  } else if (!visit.remembered("file:strong without timeout").empty() &&
             visit.remembered("file:late timeout").empty()) {
    visit.report("lock_timeout is set after the statement that needs it").safe_form = "-- at the beginning of the file";
    visit.remember("file:late timeout", {});
  }
  visit.remember("file:lock_timeout", {0, {}, {}, {}, setting.is_local ? "local" : ""});
}

// The end of a transaction takes away what SET LOCAL set.
void end_of_transaction(Visit& visit) {
  const std::string_view kind = visit.tree["kind"].text();
  if (kind != "TRANS_STMT_COMMIT" && kind != "TRANS_STMT_ROLLBACK") return;
  const auto& set = visit.remembered("file:lock_timeout");
  if (!set.empty() && set.back().detail == "local") visit.run.memory.erase("file:lock_timeout");
}

// LOCK TABLE … NOWAIT waits for nothing.
bool waits_for_strong_lock(const Visit& visit) {
  if (visit.facts.lock < Lock::share || !visit.facts.transactional || visit.tree["nowait"].truth()) return false;
  return std::any_of(visit.facts.objects.begin(), visit.facts.objects.end(), [&](const sql::Touched& object) {
    return object.role != sql::Role::creates && object.lock >= Lock::share && visit.is_live(object.name);
  });
}

void lock_timeout(Visit& visit) {
  const bool sets = visit.tree.is("VariableSetStmt") || visit.tree.is("SelectStmt");
  if (visit.tree.is("TransactionStmt")) return end_of_transaction(visit);
  if (!sets && visit.facts.lock < Lock::share) return;
  if (const auto setting = setting_of(visit.tree)) return take_setting(visit, *setting);
  if (visit.down() || !visit.remembered("file:lock_timeout").empty() || !waits_for_strong_lock(visit)) return;
  const bool told = !visit.remembered("file:strong without timeout").empty();
  visit.remember("file:strong without timeout", {});
  if (told) return;
  Finding& finding = visit.report(fmt::format(
      "without a lock_timeout this waits for {} as long as it takes, and every statement behind it waits too",
      name_of(visit.facts.lock)));
  const std::string set =
      visit.in_transaction && !visit.in_code ? "SET LOCAL lock_timeout = '2s';" : "SET lock_timeout = '2s';";
  finding.safe_form = set + "  -- and try again when it strikes";
  const std::size_t at = visit.statement.piece.begin;
  // Another change may end the file's transaction, and with it what SET LOCAL is good for.
  finding.fix = Fix{{{{at, at}, set + "\n"}}, {}, false, true};
}

// A short lock_timeout ends CONCURRENTLY half-way: it waits for every older transaction of the database.
void timeout_breaks_concurrently(Visit& visit) {
  const bool concurrent = !visit.facts.transactional && visit.facts.word.find("CONCURRENTLY") != std::string::npos;
  const bool detach = !visit.facts.transactional && visit.facts.kind == sql::Kind::alter_table;
  if ((!concurrent && !detach) || visit.remembered("file:lock_timeout").empty()) return;
  Finding& finding = visit.report(
      "CONCURRENTLY waits for every older transaction, and the lock_timeout that is set ends it half-way: an INVALID "
      "index or a pending DETACH stays behind");
  finding.safe_form = "SET lock_timeout = 0;";
  const std::size_t at = visit.statement.piece.begin;
  finding.fix = Fix{{{{at, at}, "SET lock_timeout = 0;\n"}}, {}, false};
}

void statement_timeout(Visit& visit) {
  if (visit.tree.is("VariableSetStmt")) {
    if (visit.tree["name"].text() == "statement_timeout") visit.remember("file:statement_timeout", {});
    return;
  }
  if (visit.facts.lock < Lock::share || !visit.remembered("file:statement_timeout").empty()) return;
  visit.remember("file:statement_timeout", {});
  visit.report("without a statement_timeout a slow statement holds its lock as long as it runs").safe_form =
      "SET statement_timeout = '10min';";
}

}  // namespace

Rules timeout_rules() {
  return {
      {"missing-lock-timeout",
       Severity::note,
       "a strong lock is waited for without an end",
       {"F63"},
       "A statement that waits for a strong lock makes every later statement on the table wait behind it: the waiting "
       "is the outage.",
       "SET lock_timeout to a second or two at the head of the file, and try again when it strikes.",
       {},
       lock_timeout,
       nullptr,
       true},
      {"concurrently-with-lock-timeout",
       Severity::warning,
       "a lock_timeout over CONCURRENTLY",
       {"F1", "F57", "F63"},
       "CREATE INDEX CONCURRENTLY and its sisters wait for all older transactions, even those that only read. With a "
       "short lock_timeout any of them ends the statement, and an INVALID index stays.",
       "SET lock_timeout = 0 before it; RESET would bring back what the role or the database sets.",
       {},
       timeout_breaks_concurrently,
       nullptr,
       true},
      {"missing-statement-timeout",
       Severity::off,
       "no statement_timeout",
       {"F64"},
       "Nothing bounds how long a lock is held.",
       "SET statement_timeout.",
       {},
       statement_timeout},
  };
}

}  // namespace segue::lint
