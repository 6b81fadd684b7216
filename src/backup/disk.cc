#include "backup/disk.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <map>

#include "base/text.h"

namespace segue::backup {
namespace fs = std::filesystem;
namespace {

constexpr double kDumpShare = 0.5;      // of the tables' bytes
constexpr double kRestoredShare = 1.1;  // of the database: sorts of its indexes come on top

struct Disk {
  fs::path folder;
  double need = 0;
  double free = 0;
};

// The folder, or the nearest above it that is there.
fs::path that_exists(fs::path folder) {
  std::error_code ignored;
  folder = fs::absolute(folder, ignored);
  while (!fs::exists(folder, ignored) && folder.has_relative_path()) folder = folder.parent_path();
  return folder;
}

bool add(std::map<dev_t, Disk>& disks, const fs::path& folder, double need) {
  struct stat facts = {};
  struct statvfs room = {};
  if (stat(folder.c_str(), &facts) != 0 || statvfs(folder.c_str(), &room) != 0) return false;
  Disk& disk = disks[facts.st_dev];
  if (disk.folder.empty()) disk.folder = folder;
  disk.need += need;
  disk.free = static_cast<double>(room.f_bavail) * static_cast<double>(room.f_frsize);
  return true;
}

}  // namespace

std::uint64_t dump_estimate(const Facts& facts) {
  return static_cast<std::uint64_t>(static_cast<double>(facts.bytes - std::min(facts.bytes, facts.index_bytes)) *
                                    kDumpShare);
}

Status check_disk(const Facts& facts, const DiskPlan& plan, std::vector<std::string>& notes) {
  std::map<dev_t, Disk> disks;
  add(disks, that_exists(plan.folder), static_cast<double>(dump_estimate(facts)));
  const double restored = static_cast<double>(facts.bytes) * kRestoredShare;
  if (!plan.private_folder.empty()) add(disks, that_exists(plan.private_folder), restored);
  if (plan.on_server && (!facts.here || facts.data_folder.empty() || !add(disks, facts.data_folder, restored))) {
    notes.push_back(
        fmt::format("how much room the server's disk has cannot be read from here; the read-back needs about {} "
                    "there for a while",
                    bytes_text(restored)));
  }
  for (const auto& [device, disk] : disks) {
    if (disk.free >= disk.need) continue;
    return refused("disk-full",
                   fmt::format("the backup and its read-back need about {} there, and {} are free",
                               bytes_text(disk.need), bytes_text(disk.free)),
                   "free some, name a folder on another disk with --to, or leave out the read-back: --no-read-back",
                   disk.folder);
  }
  return {};
}

}  // namespace segue::backup
