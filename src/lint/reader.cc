#include "lint/reader.h"

#include <algorithm>
#include <filesystem>

#include "lint/files.h"
#include "lint/order.h"

namespace segue::lint {
namespace {

constexpr std::size_t ahead = 24;  // files that wait parsed: bounds the memory
constexpr std::size_t at_once = 4;

// The file's name, or that of its folder where all files have the same (Prisma, Diesel); a way down is as old as its
// way up.
std::string name_of_migration(const std::string& path) {
  const std::filesystem::path file(path);
  std::string name = file.filename().string();
  if (name == "migration.sql" || name == "up.sql" || name == "down.sql") return file.parent_path().filename().string();
  if (name.ends_with(".down.sql")) name.replace(name.size() - 8, 4, "up");
  return name;
}

}  // namespace

Reader::Reader(const Settings& settings, std::vector<std::string> paths, int workers)
    : settings_(settings), paths_(std::move(paths)), slots_(paths_.size()) {
  // One core is for what judges, and reads too where it would wait.
  std::size_t count =
      workers > 0 ? static_cast<std::size_t>(workers) : std::max(std::thread::hardware_concurrency(), 2U) - 1;
  count = std::min({count, paths_.size() / at_once, std::size_t{16}});
  for (std::size_t index = 0; index < count; ++index) threads_.emplace_back([this] { work(); });
}

Reader::Reader(const Settings& settings, std::vector<Input> inputs)
    : settings_(settings), inputs_(std::move(inputs)), slots_(inputs_.size()) {}

Reader::~Reader() {
  {
    const std::lock_guard guard(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

File Reader::make(std::size_t number) {
  std::string path;
  std::string text;
  if (paths_.empty()) {
    path = inputs_[number].path;
    text = std::move(inputs_[number].text);
  } else {
    path = paths_[number];
    auto read = read_file(path);
    if (!read) {
      const std::lock_guard guard(mutex_);
      if (!error_) error_ = read.error();
    } else {
      text = std::move(*read);
    }
  }
  sql::Source source(std::move(text));
  FileLayout layout = layout_of(path, source.script(), settings_.in_transaction);
  const bool history =
      !settings_.applied_up_to.empty() && !runs_before(settings_.applied_up_to, name_of_migration(path));
  return File{path, std::move(source), std::move(layout), history};
}

void Reader::work() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stop_ || next_ >= slots_.size() || next_ < taken_ + ahead; });
      if (stop_ || next_ >= slots_.size()) return;
    }
    read_some();
  }
}

// The next files that nobody has begun.
void Reader::read_some() {
  std::size_t from = 0;
  {
    const std::lock_guard guard(mutex_);
    from = next_;
    next_ = std::min(next_ + at_once, slots_.size());
  }
  const std::size_t to = std::min(from + at_once, slots_.size());
  std::vector<File> made;
  made.reserve(at_once);
  for (std::size_t number = from; number < to; ++number) made.push_back(make(number));
  {
    const std::lock_guard guard(mutex_);
    for (std::size_t number = from; number < to; ++number) slots_[number].emplace(std::move(made[number - from]));
  }
  changed_.notify_all();
}

File Reader::take(std::size_t number) {
  if (threads_.empty()) return make(number);
  std::unique_lock lock(mutex_);
  // Instead of waiting for a file that another thread reads, this one reads those behind it.
  while (!slots_[number].has_value() && next_ < slots_.size() && next_ < number + ahead) {
    lock.unlock();
    read_some();
    lock.lock();
  }
  changed_.wait(lock, [&] { return slots_[number].has_value(); });
  File file = std::move(*slots_[number]);
  slots_[number].reset();
  taken_ = number + 1;
  if (taken_ % at_once == 0) {
    lock.unlock();
    changed_.notify_all();
  }
  return file;
}

}  // namespace segue::lint
