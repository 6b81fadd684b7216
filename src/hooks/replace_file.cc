#include "hooks/replace_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/fd.h"

namespace segue::hooks {
namespace {

constexpr off_t most_bytes = 1 << 20;

std::string folder_of(const std::string& file) {
  const auto slash = file.rfind('/');
  return slash == 0 ? "/" : file.substr(0, slash);
}

tl::unexpected<Error> cannot(const std::string& what, int problem, const std::string& where, const std::string& hint) {
  return failure("env-file", fmt::format("{}: {}", what, std::strerror(problem)), hint, where);
}

constexpr const char* rights_hint = "check the rights of the file and of its folder; nothing was changed";

// Extended attributes hold the access list among others. What the new file's system does not take is an error: the list
// may be what keeps others out.
Status copy_attributes(int from, int to, const std::string& where) {
  std::string names(XATTR_LIST_MAX, '\0');
  const auto size = ::flistxattr(from, names.data(), names.size());
  for (std::size_t at = 0; size > 0 && at < static_cast<std::size_t>(size);) {
    const std::string name(names.c_str() + at);
    at += name.size() + 1;
    std::string value(XATTR_SIZE_MAX, '\0');
    const auto length = ::fgetxattr(from, name.c_str(), value.data(), value.size());
    if (length < 0) continue;
    const bool security_label = name.starts_with("security.") || name.starts_with("trusted.");
    if (::fsetxattr(to, name.c_str(), value.data(), static_cast<std::size_t>(length), 0) != 0 && !security_label) {
      return cannot("the file's attribute " + name + " cannot be kept", errno, where, rights_hint);
    }
  }
  return {};
}

Status write_all(int descriptor, const std::string& text, const std::string& where) {
  for (std::size_t done = 0; done < text.size();) {
    const auto count = ::write(descriptor, text.data() + done, text.size() - done);
    if (count > 0) done += static_cast<std::size_t>(count);
    if (count < 0 && errno != EINTR)
      return cannot("the file cannot be written", errno, where, "free space; nothing was changed");
  }
  return {};
}

bool same_state(const struct stat& one, const struct stat& other) {
  return one.st_ino == other.st_ino && one.st_dev == other.st_dev && one.st_size == other.st_size &&
         one.st_mtim.tv_sec == other.st_mtim.tv_sec && one.st_mtim.tv_nsec == other.st_mtim.tv_nsec;
}

// A temporary file that is gone unless it was kept.
class Draft {
 public:
  explicit Draft(const std::string& target)
      : path_(folder_of(target) + "/." + target.substr(target.rfind('/') + 1) + ".segue-XXXXXX"),
        descriptor_(::mkostemp(path_.data(), O_CLOEXEC)) {}
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() {
    if (descriptor_.get() >= 0 && !kept_) ::unlink(path_.c_str());
  }
  int descriptor() const { return descriptor_.get(); }
  bool become(const std::string& target) { return kept_ = ::rename(path_.c_str(), target.c_str()) == 0; }

 private:
  std::string path_;
  Fd descriptor_;
  bool kept_ = false;
};

Status fill(const Draft& draft, const TextFile& file, const std::string& text) {
  const Fd original(::open(file.target.c_str(), O_RDONLY | O_CLOEXEC));
  if (original.get() < 0) return cannot("the file cannot be read", errno, file.path, rights_hint);
  TRY(write_all(draft.descriptor(), text, file.path));
  if (::fchown(draft.descriptor(), file.state.st_uid, file.state.st_gid) != 0) {
    return cannot("the file belongs to somebody else, whose it could not stay", errno, file.path,
                  "run as its owner or as root; nothing was changed");
  }
  if (::fchmod(draft.descriptor(), file.state.st_mode & 07777) != 0) {
    return cannot("the file's mode cannot be kept", errno, file.path, rights_hint);
  }
  TRY(copy_attributes(original.get(), draft.descriptor(), file.path));
  if (::fsync(draft.descriptor()) != 0) {
    return cannot("the file cannot be written", errno, file.path, "see the system's log; nothing was changed");
  }
  return {};
}

}  // namespace

Result<TextFile> read_text_file(const std::string& path) {
  TextFile file{path, {}, {}};
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
  if (!real) {
    return refused("env-file", fmt::format("the file cannot be found: {}", std::strerror(errno)),
                   "check its name; relative names begin at the project's folder", path);
  }
  file.target = real.get();
  // Opened for writing too, which asks the system for the right; a pipe or a device would block or act.
  if (::stat(file.target.c_str(), &file.state) != 0) return cannot("the file cannot be read", errno, path, rights_hint);
  if (!S_ISREG(file.state.st_mode)) return refused("env-file", "this is no file", "name an environment file", path);
  if ((file.state.st_mode & 0222) == 0) {
    return refused("env-file", "the file is read-only", "chmod u+w, if it may be changed", path);
  }
  const Fd opened(::open(file.target.c_str(), O_RDWR | O_CLOEXEC));
  if (opened.get() < 0) return cannot("the file cannot be written", errno, path, rights_hint);
  if (::fstat(opened.get(), &file.state) != 0) return cannot("the file cannot be read", errno, path, rights_hint);
  if (file.state.st_nlink > 1) {
    return refused("env-file", "the file has several names (hard links), which would part",
                   "make the other names symbolic links", path);
  }
  if (file.state.st_size > most_bytes) {
    return refused("env-file", "the file is larger than 1 MB: it can hardly be an environment file", "check its name",
                   path);
  }
  file.text.resize(static_cast<std::size_t>(file.state.st_size));
  for (std::size_t done = 0; done < file.text.size();) {
    const auto count = ::read(opened.get(), file.text.data() + done, file.text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return cannot("the file cannot be read", errno, path, rights_hint);
    if (count == 0) file.text.resize(done);
    done += static_cast<std::size_t>(count);
  }
  return file;
}

Status replace_text(const TextFile& file, const std::string& text) {
  Draft draft(file.target);
  if (draft.descriptor() < 0) {
    return cannot("no file can be made in the folder of the file", errno, file.path,
                  "the folder needs the right to write: the file is replaced, so that it is never half written");
  }
  TRY(fill(draft, file, text));
  struct stat now{};
  if (::stat(file.target.c_str(), &now) != 0 || !same_state(now, file.state)) {
    return failure("env-file-changed", "somebody else changed the file meanwhile", "run the same command again",
                   file.path);
  }
  if (!draft.become(file.target)) {
    return cannot("the file cannot be replaced", errno, file.path,
                  "a file that is mounted by itself (a container's volume) is changed outside; nothing was changed");
  }
  const Fd folder(::open(folder_of(file.target).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) {
    return cannot("the file is replaced, but its folder could not be synced", errno, file.path, "see the system's log");
  }
  return {};
}

}  // namespace segue::hooks
