#include "pg/embedded/log_tail.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.h"

namespace segue::pg::embedded {

std::int64_t size_of_file(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<std::int64_t>(size);
}

std::string last_lines(const std::string& path, std::int64_t from, std::size_t lines) {
  std::ifstream file(path, std::ios::binary);
  file.seekg(from);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  std::vector<std::string> all = split(trim(text), '\n');
  if (all.size() > lines) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(lines));
  return join(all, "\n");
}

}  // namespace segue::pg::embedded
