#include "pg/embedded/template.h"

#include <fcntl.h>
#include <locale.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/fd.h"
#include "base/hash.h"
#include "pg/embedded/folder.h"
#include "pg/embedded/places.h"
#include "pg/embedded/program.h"
#include "pg/embedded/settings.h"

namespace segue::pg::embedded {
namespace fs = std::filesystem;
namespace {

constexpr const char* kUnfinished = ".new";

std::string utf8_locale() {
  const locale_t found = newlocale(LC_ALL_MASK, "C.UTF-8", nullptr);
  if (found == nullptr) return "C";
  freelocale(found);
  return "C.UTF-8";
}

// The same for the same programs since the machine started; the first half alone is the same for the same place.
struct TemplateName {
  std::string place;
  std::string exact;
};

TemplateName template_name(const ServerPrograms& programs) {
  struct stat facts = {};
  stat((programs.bin_dir + "/postgres").c_str(), &facts);
  std::string boot;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), boot);
  const std::string state = programs.version_text + " " + std::to_string(facts.st_ino) + " " +
                            std::to_string(facts.st_size) + " " + std::to_string(facts.st_mtime) + " " + boot;
  TemplateName name;
  name.place = std::to_string(programs.version) + "-" + fingerprint_of(programs.bin_dir).substr(0, 12);
  name.exact = name.place + "-" + fingerprint_of(state).substr(0, 12);
  return name;
}

tl::unexpected<Error> not_made(const std::string& what, const Ran& ran, const std::string& folder) {
  if (speaks_of_full_disk(ran.output) || disk_is_full(folder)) return tl::unexpected(no_room(folder));
  return failure("no-cluster",
                 what + " failed: " + ran.output.substr(ran.output.size() > 1000 ? ran.output.size() - 1000 : 0));
}

Status append(const std::string& file, const std::string& text, const ServerUser& user) {
  const FilesAs as(user);
  std::ofstream stream(file, std::ios::app);
  stream << text;
  if (!stream.flush()) return tl::unexpected(no_room(fs::path(file).parent_path().string()));
  return {};
}

Status initialise(const ServerPrograms& programs, const ServerUser& user, const std::string& folder) {
  const Ran ran = TRY(run_program({programs.bin_dir + "/initdb", "--no-sync", "--no-instructions", "--pgdata", folder,
                                   "--username", "postgres", "--encoding", "UTF8", "--locale", utf8_locale(),
                                   "--lc-messages", "C", "--auth-local", "trust", "--auth-host", "scram-sha-256"},
                                  &user));
  if (ran.exit_code != 0) return not_made("initdb", ran, fs::path(folder).parent_path().string());
  return append(folder + "/postgresql.conf", std::string("include_if_exists = '") + kSettingsFile + "'\n", user);
}

// Templates of the same installation from before, and what was not finished. Whoever copies one holds its lock.
void clear_old_templates(const std::string& cache, const TemplateName& name) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(cache, ignored)) {
    const std::string file = entry.path().filename().string();
    if (!entry.is_directory(ignored) || !file.starts_with(name.place) || file == name.exact) continue;
    const std::string lock_file = cache + "/" + file.substr(0, file.find(kUnfinished)) + ".lock";
    const Fd lock(::open(lock_file.c_str(), O_RDWR | O_CLOEXEC));
    const bool mine = file.starts_with(name.exact);
    if (!mine && lock.open() && flock(lock.get(), LOCK_EX | LOCK_NB) != 0) continue;
    fs::remove_all(entry.path(), ignored);
    if (!mine) fs::remove(lock_file, ignored);
  }
}

struct Template {
  std::string path;
  Fd lock;  // shared: it stays while it is copied
};

Result<Template> fresh_template(const ServerPrograms& programs, const ServerUser& user) {
  const std::string cache = TRY(private_cache("templates", user));
  const TemplateName name = template_name(programs);
  Template made;
  made.path = cache + "/" + name.exact;
  const FilesAs as(user);
  made.lock = Fd(::open((made.path + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!made.lock.open() && errno == ENOSPC) return tl::unexpected(no_room(cache));
  if (!made.lock.open()) return failure("no-folder", cache + " cannot be written");
  std::error_code ignored;
  flock(made.lock.get(), LOCK_SH);
  if (fs::exists(made.path, ignored)) return made;

  flock(made.lock.get(), LOCK_EX);
  if (!fs::exists(made.path, ignored)) {
    clear_old_templates(cache, name);
    const std::string unfinished = made.path + kUnfinished;
    if (auto status = initialise(programs, user, unfinished); !status) {
      fs::remove_all(unfinished, ignored);
      return tl::unexpected(status.error());
    }
    fs::rename(unfinished, made.path, ignored);
  }
  flock(made.lock.get(), LOCK_SH);
  return made;
}

}  // namespace

Status make_cluster(const ServerPrograms& programs, const ServerUser& user, const std::string& data_dir) {
  const Template source = TRY(fresh_template(programs, user));
  // Under another name until it is whole: what has the final name can be started from.
  const std::string unfinished = data_dir + kUnfinished;
  remove_folder(unfinished, user);
  const Ran ran = TRY(run_program({"/bin/cp", "-a", source.path, unfinished}, &user));
  if (ran.exit_code != 0) {
    remove_folder(unfinished, user);
    return not_made("copying a fresh cluster", ran, fs::path(data_dir).parent_path().string());
  }
  const FilesAs as(user);
  std::error_code error;
  fs::rename(unfinished, data_dir, error);
  if (error) return failure("no-cluster", data_dir + " cannot be made: " + error.message());
  return {};
}

}  // namespace segue::pg::embedded
