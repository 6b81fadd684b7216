// How a file may look, as tables: which keys a mapping takes, what each must be, and one sentence of help.
//
// The tables are the one source: the reader checks by them, and the JSON Schema and the reference page are made from
// them, so the three cannot say different things. Tables stand in forms/; what a value must be stands in kind.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "migration/kind.h"

namespace segue::migration {

struct Form;

// What a value must be.
struct Type {
  enum class Shape { scalar, list, map, mapping, either, anything };
  Shape shape = Shape::scalar;
  Kind kind = Kind::text;           // of a scalar; of a map's keys
  std::vector<std::string> words;   // of a scalar: the words it may be; any other value must be of `kind`, if not word
  std::vector<Type> parts;          // list: the items' type; map: the values'; either: one a shape
  const Form* form = nullptr;       // of a mapping
  std::size_t least = 0, most = 0;  // of a list or map: how many; most 0 means no end
};

struct Field {
  std::string key;
  Type type;
  bool required = false;
  std::string help;  // a sentence without full stop
};

// What holds between keys of one mapping.
struct Rule {
  enum class Holds { exactly_one, at_least_one, at_most_one, needs };  // needs: the first asks for all the others
  Holds holds;
  std::vector<std::string> keys;
};

struct Form {
  std::string name;   // "backfill": how messages and the reference call it
  std::string about;  // a sentence
  std::vector<Field> fields;
  std::vector<Rule> rules;
  std::string example;  // YAML

  const Field* find(std::string_view key) const;
  std::vector<std::string> keys() const;
};

Field must(std::string key, Type type, std::string help);
Field may(std::string key, Type type, std::string help);

Type scalar(Kind kind);
Type word(std::vector<std::string> words);
Type phase();
// One of the words, or else a value of the kind.
Type word_or(std::vector<std::string> words, Kind kind);
Type list_of(Type item, std::size_t least = 1, std::size_t most = 0);
Type map_of(Kind keys, Type values);
Type mapping(const Form& form);
// Told apart by their shapes: at most one scalar, one list, one map or mapping.
Type either(std::vector<Type> types);
// A single value, or a list of such.
Type one_or_more(Type item);
Type anything();

// "a duration", "a list of tables", "a backfill": what messages call it.
std::string name_of(const Type& type);

const Form& migration_form();  // migration.yaml
const Form& check_form();      // one check; also the headers of a check file
const Form& project_form();    // segue.yaml
const Form& lint_form();       // .segue-lint.yaml, and `lint:` in segue.yaml

// The parts, each in a file of forms/.
const Form& move_form();
const Form& tenancy_form();
const Form& backfill_form();
const Form& convert_form();
const Form& probe_form();
const Form& viewpoint_form();
const Form& gate_form();
const Form& hook_form();
const Form& limits_form();
const Form& windows_form();
const Form& schedule_form();
const Form& contact_form();

}  // namespace segue::migration
