// Random DDL that can be taken back: steps of one statement and its inverse, over all kinds of objects, with names that
// need quotes. The steps of one generator are applied in order and taken back in reverse order. Tests only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace segue::catalog::testing {

struct Step {
  std::string apply;
  std::string revert;
  std::string kind;  // of an object that a diff must name after `apply`
  std::string name;  // and a part of its name, as it is quoted
};

class RandomDdl {
 public:
  explicit RandomDdl(std::uint64_t seed);

  // What the steps start from; run it first.
  const std::string& base() const { return base_; }
  Step next();

 private:
  using Maker = Step (RandomDdl::*)();
  struct Table {
    std::string name;                   // quoted, with its schema
    std::string text, number, varying;  // columns, quoted
    std::string lone;                   // a varchar that nothing else uses, so that its type can change
  };

  std::size_t below(std::size_t limit);
  bool coin() { return below(2) == 0; }
  std::string pick(const std::vector<std::string>& from) { return from[below(from.size())]; }
  std::string new_name();  // quoted
  std::string role();
  std::string condition(const Table& table);
  Table& table() { return tables_[below(tables_.size())]; }
  // A setting of an object that has one value at a time: the inverse sets the value before.
  Step setting(const std::string& key, const std::string& start, const std::vector<std::string>& values,
               const std::function<std::string(const std::string&)>& statement, const std::string& kind,
               const std::string& name);

  Step make_table();
  Step make_partition();
  Step make_column();
  Step change_column();
  Step change_table();
  Step make_constraint();
  Step make_index();
  Step make_view();
  Step make_rule_or_trigger();
  Step make_function();
  Step change_function();
  Step make_type();
  Step change_type();
  Step make_sequence();
  Step make_policy();
  Step change_policy();
  Step give_right();
  Step give_default_right();
  Step comment();
  Step rename();
  Step make_other();

  std::mt19937_64 random_;
  std::string base_;
  int counter_ = 0;
  std::vector<Table> tables_;
  std::map<std::string, std::string> current_;  // of settings
};

}  // namespace segue::catalog::testing
