#include "backup/take.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "backup/disk.h"
#include "backup/folder.h"
#include "backup/record.h"
#include "backup/scratch.h"
#include "backup/tool_run.h"
#include "base/clock.h"
#include "catalog/cancel_on_stop.h"
#include "pg/own_session.h"

namespace segue::backup {
namespace fs = std::filesystem;
namespace {

// Dump and fingerprints of one snapshot, side by side: the first that fails ends the other.
class Capture {
 public:
  Capture(const Request& request, const Dump& dump, std::uint64_t total)
      : request_(request), dump_(dump), total_(total) {}

  Result<Contents> run(pg::Connection& holder) {
    {
      const std::jthread dumper([&] {
        dumped_ = run_dump(dump_, holder, [&] { return !end_; });
        dump_seconds_ = clock_.seconds();
        finish(dumped_.has_value());
      });
      const std::jthread reader([&] {
        ContentsOptions options;
        options.snapshot = dump_.snapshot;
        options.workers = 1;  // the dump has the rest
        options.stop = &end_;
        contents_ = read_contents(dump_.address.url(), options);
        finish(contents_.has_value());
      });
      follow();
    }
    if (request_.watch.stopped()) return tl::unexpected(catalog::stopped_error());
    // The one that was ended because of the other says "stopped".
    if (!dumped_ && dumped_.error().code != "stopped") return tl::unexpected(dumped_.error());
    if (!contents_) return contents_;
    TRY(dumped_);
    return std::move(contents_);
  }

  double dump_seconds() const { return dump_seconds_; }

 private:
  void finish(bool well) {
    const std::lock_guard lock(mutex_);
    ++finished_;
    if (!well) end_ = true;
    changed_.notify_all();
  }

  void follow() {
    std::unique_lock lock(mutex_);
    Stopwatch since_told;
    if (request_.watch.progress) request_.watch.progress({Stage::dumping, 0, total_});
    while (finished_ < 2) {
      changed_.wait_for(lock, std::chrono::milliseconds(50));
      if (request_.watch.stopped()) end_ = true;
      if (!request_.watch.progress || since_told.seconds() < 0.25) continue;
      since_told = Stopwatch();
      lock.unlock();
      request_.watch.progress({Stage::dumping, bytes_in(dump_.folder), total_});
      lock.lock();
    }
  }

  const Request& request_;
  const Dump& dump_;
  const std::uint64_t total_;
  const Stopwatch clock_;
  std::atomic<bool> end_ = false;
  Status dumped_;
  Result<Contents> contents_;
  double dump_seconds_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  int finished_ = 0;
};

fs::path private_folder(const Request& request, const Facts& facts) {
  const bool needed = request.read_back == ReadBackOn::private_server ||
                      (request.read_back == ReadBackOn::server_or_private && !facts.may_create_database);
  return needed ? fs::temp_directory_path() : fs::path();
}

Record record_of(const Facts& facts, const Tools& tools, const Contents& contents) {
  Record record;
  record.kind = "full";
  record.taken_at = now_text();
  record.database = facts.database;
  record.server_version = facts.version;
  record.system = facts.system;
  record.create = facts.creation;
  record.create_plain = facts.encoding_only;
  record.pg_dump = tools.version_text;
  record.catalog = contents.fingerprint();
  record.tables = contents.tables;
  record.large_objects = contents.large_objects;
  record.roles = facts.roles;
  return record;
}

Result<Contents> capture(const Request& request, const Facts& facts, Dump& dump, pg::Connection& holder,
                         double& seconds) {
  TRY(holder.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  dump.snapshot = TRY(holder.value("SELECT pg_export_snapshot()"));
  Capture capture(request, dump, dump_estimate(facts));
  auto contents = capture.run(holder);
  seconds = capture.dump_seconds();
  // Nobody's vacuum waits for the read-back.
  holder.rollback();
  return contents;
}

}  // namespace

Result<Taken> take(const Request& request) {
  const Stopwatch clock;
  const Address address = TRY(Address::read(request.url));
  auto holder = TRY(pg::open_own_session(address.url(), "segue backup"));
  const Facts facts = TRY(read_facts(holder));
  Taken taken;
  const Tools tools = TRY(find_tools(facts.major(), request.pg_bin));
  TRY(check_rights(holder));
  drop_leftovers(holder);
  const bool on_server = request.read_back == ReadBackOn::server_or_private && facts.may_create_database;
  TRY(check_disk(facts, {request.backups, on_server, private_folder(request, facts)}, taken.notes));
  auto folder = TRY(PartialFolder::make(request.backups, facts.database));

  Dump dump{address, tools, folder.path() / "dump", {}, request.jobs, request.lock_wait_ms};
  const Contents contents = TRY(capture(request, facts, dump, holder, taken.dump_seconds));
  Record record = record_of(facts, tools, contents);
  TRY(write_catalog(folder.path(), contents.catalog));
  if (request.read_back != ReadBackOn::nowhere) {
    record.read_back.where = TRY(read_back({&address, facts, tools, dump.folder, &contents, request.jobs,
                                            request.read_back, request.server_bin, request.watch, &taken.notes}));
    record.read_back.ok = true;
    record.read_back.at = now_text();
  }
  record.dump_seconds = taken.dump_seconds;
  record.bytes = bytes_in(folder.path());
  record.seconds = clock.seconds();
  TRY(write_record(folder.path(), record));
  taken.folder = TRY(folder.complete());
  taken.pg_dump = record.pg_dump;
  taken.bytes = record.bytes;
  taken.seconds = record.seconds;
  taken.catalog = record.catalog;
  taken.tables = record.tables;
  taken.read_back = record.read_back.where;
  return taken;
}

}  // namespace segue::backup
