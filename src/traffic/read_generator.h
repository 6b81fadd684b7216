// Reads the value of one parameter. Only the readers of this folder include it.
#pragma once

#include <string>
#include <vector>

#include "traffic/file.h"
#include "traffic/node.h"

namespace segue::traffic {

// What a value may refer to at the place where it stands.
struct Scope {
  File& file;                        // its pools and vars; its counters grow
  std::vector<std::string> lets;     // by slot
  std::vector<int> let_pools;        // the pool that a slot holds a row of, or -1
  std::vector<std::string> actions;  // the transaction's statements before this one; "" without a name
};

Result<Generator> read_generator(const Node& node, Scope& scope);

// `{ name: generator, … }`
using NamedGenerators = std::vector<std::pair<std::string, Generator>>;
Result<NamedGenerators> read_named_generators(const Node& node, Scope& scope);

// The same as one value: a JSON object.
Result<Generator> read_json_object(const Node& node, Scope& scope);

// The text of a constant: none where it is null.
Result<Value> read_constant(const Node& node);

}  // namespace segue::traffic
