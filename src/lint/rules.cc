#include <string>
#include <unordered_map>

#include "lint/rules/help.h"

namespace segue::lint {

const std::vector<Rule>& all_rules() {
  static const std::vector<Rule> rules = [] {
    std::vector<Rule> all;
    for (Rules (*family)() :
         {index_rules,       index_policy_rules, add_column_rules, not_null_rules, column_type_rules, constraint_rules,
          foreign_key_rules, removal_rules,      rename_rules,     type_rules,     partition_rules,   storage_rules,
          transaction_rules, timeout_rules,      row_rules,        check_rules,    query_rules,       existence_rules,
          name_rules,        policy_rules,       function_rules,   unique_rules,   undo_rules,        trigger_rules,
          file_rules,        version_rules,      type_policy_rules}) {
      for (Rule& rule : family()) all.push_back(std::move(rule));
    }
    return all;
  }();
  return rules;
}

const Rule* find_rule(std::string_view code) {
  static const std::unordered_map<std::string_view, const Rule*> by_code = [] {
    std::unordered_map<std::string_view, const Rule*> made;
    for (const Rule& rule : all_rules()) made.emplace(rule.code, &rule);
    return made;
  }();
  const auto found = by_code.find(code);
  return found == by_code.end() ? nullptr : found->second;
}

}  // namespace segue::lint
