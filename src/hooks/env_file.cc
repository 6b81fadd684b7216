#include "hooks/env_file.h"

#include "hooks/env_text.h"
#include "hooks/replace_file.h"

namespace segue::hooks {
namespace {

Result<EnvChange> written(const TextFile& file, EnvText&& done) {
  if (done.text != file.text) TRY(replace_text(file, done.text));
  return std::move(done.change);
}

}  // namespace

Result<EnvChange> rename_variables(const std::string& file, const std::vector<EnvRename>& renames) {
  const auto opened = TRY(read_text_file(file));
  return written(opened, TRY(renamed_env(opened.text, renames, file)));
}

Result<EnvChange> take_back(const std::string& file, const std::vector<EnvRename>& renames) {
  const auto opened = TRY(read_text_file(file));
  return written(opened, TRY(taken_back_env(opened.text, renames)));
}

}  // namespace segue::hooks
