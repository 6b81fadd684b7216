#include "traffic/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>

#include "base/json.h"

namespace segue::traffic {
namespace {

Json to_json(const NamedValues& values) {
  Json object = Json::object();
  for (const auto& [name, value] : values) object[name] = value ? Json(*value) : Json(nullptr);
  return object;
}

// What is not UTF-8 could not have come from the server either, but must not end the run.
std::string line_of(const Json& object) {
  return object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

// A driver that was killed may have left half a line; what comes now must not be glued to it.
void end_torn_line(const std::string& path, int fd) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in || in.tellg() == std::streampos(0)) return;
  in.seekg(-1, std::ios::end);
  if (in.get() != '\n') (void)!::write(fd, "\n", 1);
}

}  // namespace

std::int64_t journal_time() {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  static const auto wall = std::chrono::system_clock::now().time_since_epoch();
  static const auto steady = std::chrono::steady_clock::now();
  const auto passed = std::chrono::steady_clock::now() - steady;
  return duration_cast<microseconds>(wall).count() + duration_cast<microseconds>(passed).count();
}

std::string_view name_of(WriteOutcome outcome) {
  if (outcome == WriteOutcome::acknowledged) return "acknowledged";
  return outcome == WriteOutcome::failed ? "failed" : "unknown";
}

Result<std::unique_ptr<Journal>> Journal::open(const std::string& path, const std::string& run) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return usage_error(fmt::format("the journal cannot be written: {}", std::strerror(errno)),
                       "give a path in a folder that you may write to", path);
  }
  end_torn_line(path, fd);
  return std::make_unique<Journal>(path, run, fd);
}

Journal::Journal(std::string path, std::string run, int fd) : path_(std::move(path)), run_(std::move(run)), fd_(fd) {}

Journal::~Journal() {
  ::close(fd_);
}

std::int64_t Journal::intend(const Write& write) {
  const auto number = ++last_;
  Json line = {{"write", number},
               {"run", run_},
               {"connection", write.connection},
               {"statement", write.statement},
               {"table", write.table},
               {"kind", name_of(write.kind)},
               {"key", to_json(write.key)},
               {"set", to_json(write.set)}};
  if (!write.open.empty()) line["open"] = write.open;
  line["sent"] = write.sent;
  append(line_of(line));
  return number;
}

void Journal::settle(const std::vector<std::int64_t>& writes, WriteOutcome outcome, const NamedValues& learned) {
  if (writes.empty()) return;
  Json line = {{"outcome", name_of(outcome)}, {"writes", writes}, {"run", run_}};
  if (!learned.empty()) line["set"] = to_json(learned);
  line["at"] = journal_time();
  append(line_of(line));
  const auto count = static_cast<std::int64_t>(writes.size());
  if (outcome == WriteOutcome::acknowledged) acknowledged_ += count;
  if (outcome == WriteOutcome::unknown) unknown_ += count;
}

void Journal::append(const std::string& line) {
  const std::lock_guard lock(mutex_);
  std::size_t written = 0;
  while (written < line.size()) {
    const auto more = ::write(fd_, line.data() + written, line.size() - written);
    if (more < 0 && errno == EINTR) continue;
    if (more <= 0) {
      if (trouble_.empty()) trouble_ = std::strerror(errno);
      return;
    }
    written += static_cast<std::size_t>(more);
  }
}

Status Journal::trouble() const {
  const std::lock_guard lock(mutex_);
  if (trouble_.empty()) return {};
  return failure("journal-failed", fmt::format("the journal cannot be written any more: {}", trouble_),
                 "make room, then begin again with a new journal", path_);
}

}  // namespace segue::traffic
