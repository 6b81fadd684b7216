#include "lint/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace segue::lint {
namespace {

namespace fs = std::filesystem;

bool is_digit(char sign) {
  return sign >= '0' && sign <= '9';
}

// Numbers inside names compare by value, whatever zeros stand before them.
int compare(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      while (i < a.size() && a[i] == '0') ++i;
      while (j < b.size() && b[j] == '0') ++j;
      const std::size_t from_a = i;
      const std::size_t from_b = j;
      while (i < a.size() && is_digit(a[i])) ++i;
      while (j < b.size() && is_digit(b[j])) ++j;
      if (i - from_a != j - from_b) return i - from_a < j - from_b ? -1 : 1;
      const int order = a.substr(from_a, i - from_a).compare(b.substr(from_b, j - from_b));
      if (order != 0) return order;
      continue;
    }
    if (a[i] != b[j]) return a[i] < b[j] ? -1 : 1;
    ++i;
    ++j;
  }
  return i < a.size() ? 1 : j < b.size() ? -1 : 0;
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

bool runs_before(const std::string& a, const std::string& b) {
  return compare(a, b) < 0;
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
      std::sort(found.begin(), found.end(), runs_before);
      files.insert(files.end(), found.begin(), found.end());
    }
  }
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
  std::size_t room =
      fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? static_cast<std::size_t>(status.st_size) + 1 : 65536;
  std::size_t used = 0;
  ssize_t got = 0;
  do {
    if (text.size() < used + room) text.resize(used + room);
    got = read(fd, text.data() + used, text.size() - used);
    if (got > 0) used += static_cast<std::size_t>(got);
  } while (got > 0 || (got < 0 && errno == EINTR));
  const int problem = errno;
  if (fd != STDIN_FILENO) close(fd);
  if (got < 0) return usage_error(std::strerror(problem), {}, path);
  text.resize(used);
  return text;
}

}  // namespace segue::lint
