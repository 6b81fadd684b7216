// A place in a YAML document that is read strictly: what it is not, is an error that says where. Only the readers of
// this folder include it.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace segue::traffic {

class Node {
 public:
  Node(const YAML::Node& yaml, std::string path) : yaml_(yaml), path_(std::move(path)) {}

  // "file:line:column"
  std::string where() const;
  tl::unexpected<Error> error(std::string message, std::string hint = {}) const;
  tl::unexpected<Error> unknown(const std::string& what, const std::string& word,
                                const std::vector<std::string>& candidates) const;

  bool is_map() const { return yaml_.IsMap(); }
  bool is_list() const { return yaml_.IsSequence(); }
  bool is_scalar() const { return yaml_.IsScalar(); }
  bool is_null() const;  // null or ~ without quotes, or nothing at all
  // Without quotes: what looks like a number or a truth value is one.
  bool is_plain() const { return yaml_.Tag() != "!"; }

  // A map's members in their order; a key that comes twice, or that is not known (`keys`, unless empty), is an error.
  using Members = std::vector<std::pair<std::string, Node>>;
  Result<Members> members(const std::vector<std::string>& keys = {}) const;
  Result<std::vector<Node>> items() const;

  Result<std::string> text() const;  // a scalar that is not null
  Result<std::string> name() const;  // [A-Za-z_][A-Za-z0-9_-]*
  Result<bool> truth() const;
  Result<double> number(double least, double most) const;
  // "5" or "1..9"; with `open_end` also "1.."
  Result<std::pair<std::int64_t, std::int64_t>> range(bool open_end = false) const;
  const std::string& path() const { return path_; }

 private:
  YAML::Node yaml_;
  std::string path_;
};

// "there is no WHAT `word`", with the nearest of the candidates or all of them.
tl::unexpected<Error> unknown_word(const std::string& what, const std::string& word,
                                   const std::vector<std::string>& candidates, const std::string& where);

// The member of that key, or nullptr.
const Node* find(const Node::Members& members, std::string_view key);

}  // namespace segue::traffic
