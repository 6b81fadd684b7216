#include "lint/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <unordered_set>

#include "lint/order.h"

namespace segue::lint {
namespace {

namespace fs = std::filesystem;

// What a shell makes of a pattern: files of one folder, sorted by their bytes. Other orders were chosen by somebody.
bool are_of_a_pattern(const std::vector<std::string>& inputs) {
  const auto folder = [](const std::string& path) { return std::string_view(path).substr(0, path.rfind('/') + 1); };
  return inputs.size() > 1 && std::is_sorted(inputs.begin(), inputs.end()) &&
         std::all_of(inputs.begin(), inputs.end(),
                     [&](const std::string& each) { return folder(each) == folder(inputs.front()); });
}

bool matches_from(std::string_view pattern, std::string_view path) {
  // Where the last star stood, to try one more sign with it.
  std::size_t star = std::string_view::npos;
  std::size_t retry = 0;
  bool deep = false;
  std::size_t p = 0;
  std::size_t t = 0;
  while (t < path.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      deep = pattern.substr(p).starts_with("**");
      p += deep ? 2 : 1;
      if (deep && p < pattern.size() && pattern[p] == '/') ++p;
      star = p;
      retry = t;
    } else if (p < pattern.size() && (pattern[p] == path[t] || (pattern[p] == '?' && path[t] != '/'))) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos && (deep || path[retry] != '/')) {
      p = star;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace

bool matches(const std::string& pattern, const std::string& path) {
  // A pattern may begin at any folder of the path.
  std::string_view rest = path;
  while (true) {
    if (matches_from(pattern, rest)) return true;
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) return false;
    rest.remove_prefix(slash + 1);
  }
}

Result<std::vector<std::string>> files_of(const std::vector<std::string>& inputs,
                                          const std::vector<std::string>& ignore) {
  std::vector<std::string> files;
  for (const std::string& input : inputs) {
    struct stat status{};
    const bool standard_input = input == "-";
    if (!standard_input && stat(input.c_str(), &status) != 0) {
      return usage_error("there is no such file or folder", "segue lint FILE…|FOLDER|-", input);
    }
    if (standard_input || !S_ISDIR(status.st_mode)) {
      files.push_back(input);
    } else {
      std::vector<std::string> found;
      std::error_code error;
      for (fs::recursive_directory_iterator at(input, error), end; !error && at != end; at.increment(error)) {
        if (at->path().extension() == ".sql" && at->is_regular_file(error)) found.push_back(at->path().string());
      }
      if (error) return usage_error(error.message(), {}, input);
      sort_as_run(found);
      files.insert(files.end(), found.begin(), found.end());
    }
  }
  if (files == inputs && are_of_a_pattern(files)) sort_as_run(files);
  // A file that is given twice, by itself and with its folder, is run once.
  std::unordered_set<std::string> met;
  std::erase_if(files, [&](const std::string& file) {
    const bool plain = file.find("./") == std::string::npos && file.find("//") == std::string::npos;
    return !met.insert(plain ? file : fs::path(file).lexically_normal().string()).second;
  });
  std::erase_if(files, [&](const std::string& file) {
    return std::any_of(ignore.begin(), ignore.end(), [&](const std::string& each) { return matches(each, file); });
  });
  return files;
}

Result<std::string> read_file(const std::string& path) {
  const int fd = path == "-" ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return usage_error(std::strerror(errno), {}, path);
  std::string text;
  struct stat status{};
  const bool regular = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  const std::size_t room = regular ? static_cast<std::size_t>(status.st_size) + 1 : 65536;
  std::size_t used = 0;
  ssize_t got = 0;
  bool ended = false;
  do {
    if (text.size() < used + room) text.resize(used + room);
    got = read(fd, text.data() + used, text.size() - used);
    if (got > 0) used += static_cast<std::size_t>(got);
    ended = got == 0 || (regular && got > 0 && used < text.size());
  } while (!ended && (got > 0 || errno == EINTR));
  const int problem = errno;
  if (fd != STDIN_FILENO) close(fd);
  if (got < 0) return usage_error(std::strerror(problem), {}, path);
  text.resize(used);
  return text;
}

}  // namespace segue::lint
