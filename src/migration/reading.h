// What one reading of a file gathers on its way: the problems, and the files that it opened.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "migration/migration.h"
#include "migration/node.h"

namespace segue::migration {

class Reading {
 public:
  // Files are looked for in `folder` and nowhere else.
  explicit Reading(std::filesystem::path folder);

  void problem(std::string code, Position at, std::string message, std::string hint);
  void add(Problems problems);
  // Many problems are one: after a thousand nothing more is noted.
  bool full() const;

  // The file beside the migration that `name` means; null, with a problem noted, if it cannot be had. Read once.
  const Source* file(const Text& name);

  // The scalar as a Text; one that names a .sql file becomes that file's content.
  Text sql(const Source& source, const Node& scalar);

  // The file that is read first, or another that counts among the sources.
  void add_source(std::string path, std::string_view content);

  // Notes the placeholders of a text, and what is wrong with them.
  // ${NAME} of what goes out of the database is a variable of the environment, so that no secret is in the file.
  enum class Variables { unknown, known };
  void gather_placeholders(const Text& text, Variables variables = Variables::unknown);
  void gather_placeholders(const Source& source, const Node& node,
                           Variables variables = Variables::unknown);  // of every value below the node

  const std::filesystem::path& folder() const { return folder_; }
  const std::vector<Migration::Source>& sources() const { return sources_; }
  const std::vector<Placeholder>& placeholders() const { return placeholders_; }

  // All problems, by place; the reading has none afterwards.
  Problems take_problems();

 private:
  Problems problems_;
  std::filesystem::path folder_;
  std::map<std::string, std::unique_ptr<Source>> files_;
  std::vector<Migration::Source> sources_;
  std::vector<Placeholder> placeholders_;
};

// The path as a person would name it from the working directory.
std::string shown_path(const std::filesystem::path& path);

// The bytes of a file, or the one problem why not.
tl::expected<std::string, Problem> read_bytes(const std::filesystem::path& path, Position asked_at,
                                              const std::string& name);

// "`text`", on one line and not too long.
std::string shown(std::string_view text);

}  // namespace segue::migration
