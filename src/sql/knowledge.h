// What a database, or the statements read so far, can say about the objects that a statement names.
//
// Every answer may be "not known", which is what this class says to all questions; facts_of then assumes the worse.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/references.h"

namespace segue::sql {

class Knowledge {
 public:
  virtual ~Knowledge() = default;

  // Whether the function is VOLATILE.
  virtual std::optional<bool> is_volatile(const QualifiedName& /*function*/) const { return std::nullopt; }
  // Whether the type is a domain with constraints.
  virtual std::optional<bool> is_constrained_domain(const QualifiedName& /*type*/) const { return std::nullopt; }
  // The type of a column as format_type prints it.
  virtual std::optional<std::string> column_type(const QualifiedName& /*table*/, const std::string& /*column*/) const {
    return std::nullopt;
  }
  virtual std::optional<bool> is_nullable(const QualifiedName& /*table*/, const std::string& /*column*/) const {
    return std::nullopt;
  }
  // Whether a valid CHECK proves that the column holds no NULL.
  virtual bool proven_not_null(const QualifiedName& /*table*/, const std::string& /*column*/) const { return false; }
  // Whether a CHECK or a foreign key looks at the column.
  virtual std::optional<bool> is_checked(const QualifiedName& /*table*/, const std::string& /*column*/) const {
    return std::nullopt;
  }
  // Tables whose foreign keys refer to this column; with an empty column, to the table.
  virtual std::vector<QualifiedName> referencing(const QualifiedName& /*table*/, const std::string& /*column*/) const {
    return {};
  }
  // Views that read the table; with a column, just those that read it. CASCADE drops them.
  virtual std::vector<QualifiedName> readers(const QualifiedName& /*table*/, const std::string& /*column*/) const {
    return {};
  }
  // Tables to which this table's foreign keys refer; with a name, only the constraint or the column of that name.
  virtual std::vector<QualifiedName> referenced(const QualifiedName& /*table*/, const std::string& /*of*/) const {
    return {};
  }
  virtual std::vector<QualifiedName> partitions(const QualifiedName& /*table*/) const { return {}; }
  virtual std::optional<QualifiedName> default_partition(const QualifiedName& /*table*/) const { return std::nullopt; }
  virtual std::optional<bool> is_partitioned(const QualifiedName& /*table*/) const { return std::nullopt; }
  virtual std::optional<QualifiedName> table_of_index(const QualifiedName& /*index*/) const { return std::nullopt; }
  // Whether a validated CHECK makes the scan of a table that is attached needless.
  virtual bool check_matches_bounds(const QualifiedName& /*partition*/) const { return false; }
  // Tables with columns of the domain.
  virtual std::vector<QualifiedName> tables_with_type(const QualifiedName& /*type*/) const { return {}; }
  // Whether the sessions' TimeZone is UTC: timestamp becomes timestamptz without a rewrite then.
  virtual bool timezone_is_utc() const { return false; }
};

}  // namespace segue::sql
