#include "backup/scratch.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/identity.h"
#include "base/log.h"
#include "pg/own_session.h"
#include "pg/quote.h"

namespace segue::backup {
namespace {

constexpr const char* kOwnName = R"(
  SELECT format('segue_scratch_%s_%s', pid, to_hex((extract(epoch FROM backend_start) * 1000000)::bigint))
  FROM pg_stat_activity WHERE pid = pg_backend_pid())";

// Of a session of another role nobody but a superuser sees when it began; its databases are not ours to drop then.
constexpr const char* kLeftovers = R"(
  SELECT d.datname FROM pg_database d
  WHERE d.datname ~ '^segue_scratch_[0-9]+_[0-9a-f]+$'
    AND (pg_has_role(d.datdba, 'USAGE') OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user))
    AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = split_part(d.datname, '_', 3)::int
      AND (a.backend_start IS NULL
           OR to_hex((extract(epoch FROM a.backend_start) * 1000000)::bigint) = split_part(d.datname, '_', 4))))";

Status drop(pg::Connection& connection, const std::string& name) {
  return connection.execute("DROP DATABASE IF EXISTS " + pg::quote_name(name) + " WITH (FORCE)");
}

}  // namespace

int drop_leftovers(pg::Connection& connection) {
  const auto rows = connection.query(kLeftovers);
  int dropped = 0;
  for (std::size_t row = 0; rows && row < rows->size(); ++row) {
    if (drop(connection, rows->string(row, 0))) ++dropped;
  }
  return dropped;
}

Result<Scratch> Scratch::make(const Address& address, const std::string& creation) {
  auto keeper = TRY(pg::open_own_session(address.url(), "segue backup"));
  drop_leftovers(keeper);
  const auto name = TRY(keeper.value(kOwnName));
  TRY(keeper.execute("CREATE DATABASE " + pg::quote_name(name) + " TEMPLATE template0 " + creation));
  const auto comment = fmt::format(
      "a scratch database of segue, to read a backup back: made {} by {}@{}, pid {}; may be "
      "dropped when that is gone",
      now_text(), user_name(), host_name(), getpid());
  Scratch scratch(address, std::move(keeper));
  scratch.name_ = name;
  TRY(scratch.keeper_->execute("COMMENT ON DATABASE " + pg::quote_name(name) + " IS " + pg::quote_literal(comment)));
  return scratch;
}

Scratch::~Scratch() {
  if (!keeper_ || name_.empty()) return;
  auto dropped = drop(*keeper_, name_);
  if (!dropped && keeper_->lost()) {
    auto again = pg::open_own_session(address_.url(), "segue backup");
    if (again) dropped = drop(*again, name_);
  }
  if (!dropped)
    log::warning("the scratch database could not be dropped; the next backup tries again", {{"name", name_}});
}

std::uint64_t Scratch::bytes() {
  const auto rows = keeper_->query("SELECT pg_database_size($1::name)", {name_});
  return rows && rows->size() == 1 && !rows->is_null(0, 0) ? static_cast<std::uint64_t>(rows->integer(0, 0)) : 0;
}

}  // namespace segue::backup
