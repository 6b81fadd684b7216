// One run of files: asks the rules about each statement, then lets the statement change the schema.
#pragma once

#include <unordered_map>
#include <vector>

#include "lint/rule.h"
#include "lint/visit.h"

namespace segue::lint {

class Session {
 public:
  Session(const Settings& settings, Schema& schema);

  // The next file, trees and all.
  void take(const File& file, std::size_t number);
  // After the last file: rules that look at the whole run.
  void finish();

  Findings& findings() { return findings_; }

 private:
  void take_statement(const File& file, std::size_t number, const sql::Statement& statement, const Section& section,
                      bool in_code);
  void ask(const std::vector<const Rule*>& rules, const Rule*& asked, Visit& visit);
  void ask_by_command(const sql::Facts& facts, const Rule*& asked, Visit& visit);
  void look_into_code(const File& file, std::size_t number, const sql::Statement& block, const sql::Source& code,
                      const Section& section);
  void forget_file();
  void read_meta_lines(const File& file, std::size_t number);
  void follow_transaction(const sql::Statement& statement);

  const Settings& settings_;
  Schema& schema_;
  Findings findings_;
  Memory memory_;
  Conditions conditions_;
  std::unordered_map<std::string_view, std::vector<const Rule*>> by_tag_;
  std::vector<const Rule*> for_all_;
  bool explicit_transaction_ = false;
};

}  // namespace segue::lint
