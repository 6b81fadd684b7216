#include "backfill/bad_row.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "backfill/position.h"
#include "backfill/statement.h"
#include "base/text.h"
#include "pg/quote.h"

namespace segue::backfill {
namespace {

constexpr int most_tries = 100;         // of one trial that meets locks
constexpr std::size_t most_width = 60;  // of a key's value in a message

// A table without a key is walked by the places of its rows.
Key places() {
  return {.columns = {"ctid"}, .types = {"tid"}};
}

// A column as a person writes it: "id" → id.
std::string shown_column(const std::string& column) {
  return pg::display_name(unquoted(column));
}

class Halving {
 public:
  Halving(pg::Connection& connection, const FailedBatch& batch, Search how)
      : connection_(connection), batch_(batch), how_(how), key_(batch.key.none() ? places() : batch.key) {}

  Result<std::optional<BadRow>> run();

 private:
  Result<std::optional<Error>> fails(const std::optional<std::string>& stop);
  Result<std::optional<Error>> ask(const std::string& which, const pg::Params& values);

  pg::Connection& connection_;
  const FailedBatch& batch_;
  Search how_;
  Key key_;
};

// The values of the rows, each as its column would take it.
Result<std::optional<Error>> Halving::ask(const std::string& which, const pg::Params& values) {
  const auto& job = batch_.job;
  std::string counted;
  for (std::size_t at = 0; at < job.values.size(); ++at) {
    counted += fmt::format("{}count(({})::{})", counted.empty() ? "" : ", ", job.values[at], batch_.types[at]);
  }
  const auto answer = connection_.query(
      fmt::format("SELECT {} FROM {}{} WHERE {} AND ({})", counted, job.table, job.from.empty() ? "" : ", " + job.from,
                  plan::these_rows(job, which, plan::Held::waited_for), job.pending),
      values);
  if (answer) return std::optional<Error>();
  if (connection_.lost() || !is_about_a_row(answer.error().sqlstate)) return tl::unexpected(answer.error());
  return std::optional(answer.error());
}

// Whether the batch fails when it ends here, or as a whole: with which error, or not.
Result<std::optional<Error>> Halving::fails(const std::optional<std::string>& stop) {
  auto which = batch_.stretch.where;
  auto values = batch_.stretch.values;
  if (stop) {
    which += fmt::format(" AND {} <= {}", key_.row(), key_.parameters(1 + static_cast<int>(values.size())));
    for (const auto& value : TRY(read_key(*stop))) values.emplace_back(value);
  }
  if (how_ == Search::asking) return ask(which, values);
  for (int tries = 0;; ++tries) {
    const auto answers =
        pg::Pipeline(connection_)
            .add("BEGIN")
            .add(plan::update_text(batch_.job, plan::these_rows(batch_.job, which, plan::Held::waited_for)), values)
            .add("SET CONSTRAINTS ALL IMMEDIATE")
            .add("ROLLBACK")
            .run();
    if (answers) return std::optional<Error>();
    connection_.rollback();
    const auto& error = answers.error();
    if (is_about_a_row(error.sqlstate)) return std::optional(error);
    if (!gives_way(error.sqlstate) || tries == most_tries) return tl::unexpected(error);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // whoever holds the row gets on with it
  }
}

Result<std::optional<BadRow>> Halving::run() {
  auto found = TRY(fails(std::nullopt));
  if (!found) return std::optional<BadRow>();  // nothing fails any more
  const auto rows = TRY(connection_.query(fmt::format("SELECT {} FROM {} WHERE {} ORDER BY {}", key_.position(),
                                                      batch_.job.table, batch_.stretch.where, key_.list()),
                                          batch_.stretch.values));
  if (rows.empty()) return std::optional<BadRow>();
  std::size_t good = 0, bad = rows.size();  // so many rows go well, so many do not
  while (good + 1 < bad) {
    const auto middle = (good + bad) / 2;
    auto error = TRY(fails(rows.string(middle - 1, 0)));
    (error ? bad : good) = middle;
    if (error) found = std::move(error);
  }
  BadRow row{*found, found->message, rows.string(bad - 1, 0)};
  const auto values = TRY(read_key(row.position));
  std::string names;
  for (std::size_t at = 0; at < values.size(); ++at) {
    names += fmt::format("{}{} = {}", names.empty() ? "" : ", ", shown_column(key_.columns[at]),
                         cut(values[at], most_width));
  }
  const auto table = TRY(connection_.value("SELECT $1::regclass::text", {batch_.job.table}));
  row.error.message = fmt::format("row ({}) of {}: {}", names, table, row.message);
  return std::optional(row);
}

}  // namespace

Result<std::optional<BadRow>> find_bad_row(pg::Connection& connection, const FailedBatch& batch, Search how) {
  auto found = Halving(connection, batch, how).run();
  if (!connection.lost()) connection.rollback();
  return found;
}

}  // namespace segue::backfill
