#include "plan/moves/leaving_constraint.h"

#include <fmt/format.h>

#include "pg/quote.h"
#include "plan/actions.h"

namespace segue::plan {

const char* const rows_without_counterpart_sql = R"sql(
(SELECT format('(%s) AND NOT EXISTS (SELECT FROM %s p WHERE %s)', string_agg(format('t.%I IS NOT NULL', o.attname), ' AND '),
     '"' || replace(n.nspname, '"', '""') || '"."' || replace(r.relname, '"', '""') || '"', string_agg(format('p.%I = t.%I', x.attname, o.attname), ' AND '))
   FROM unnest(c.conkey, c.confkey) k (own, other) JOIN pg_attribute o ON o.attrelid = c.conrelid AND o.attnum = k.own
     JOIN pg_attribute x ON x.attrelid = c.confrelid AND x.attnum = k.other))sql";

std::string without_not_valid(std::string definition) {
  const std::string mark = " NOT VALID";
  if (definition.ends_with(mark)) definition.resize(definition.size() - mark.size());
  return definition;
}

std::vector<Action> constraint_again(const Table& table, const LeavingConstraint& constraint) {
  auto back = add_not_valid(table.quoted(), constraint.name, constraint.definition, constraint.referenced);
  if (!constraint.comment.empty()) {
    back.sql.push_back(fmt::format("COMMENT ON CONSTRAINT {} ON {} IS {}", pg::quote_name(constraint.name),
                                   table.quoted(), pg::quote_literal(constraint.comment)));
  }
  std::vector<Action> actions = {back};
  if (constraint.valid) actions.push_back(validate(table.quoted(), constraint.name, constraint.referenced));
  return actions;
}

}  // namespace segue::plan
