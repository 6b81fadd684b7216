// One kind of object: how the catalog is asked for it.
//
// A new kind is a new file beside this one, declared and listed in kinds.cc. Its SELECT names its columns:
// `name` (unique within the kind, qualified and quoted), `of` (the relation that it hangs on; may be absent), `kind`
// (only where one SELECT gives several kinds), and attributes by their names for people. NULL: the attribute is absent,
// which is how the value that nobody set is said. Attributes that hold SQL bear one of the names in canonical.cc, so
// that two spellings of it compare equal.
//
// Every SELECT is run with search_path empty and may use these (each costs nothing where it is not used):
//   scope     the schemas that count: oid, nspname, nspowner, nspacl
//   member    what belongs to an extension: classid, objid
//   relation  pg_class in scope without members of extensions, and `qualified`, its name
// Server versions 14 to 18: a column that is not in all of them is asked for by `version`.
#pragma once

#include <string>
#include <vector>

namespace segue::catalog {

struct Kind {
  std::string name;
  std::string select;
  bool in_schema = true;  // false: it lives in no schema, and is left out when schemas are named
};

// All kinds, for a server of this version (150018).
std::vector<Kind> all_kinds(int version);

}  // namespace segue::catalog
