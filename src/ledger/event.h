// What happened, one line an event; and who signed what.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pg/connection.h"

namespace segue::ledger {

Status add_event(pg::Connection& connection, std::int64_t run, const std::string& level, const std::string& code,
                 const std::string& message);

struct EventRow {
  std::string at, level, code, message;
};
Result<std::vector<EventRow>> events_of(pg::Connection& connection, std::int64_t run);

struct Approval {
  std::int64_t run = 0;  // 0: before the first run
  std::string migration;
  std::string gate;
  std::string role;
  std::string person;
  std::string kind = "signed";  // implemented, tested, reviewed, signed, opened, plan
  std::string note;
  std::string plan_hash;
};

Status add_approval(pg::Connection& connection, const Approval& approval);
// Those that count: not void.
Result<std::vector<Approval>> approvals_of(pg::Connection& connection, std::int64_t run);
// What was signed for these gates counts no more: the run went back behind them.
Status void_approvals(pg::Connection& connection, std::int64_t run, const std::vector<std::string>& gates);

}  // namespace segue::ledger
