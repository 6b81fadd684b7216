#include "backfill/bad_row.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

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

class Search {
 public:
  Search(pg::Connection& connection, const FailedBatch& batch)
      : connection_(connection), batch_(batch), key_(batch.key.pages() ? places() : batch.key) {}

  Result<std::optional<BadRow>> run();

 private:
  std::string which(bool to_place) const;
  pg::Params between(const std::string& stop) const;
  Result<std::optional<Error>> fails(const std::string& stop);

  pg::Connection& connection_;
  const FailedBatch& batch_;
  Key key_;
};

// The rows after $1… up to $n…; pages end before the page that is named, places at the one that is.
std::string Search::which(bool to_place) const {
  const int width = static_cast<int>(key_.columns.size());
  if (batch_.key.pages()) {
    return fmt::format("ctid >= ('(' || $1::text || ',0)')::tid AND ctid {}",
                       to_place ? "<= $2::tid" : "< ('(' || $2::text || ',0)')::tid");
  }
  std::string text = fmt::format("{} <= {}", key_.row(), key_.parameters(1));
  if (batch_.after) text += fmt::format(" AND {} > {}", key_.row(), key_.parameters(1 + width));
  return text;
}

pg::Params Search::between(const std::string& stop) const {
  pg::Params values;
  if (batch_.key.pages()) {
    values.emplace_back(batch_.after ? read_position(*batch_.after)[0] : "0");
    values.emplace_back(read_position(stop)[0]);
    return values;
  }
  for (const auto& value : read_position(stop)) values.emplace_back(value);
  if (batch_.after) {
    for (const auto& value : read_position(*batch_.after)) values.emplace_back(value);
  }
  return values;
}

// Whether the batch fails when it ends here: with which error, or not.
Result<std::optional<Error>> Search::fails(const std::string& stop) {
  for (int tries = 0;; ++tries) {
    const auto answers = pg::Pipeline(connection_)
                             .add("BEGIN")
                             .add(plan::update_text(batch_.job, which(true)), between(stop))
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

Result<std::optional<BadRow>> Search::run() {
  const auto rows = TRY(connection_.query(fmt::format("SELECT {} FROM {} WHERE {} ORDER BY {}", key_.position(),
                                                      batch_.job.table, which(false), key_.list()),
                                          between(batch_.stop)));
  if (rows.empty()) return std::optional<BadRow>();
  std::size_t good = 0, bad = rows.size();  // so many rows go well, so many do not
  auto found = TRY(fails(rows.string(bad - 1, 0)));
  if (!found) return std::optional<BadRow>();  // nothing fails any more
  while (good + 1 < bad) {
    const auto middle = (good + bad) / 2;
    auto error = TRY(fails(rows.string(middle - 1, 0)));
    (error ? bad : good) = middle;
    if (error) found = std::move(error);
  }
  BadRow row{*found, found->message, rows.string(bad - 1, 0)};
  const auto values = read_position(row.position);
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

Result<std::optional<BadRow>> find_bad_row(pg::Connection& connection, const FailedBatch& batch) {
  auto found = Search(connection, batch).run();
  if (!connection.lost()) connection.rollback();
  return found;
}

}  // namespace segue::backfill
