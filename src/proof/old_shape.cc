#include "proof/old_shape.h"

#include <algorithm>

#include "base/text.h"
#include "proof/workload.h"
#include "sql/facts.h"
#include "sql/parse.h"
#include "sql/references.h"

namespace segue::proof {
namespace {

using plan::OldName;
using NameUse = plan::OldName::Use;

// "public"."deals" as it may be written: with its schema or without.
struct TableName {
  std::string schema, name;
  explicit TableName(const std::string& quoted) {
    std::vector<std::string> parts(1);
    bool inside = false;
    for (std::size_t at = 0; at < quoted.size(); ++at) {
      const char sign = quoted[at];
      if (sign == '"' && inside && at + 1 < quoted.size() && quoted[at + 1] == '"') {
        parts.back() += quoted[++at];
      } else if (sign == '"') {
        inside = !inside;
      } else if (sign == '.' && !inside) {
        parts.emplace_back();
      } else {
        parts.back() += sign;
      }
    }
    name = parts.back();
    if (parts.size() > 1) schema = parts.front();
  }
  bool is(const sql::QualifiedName& other) const {
    return other.name == name && (other.schema.empty() || schema.empty() || other.schema == schema);
  }
};

// What it writes to a table, and by which unique it looks for a conflict.
struct Insert {
  sql::QualifiedName table;
  std::vector<std::string> columns;  // empty: in the table's own order
  std::vector<std::string> conflict;
};

std::vector<std::string> names_in(sql::Node list, std::string_view field) {
  std::vector<std::string> names;
  for (const auto one : list) {
    if (const auto name = one[field]; !name.text().empty()) names.push_back(name.string());
  }
  return names;
}

std::vector<Insert> inserts_of(sql::Node tree) {
  std::vector<Insert> found;
  sql::walk(tree, [&](sql::Node node) {
    if (node.is("InsertStmt")) {
      found.push_back({sql::name_of_relation(node["relation"]), names_in(node["cols"], "name"),
                       names_in(node["onConflictClause"]["infer"]["indexElems"], "name")});
    }
    return true;
  });
  if (tree.is("CopyStmt") && tree["is_from"].truth()) {
    found.push_back({sql::name_of_relation(tree["relation"]), sql::names_of(tree["attlist"]), {}});
  }
  return found;
}

bool is_application_sql(const sql::Statement& statement) {
  if (statement.error) return true;
  if (statement.tree.is("CopyStmt")) return statement.tree["is_from"].truth() || bool(statement.tree["query"]);
  constexpr std::string_view kinds[] = {"SelectStmt", "InsertStmt",   "UpdateStmt", "DeleteStmt",
                                        "MergeStmt",  "CallStmt",     "DoStmt",     "DeclareCursorStmt",
                                        "LockStmt",   "TruncateStmt", "CopyStmt",   "PrepareStmt"};
  return std::any_of(std::begin(kinds), std::end(kinds), [&](auto kind) { return statement.tree.is(kind); });
}

class Reader {
 public:
  Reader(const sql::References& names, const std::vector<Insert>& inserts, bool parsed)
      : names_(names), inserts_(inserts), parsed_(parsed) {}

  // Nothing, or whether it is certain.
  std::optional<bool> uses(const OldName& old) const {
    const TableName table(old.table);
    if (old.use == NameUse::insert_without || old.use == NameUse::infers) return by_insert(old, table);
    const bool named =
        std::any_of(names_.relations.begin(), names_.relations.end(), [&](const auto& one) { return table.is(one); });
    if (!named) return std::nullopt;
    if (old.use == NameUse::table) return true;
    return by_column(old, table);
  }

 private:
  std::optional<bool> by_column(const OldName& old, const TableName& table) const {
    bool star = false;
    for (const auto& column : names_.columns) {
      const bool of_it = column.table.name.empty() || table.is(column.table);
      if (!of_it) continue;
      if (std::find(old.columns.begin(), old.columns.end(), column.column) != old.columns.end()) return true;
      star = star || column.column == "*";
    }
    const bool by_place = std::any_of(inserts_.begin(), inserts_.end(),
                                      [&](const auto& one) { return one.columns.empty() && table.is(one.table); });
    if (star || by_place) return false;
    return std::nullopt;
  }

  std::optional<bool> by_insert(const OldName& old, const TableName& table) const {
    if (!parsed_) return std::nullopt;
    for (const auto& one : inserts_) {
      if (!table.is(one.table)) continue;
      if (old.use == NameUse::infers) {
        if (std::is_permutation(one.conflict.begin(), one.conflict.end(), old.columns.begin(), old.columns.end()))
          return true;
        continue;
      }
      const bool says_it = std::any_of(one.columns.begin(), one.columns.end(), [&](const auto& name) {
        return std::find(old.columns.begin(), old.columns.end(), name) != old.columns.end();
      });
      if (!says_it) return true;
    }
    return std::nullopt;
  }

  const sql::References& names_;
  const std::vector<Insert>& inserts_;
  bool parsed_;
};

}  // namespace

std::string to_text(const OldName& old) {
  auto table = plan::display_table(old.table);
  const auto columns = join(old.columns, ", ");
  switch (old.use) {
    case NameUse::table:
      return table;
    case NameUse::column:
      return table + "." + columns;
    case NameUse::insert_without:
      return table + " without " + old.columns.front();
    case NameUse::infers:
      return table + " ON CONFLICT (" + columns + ")";
  }
  return table;
}

std::vector<Use> uses_of(const std::string& statement, const std::vector<OldName>& old_shape) {
  std::vector<std::string> tables;
  for (const auto& old : old_shape) tables.push_back(TableName(old.table).name);
  if (!may_name(statement, tables)) return {};
  const sql::Source source(statement);
  bool any = source.statements().empty();
  bool parsed = true;
  std::vector<Insert> inserts;
  for (const auto& one : source.statements()) {
    any = any || is_application_sql(one);
    parsed = parsed && !one.error;
    if (one.error) continue;
    const auto more = inserts_of(one.tree);
    inserts.insert(inserts.end(), more.begin(), more.end());
  }
  if (!any) return {};
  const auto names = sql::references_of_sql(statement);
  const Reader reader(names, inserts, parsed);
  std::vector<Use> uses;
  for (const auto& old : old_shape) {
    if (const auto certain = reader.uses(old)) uses.push_back({to_text(old), *certain});
  }
  return uses;
}

}  // namespace segue::proof
