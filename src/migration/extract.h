// From a mapping to the struct of one noun. What only becomes clear when several values are seen together (a table that
// is named twice, a range upside down) is noted on the way.
#pragma once

#include "migration/fields.h"
#include "migration/migration.h"

namespace segue::migration {

AnyMove take_move(const Fields& move);  // a mapping with one of the move keys
BackfillMove take_backfill(const Fields& fields);
TenancyMove take_tenancy(const Fields& fields);
ConvertMove take_convert(const Fields& fields);

Check take_check(const Fields& fields);
Probe take_probe(const Fields& fields);
Viewpoint take_viewpoint(const Fields& fields);
Gate take_gate(const Fields& fields);

Hook take_hook(const Fields& fields);
Limits take_limits(const Fields& fields);
Windows take_windows(const Fields& fields);
Schedule take_schedule(const Fields& fields);
std::vector<Contact> take_contacts(const Fields& fields, std::string_view key);

// The value as JSON: unquoted numbers, true, false and null are such, everything else is a string.
Json to_json(const Node& node);

// The checks of a file with `-- check: NAME · after: PHASE · expect: …` lines, each followed by its query.
std::vector<Check> take_check_file(const Source& file, Reading& reading);

// A name that was given before: noted, with the line of the first.
class Names {
 public:
  Names(Reading& reading, std::string noun) : reading_(reading), noun_(std::move(noun)) {}
  void add(const Text& name);

 private:
  Reading& reading_;
  std::string noun_;
  std::map<std::string, Position> seen_;
};

}  // namespace segue::migration
