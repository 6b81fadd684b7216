#include "migration/reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <system_error>

#include "base/hash.h"
#include "base/text.h"
#include "migration/kind.h"
#include "migration/nearest.h"

namespace segue::migration {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_problems = 1000;
constexpr std::uintmax_t most_bytes = 4 << 20;

// Names of .sql files below the folder, as a migration would write them.
std::vector<std::string> sql_files_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end && names.size() < 500;
       at.increment(error)) {
    if (at->path().extension() == ".sql") names.push_back(at->path().lexically_relative(folder).generic_string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool leads_out(const fs::path& folder, const fs::path& name) {
  if (name.is_absolute()) return true;
  std::error_code error;
  const auto home = fs::weakly_canonical(folder, error);
  const auto there = fs::weakly_canonical(folder / name, error);
  if (error) return true;
  const auto relative = there.lexically_relative(home);
  return relative.empty() || *relative.begin() == "..";
}

bool begins_a_query(std::string_view text) {
  auto low = lower(trim(text).substr(0, 8));
  while (low.starts_with('(')) low = std::string(trim(std::string_view(low).substr(1)));
  for (const std::string_view word : {"select", "with", "values", "table"}) {
    if (starts_with_word(low, word)) return true;
  }
  return false;
}

}  // namespace

std::string shown_path(const fs::path& path) {
  std::error_code error;
  const auto whole = fs::absolute(path, error).lexically_normal();
  const auto relative = whole.lexically_relative(fs::current_path(error));
  if (relative.empty() || *relative.begin() == "..") return whole.generic_string();
  return relative.generic_string();
}

std::string shown(std::string_view text) {
  std::string line;
  for (const char c : text.substr(0, 400)) line += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  return "`" + cut(line, 60) + "`";
}

tl::expected<std::string, Problem> read_bytes(const fs::path& path, Position asked_at, const std::string& name) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) {
    return tl::unexpected(Problem{"not-a-file", std::move(asked_at),
                                  fmt::format("{} is not a file that can be read", shown(name)), "name a plain file"});
  }
  if (const auto size = fs::file_size(path, error); !error && size > most_bytes) {
    return tl::unexpected(Problem{"too-large", std::move(asked_at),
                                  fmt::format("{} has {} bytes; at most {} are read", shown(name), size, most_bytes),
                                  "keep rows out of it: data comes from the database"});
  }
  std::ifstream input(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(input)), std::istreambuf_iterator<char>());
  if (!input.is_open() || input.bad()) {
    return tl::unexpected(Problem{"not-readable", std::move(asked_at), fmt::format("{} cannot be read", shown(name)),
                                  "look at its owner and rights"});
  }
  return bytes;
}

Reading::Reading(fs::path folder) : folder_(std::move(folder)) {}

void Reading::problem(std::string code, Position at, std::string message, std::string hint) {
  if (problems_.size() <= most_problems)
    problems_.push_back({std::move(code), std::move(at), std::move(message), std::move(hint)});
}

void Reading::add(Problems problems) {
  for (auto& each : problems)
    problem(std::move(each.code), std::move(each.at), std::move(each.message), std::move(each.hint));
}

bool Reading::full() const {
  return problems_.size() > most_problems;
}

Problems Reading::take_problems() {
  const bool cut_short = full();
  if (cut_short) problems_.resize(most_problems);
  sort_problems(problems_);
  if (cut_short) {
    problems_.push_back({"too-many", problems_.back().at,
                         fmt::format("more than {} problems; the rest is not listed", most_problems),
                         "is this the right file?"});
  }
  return std::exchange(problems_, {});
}

const Source* Reading::file(const Text& name) {
  const auto key = fs::path(name.value).lexically_normal().generic_string();
  if (const auto known = files_.find(key); known != files_.end()) return known->second.get();
  auto& slot = files_[key];
  if (leads_out(folder_, name.value)) {
    problem("leads-out", name.at, fmt::format("{} leads out of the migration's folder", shown(name)),
            "put the file beside migration.yaml: what runs is what stands there");
    return nullptr;
  }
  const auto path = folder_ / key;
  std::error_code error;
  if (!fs::exists(path, error)) {
    const auto near = nearest(key, sql_files_in(folder_));
    problem("no-file", name.at, fmt::format("{} is not in {}", shown(name), shown_path(folder_)),
            near.empty() ? "write the file there, or mend its name" : fmt::format("did you mean `{}`?", near));
    return nullptr;
  }
  auto bytes = read_bytes(path, name.at, name);
  if (!bytes) {
    add({std::move(bytes).error()});
    return nullptr;
  }
  auto source = std::make_unique<Source>(shown_path(path), std::move(*bytes));
  if (auto problems = check_bytes(*source); !problems.empty()) {
    add(std::move(problems));
    return nullptr;
  }
  if (trim(source->text()).empty()) {
    problem("empty-file", name.at, fmt::format("{} is empty", shown(name)), "write its SQL, or take it out");
    return nullptr;
  }
  add_source(key, source->text());
  slot = std::move(source);
  return slot.get();
}

void Reading::add_source(std::string path, std::string_view content) {
  sources_.push_back({std::move(path), fingerprint_of(content)});
}

Text Reading::sql(const Source& source, const Node& scalar) {
  auto text = source.text_of(scalar);
  if (!names_sql_file(text.value)) return text;
  const bool first_time = !files_.contains(fs::path(text.value).lexically_normal().generic_string());
  const auto* content = file(text);
  text.source = text.value;
  if (content == nullptr) return text;
  text.value = content->text();
  text.body = {content->shown(), 1, 1};
  text.indent = 0;
  text.exact = true;
  if (first_time) gather_placeholders(text);
  return text;
}

void Reading::gather_placeholders(const Source& source, const Node& node, Variables variables) {
  each_scalar(node, [&](const Node& scalar) {
    if (scalar.text.find("${") != std::string::npos) gather_placeholders(source.text_of(scalar), variables);
  });
}

void Reading::gather_placeholders(const Text& text, Variables variables) {
  for (auto& placeholder : find_placeholders(text)) {
    if (full()) return;
    if (variables == Variables::known && names_a_variable(placeholder.inside)) continue;
    if (placeholder.length == 0) {
      problem("placeholder-open", placeholder.at, "a placeholder begins with ${ and has no end", "close it with }");
    } else if (!placeholder.is_first && !begins_a_query(placeholder.inside)) {
      problem("placeholder", placeholder.at,
              fmt::format("the placeholder {} is neither `first` nor a query", shown(placeholder.inside)),
              nearest(placeholder.inside.substr(0, 40), {"first"}).empty()
                  ? "write the query whose single value is meant: ${SELECT id FROM …}"
                  : "did you mean ${first}?");
    }
    placeholders_.push_back(std::move(placeholder));
  }
}

}  // namespace segue::migration
