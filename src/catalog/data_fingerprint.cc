#include "catalog/data_fingerprint.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

#include "base/json.h"
#include "base/text.h"
#include "catalog/cancel_on_stop.h"
#include "catalog/session.h"
#include "catalog/table_list.h"

namespace segue::catalog {
namespace {

// A range of pages that is long enough to be read in a row and short enough to share out: 32 MB.
constexpr std::int64_t kRangePages = 4096;

struct Job {
  const TableToRead* table = nullptr;
  std::int64_t first_page = 0;
  std::optional<std::int64_t> end_page;  // none: to the end
  bool whole = true;
};

struct Sum {
  std::int64_t rows = 0;
  std::uint64_t hash = 0;  // modulo 2^64
};

std::vector<Job> jobs_for(const std::vector<TableToRead>& tables) {
  std::vector<Job> jobs;
  for (const auto& table : tables) {
    if (!table.by_pages || table.pages <= kRangePages) {
      jobs.push_back({&table, 0, std::nullopt, true});
      continue;
    }
    for (std::int64_t page = 0; page < table.pages; page += kRangePages) {
      const bool last = page + kRangePages >= table.pages;
      jobs.push_back({&table, page, last ? std::nullopt : std::optional(page + kRangePages), false});
    }
  }
  // The largest pieces first, so that no worker is left alone with one at the end.
  std::stable_sort(jobs.begin(), jobs.end(), [](const Job& a, const Job& b) {
    return std::min(a.table->pages, kRangePages) > std::min(b.table->pages, kRangePages);
  });
  return jobs;
}

std::string sql_of(const Job& job) {
  std::string sql = "SELECT count(*), sum(" + row_hash(job.table->columns) + "), pg_relation_filenode(" +
                    std::to_string(job.table->oid) + ") FROM ONLY " + job.table->sql_name;
  if (job.whole) return sql;
  sql += " WHERE ctid >= '(" + std::to_string(job.first_page) + ",0)'";
  if (job.end_page) sql += " AND ctid < '(" + std::to_string(*job.end_page) + ",0)'";
  return sql;
}

// A decimal number of any length, modulo 2^64.
std::uint64_t modulo_2_64(std::string_view decimal) {
  const bool negative = !decimal.empty() && decimal.front() == '-';
  std::uint64_t number = 0;
  for (const char digit : decimal.substr(negative ? 1 : 0)) number = number * 10 + static_cast<unsigned>(digit - '0');
  return negative ? 0 - number : number;
}

Error about(const TableToRead& table, Error error) {
  if (error.where.empty()) error.where = table.name;
  if (error.sqlstate == "42501") {
    error.hint =
        "a fingerprint reads all rows: the role needs SELECT on the table, and BYPASSRLS (or to own the table, "
        "without FORCE) where row level security is on";
  }
  return error;
}

// The savepoint gives the lock on the table back as soon as it is read, so that nobody's DDL waits for the whole run.
Result<Sum> read(pg::Connection& connection, const Job& job) {
  auto answers = pg::Pipeline(connection).add("SAVEPOINT one").add(sql_of(job)).add("ROLLBACK TO SAVEPOINT one").run();
  if (!answers) return tl::unexpected(about(*job.table, std::move(answers).error()));
  const pg::Rows& rows = (*answers)[1];
  // A truncated or rewritten table looks empty to an older snapshot.
  if (rows.is_null(0, 2) || rows.integer(0, 2) != job.table->file) {
    return failure("changed-meanwhile", "the table was truncated or rewritten while it was being read",
                   "do it again when no migration is running", job.table->name);
  }
  return Sum{rows.integer(0, 0), modulo_2_64(rows.text(0, 1))};
}

pg::ConnectOptions reading(pg::ConnectOptions connect) {
  const auto& steady = steady_settings();
  connect.settings.insert(connect.settings.end(), steady.begin(), steady.end());
  // The work is shared out here, by pages: no other plan than a scan of them.
  for (const char* name : {"enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan"}) {
    connect.settings.emplace_back(name, "off");
  }
  connect.settings.emplace_back("max_parallel_workers_per_gather", "0");
  return connect;
}

Result<pg::Connection> open_reader(const pg::ConnectOptions& connect, const std::string& snapshot) {
  auto connection = TRY(pg::Connection::open(connect));
  // Text is sent as UTF-8 whatever the database's encoding, save where the database knows none.
  const auto encoding = TRY(connection.value("SELECT current_setting('server_encoding')"));
  if (encoding == "SQL_ASCII") TRY(connection.execute("SET client_encoding = 'SQL_ASCII'"));
  TRY(connection.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  // The name comes from the server itself: hexadecimal digits and dashes.
  if (!snapshot.empty()) TRY(connection.execute("SET TRANSACTION SNAPSHOT '" + snapshot + "'"));
  return connection;
}

// What the workers share.
class Work {
 public:
  Work(std::vector<Job> jobs, const std::atomic<bool>* stop) : jobs_(std::move(jobs)), stop_(stop) {}

  void run(pg::Connection& connection) {
    for (std::size_t i = next_++; i < jobs_.size() && !failed_; i = next_++) {
      if (stopped()) return;
      auto sum = read(connection, jobs_[i]);
      if (!sum) return fail(sum.error());
      const std::lock_guard lock(mutex_);
      Sum& total = sums_[jobs_[i].table->name];
      total.rows += sum->rows;
      total.hash += sum->hash;
    }
  }

  void fail(const Error& error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = error;
    failed_ = true;
  }

  Result<DataFingerprint> result() const {
    if (stopped()) return tl::unexpected(stopped_error());
    if (error_) return tl::unexpected(*error_);
    DataFingerprint data;
    for (const auto& [table, sum] : sums_) data[table] = {sum.rows, hex(sum.hash)};
    return data;
  }

 private:
  bool stopped() const { return stop_ != nullptr && *stop_; }

  const std::vector<Job> jobs_;
  const std::atomic<bool>* stop_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  std::map<std::string, Sum> sums_;
  std::optional<Error> error_;
};

std::size_t workers_for(const DataFingerprintOptions& options, std::size_t jobs) {
  const unsigned cores = std::clamp(std::thread::hardware_concurrency(), 1U, 8U);
  const std::size_t wanted = options.workers > 0 ? static_cast<std::size_t>(options.workers) : cores;
  return std::max<std::size_t>(1, std::min(wanted, jobs));
}

}  // namespace

Result<DataFingerprint> data_fingerprint(const pg::ConnectOptions& connect, const DataFingerprintOptions& options) {
  const pg::ConnectOptions reader = reading(connect);
  CancelOnStop cancel(options.stop);
  auto leader = TRY(open_reader(reader, options.snapshot));
  cancel.watch(leader);
  const auto snapshot = options.snapshot.empty() ? TRY(leader.value("SELECT pg_export_snapshot()")) : options.snapshot;
  const auto listed = tables_to_read(leader, options.schemas, options.tables, options.own_schemas);
  if (!listed && options.stop != nullptr && *options.stop) return tl::unexpected(stopped_error());
  if (!listed) return tl::unexpected(listed.error());
  const auto& tables = *listed;

  std::vector<Job> jobs = jobs_for(tables);
  const std::size_t workers = workers_for(options, jobs.size());
  Work work(std::move(jobs), options.stop);
  {
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < workers; ++i) {
      helpers.emplace_back([&] {
        auto connection = open_reader(reader, snapshot);
        if (!connection) return work.fail(connection.error());
        cancel.watch(*connection);
        work.run(*connection);
      });
    }
    work.run(leader);
  }
  return work.result();
}

Json to_json(const DataFingerprint& data) {
  Json tables = Json::object();
  for (const auto& [name, table] : data) tables[name] = {{"rows", table.rows}, {"hash", table.hash}};
  return tables;
}

}  // namespace segue::catalog
