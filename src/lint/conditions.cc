#include "lint/conditions.h"

namespace segue::lint {

sql::Node Conditions::of(const std::string& check) {
  constexpr std::size_t most = 200;
  auto found = read_.find(check);
  if (found == read_.end()) {
    if (read_.size() == most) read_.clear();
    found = read_.emplace(check, sql::Source("ALTER TABLE t ADD " + check)).first;
  }
  const auto& statements = found->second.statements();
  return statements.empty() ? sql::Node() : statements[0].tree["cmds"].at(0)["def"]["raw_expr"];
}

}  // namespace segue::lint
