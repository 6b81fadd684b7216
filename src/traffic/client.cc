#include "traffic/client.h"

#include <fmt/format.h>

#include <algorithm>

#include "pg/quote.h"
#include "traffic/journaled.h"
#include "traffic/pool.h"

namespace segue::traffic {
namespace {

constexpr std::string_view cached_plan_changed = "0A000";

}  // namespace

struct Client::Attempt {
  std::size_t number;
  const Statement& statement;
  Draw draw;
  int queries = 0;
};

Client::Client(const File& file, RunValues& values, Journal* journal, Protocol protocol, int number, std::uint64_t seed)
    : file_(file), values_(values), journal_(journal), protocol_(protocol), number_(number), random_(seed) {}

Status Client::connect(const pg::ConnectOptions& options) {
  auto connection = TRY(pg::Connection::open(options));
  prepared_.assign(file_.statements.size(), {});
  for (std::size_t i = 0; i < prepared_.size(); ++i) prepared_[i].resize(file_.statements[i].actions.size());
  {
    const std::lock_guard lock(cancel_mutex_);
    canceller_ = connection.canceller();
  }
  connection_.emplace(std::move(connection));
  seat_.pid = connection_->backend_pid();
  return {};
}

void Client::cancel() {
  cancelled_ = true;
  const std::lock_guard lock(cancel_mutex_);
  if (canceller_) (void)canceller_->cancel();
}

Answer Client::run(std::size_t statement) {
  seat_.statement = static_cast<int>(statement);
  auto answer = run_once(statement);
  const bool again = answer.kind == Answer::Kind::failed && answer.code == cached_plan_changed &&
                     protocol_ == Protocol::prepared && file_.statements[statement].reprepare;
  if (again) {
    prepared_[statement].assign(prepared_[statement].size(), "");
    answer = run_once(statement);
  }
  seat_.statement = -1;
  return answer;
}

Answer Client::run_once(std::size_t number) {
  const auto& statement = file_.statements[number];
  Attempt attempt{number, statement, Draw{values_, random_, number_, {}, {}, Missing::no, {}}};
  for (const auto& let : statement.lets) attempt.draw.slots.push_back(attempt.draw.slot(let));
  auto answer = statement.transaction ? run_transaction(attempt) : run_single(attempt);
  answer.queries = attempt.queries;
  return answer;
}

Result<pg::Rows> Client::send(std::size_t statement, std::size_t action, const std::vector<Value>& values) {
  const auto& sql = file_.statements[statement].actions[action].sql;
  if (protocol_ == Protocol::simple) return connection_->simple(with_values(sql, values));
  auto& name = prepared_[statement][action];
  if (name.empty()) {
    auto fresh = fmt::format("traffic_{}", ++prepared_count_);
    TRY(connection_->prepare(fresh, sql));
    name = std::move(fresh);
  }
  return connection_->run_prepared(name, pg::Params(values.begin(), values.end()));
}

Answer Client::run_single(Attempt& attempt) {
  const auto& action = attempt.statement.actions.front();
  const auto params = attempt.draw.values(action.params);
  if (attempt.draw.missing != Missing::no) return missing(attempt.draw);

  const auto* rule = journal_ != nullptr && action.journal ? &*action.journal : nullptr;
  const auto sent = journal_time();
  const auto named = [&](Write write) {
    write.connection = number_;
    write.statement = attempt.statement.name;
    write.sent = sent;
    return write;
  };
  std::vector<std::int64_t> intended;
  if (rule != nullptr && !rule->key_is_returned())
    intended.push_back(journal_->intend(named(write_before(*rule, params))));

  ++attempt.queries;
  const auto rows = send(attempt.number, 0, params);
  if (!rows) {
    if (rule != nullptr && connection_->lost()) {
      if (intended.empty()) intended.push_back(journal_->intend(named(write_before(*rule, params))));
      journal_->settle(intended, WriteOutcome::unknown);
    } else if (rule != nullptr) {
      journal_->settle(intended, WriteOutcome::failed);
    }
    return failed(&action, rows.error());
  }
  if (rule != nullptr) {
    const auto writes = writes_after(*rule, params, *rows);
    if (!writes) {
      journal_->settle(intended, WriteOutcome::unknown);
      return failed(&action, writes.error());
    }
    if (rule->key_is_returned()) {
      for (const auto& write : *writes) intended.push_back(journal_->intend(named(write)));
      journal_->settle(intended, WriteOutcome::acknowledged);
    } else if (writes->empty()) {
      journal_->settle(intended, WriteOutcome::failed);
    } else {
      NamedValues learned;
      for (std::size_t i = 0; i < rule->set.size(); ++i) {
        if (rule->set[i].second.from == JournalValue::From::returned) learned.push_back(writes->front().set[i]);
      }
      journal_->settle(intended, WriteOutcome::acknowledged, learned);
    }
  }
  if (auto wrong = check_rows(action, *rows)) return *wrong;
  if (action.adds_to) {
    if (const auto added = values_.pools[*action.adds_to]->add(*rows); !added) return failed(&action, added.error());
  }
  return {};
}

// BEGIN and who is asking, in one message.
Status Client::begin(Attempt& attempt) {
  const auto& identity = attempt.statement.identity;
  std::string script = "BEGIN";
  if (!identity.role.empty()) script += "; SET LOCAL ROLE " + pg::quote_name(identity.role);
  const auto set = [&](const std::string& name, const std::string& value) {
    script +=
        fmt::format("; SELECT pg_catalog.set_config({}, {}, true)", pg::quote_literal(name), pg::quote_literal(value));
  };
  if (identity.claims) set("request.jwt.claims", attempt.draw.value(*identity.claims).value.value_or(""));
  for (const auto& [name, generator] : identity.settings) {
    set(name, attempt.draw.value(generator).value.value_or(""));
  }
  return connection_->script(script);
}

Answer Client::run_transaction(Attempt& attempt) {
  const auto give_up = [&](Answer answer) {
    connection_->rollback();
    return answer;
  };
  if (const auto begun = begin(attempt); !begun) return give_up(failed(nullptr, begun.error()));
  std::vector<Write> writes;
  for (std::size_t i = 0; i < attempt.statement.actions.size(); ++i) {
    const auto& action = attempt.statement.actions[i];
    const auto params = attempt.draw.values(action.params);
    if (attempt.draw.missing != Missing::no) return give_up(missing(attempt.draw));
    const auto sent = journal_time();
    ++attempt.queries;
    auto rows = send(attempt.number, i, params);
    if (!rows) return give_up(failed(&action, rows.error()));
    if (auto wrong = check_rows(action, *rows)) return give_up(*wrong);
    if (journal_ != nullptr && action.journal) {
      auto made = writes_after(*action.journal, params, *rows);
      if (!made) return give_up(failed(&action, made.error()));
      for (auto& write : *made) {
        write.connection = number_;
        write.statement = attempt.statement.name;
        write.sent = sent;
        writes.push_back(std::move(write));
      }
    }
    attempt.draw.returned.push_back(std::move(*rows));
  }

  std::vector<std::int64_t> intended;
  intended.reserve(writes.size());
  for (const auto& write : writes) intended.push_back(journal_->intend(write));
  const auto commit = connection_->commit();
  if (journal_ != nullptr) {
    journal_->settle(intended, commit.outcome == pg::CommitOutcome::committed     ? WriteOutcome::acknowledged
                               : commit.outcome == pg::CommitOutcome::rolled_back ? WriteOutcome::failed
                                                                                  : WriteOutcome::unknown);
  }
  if (commit.outcome != pg::CommitOutcome::committed) {
    return give_up(failed(&attempt.statement.actions.back(), commit.error));
  }
  for (std::size_t i = 0; i < attempt.statement.actions.size(); ++i) {
    const auto& action = attempt.statement.actions[i];
    if (!action.adds_to) continue;
    const auto added = values_.pools[*action.adds_to]->add(attempt.draw.returned[i]);
    if (!added) return failed(&action, added.error());
  }
  return {};
}

std::optional<Answer> Client::check_rows(const Action& action, const pg::Rows& rows) const {
  if (!action.rows) return std::nullopt;
  const auto count = rows.affected();
  if (count >= action.rows->least && count <= action.rows->most) return std::nullopt;
  return Answer{Answer::Kind::failed, "rows", fmt::format("{} rows, which `rows` does not allow", count)};
}

Answer Client::failed(const Action* action, const Error& error) const {
  Answer answer{Answer::Kind::failed, error.sqlstate, error.message};
  if (answer.code.empty())
    answer.code = error.code == "connection-lost" || error.code == "commit-unknown" ? "08006" : error.code;
  const bool expected = action != nullptr && std::find(action->may_fail.begin(), action->may_fail.end(), answer.code) !=
                                                 action->may_fail.end();
  if (expected) answer.kind = Answer::Kind::expected;
  if (cancelled_) answer.kind = Answer::Kind::interrupted;
  return answer;
}

Answer Client::missing(const Draw& draw) const {
  if (draw.missing == Missing::no_row) return {Answer::Kind::cut_short, "", ""};
  return {Answer::Kind::failed, "no-such-column",
          fmt::format("the column `{}`, which a value is taken from, is not returned", draw.missing_column)};
}

}  // namespace segue::traffic
