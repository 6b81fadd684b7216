#include "sql/undo.h"

#include <algorithm>

#include "sql/facts.h"
#include "sql/written.h"

namespace segue::sql {
namespace {

std::string literal(std::string_view text) {
  std::string made = "'";
  for (const char sign : text) made.append(sign == '\'' ? 2 : 1, sign);
  return made + "'";
}

// "it is not there yet", asked of to_regclass and its sisters.
std::string missing(const char* function, const std::string& name) {
  return std::string("SELECT ") + function + "(" + literal(name) + ") IS NULL";
}

std::string column_question(const std::string& table, const std::string& column, const char* what) {
  return "SELECT " + std::string(what) + " FROM pg_attribute WHERE attrelid = to_regclass(" + literal(table) +
         ") AND attname = " + literal(column) + " AND NOT attisdropped";
}

std::string column_missing(const std::string& table, const std::string& column) {
  return "SELECT NOT EXISTS (" + column_question(table, column, "1") + ")";
}

// One command of ALTER TABLE taken back: "DROP COLUMN total".
class AlterTable {
 public:
  explicit AlterTable(const Statement& statement) : words_(statement), tree_(statement.tree) {}

  std::optional<Inverse> inverse() {
    table_ = words_.name_at(tree_["relation"].location());
    if (table_.empty() || tree_["objtype"].text() != "OBJECT_TABLE" || tree_["missing_ok"].truth()) return std::nullopt;
    std::string changes;
    for (const Node command : tree_["cmds"]) {
      const auto change = taken_back(command);
      if (!change) return std::nullopt;
      if (change->empty()) continue;
      changes = changes.empty() ? *change : *change + ", " + changes;
    }
    // One condition cannot decide about several changes.
    if (!result_.only_if.empty() && tree_["cmds"].size() != 1) return std::nullopt;
    if (!changes.empty()) result_.sql = "ALTER TABLE " + table_ + " " + changes;
    return result_;
  }

 private:
  std::optional<std::string> taken_back(Node command) {
    const std::string_view type = command["subtype"].text();
    const Node definition = command["def"];
    if (type == "AT_AddColumn") {
      const std::string column = words_.name_at(definition.location());
      if (command["missing_ok"].truth()) result_.only_if = column_missing(table_, definition["colname"].string());
      return "DROP COLUMN " + column;
    }
    if (type == "AT_AddConstraint") {
      const std::string name = words_.name_after(definition.location(), "constraint");
      if (definition["conname"].text().empty() || name.empty()) return std::nullopt;
      return "DROP CONSTRAINT " + name;
    }
    if (type == "AT_ValidateConstraint") return "";
    if (type == "AT_EnableRowSecurity") return row_security("relrowsecurity", "DISABLE ROW LEVEL SECURITY");
    if (type == "AT_ForceRowSecurity") return row_security("relforcerowsecurity", "NO FORCE ROW LEVEL SECURITY");
    if (type == "AT_SetNotNull") {
      result_.only_if = column_question(table_, command["name"].string(), "NOT attnotnull");
      return "ALTER COLUMN " + words_.spelled(command["name"].string()) + " DROP NOT NULL";
    }
    if (type == "AT_AddIdentity") return "ALTER COLUMN " + words_.spelled(command["name"].string()) + " DROP IDENTITY";
    if (type == "AT_AttachPartition") {
      return "DETACH PARTITION " + words_.name_at(definition["name"].location());
    }
    if (type == "AT_AddInherit") return "NO INHERIT " + words_.name_at(definition.location());
    return std::nullopt;
  }

  std::string row_security(const char* flag, const char* change) {
    result_.only_if =
        std::string("SELECT NOT ") + flag + " FROM pg_class WHERE oid = to_regclass(" + literal(table_) + ")";
    return change;
  }

  Written words_;
  Node tree_;
  std::string table_;
  Inverse result_;
};

std::optional<Inverse> drop(const std::string& what, const std::string& name) {
  if (name.empty()) return std::nullopt;
  return Inverse{"DROP " + what + " " + name, {}, true};
}

std::optional<Inverse> create_relation(const Written& words, Node relation, const char* what, bool if_missing,
                                       bool replaces) {
  const std::string name = words.name_at(relation.location());
  auto inverse = drop(what, name);
  if (inverse && (if_missing || replaces)) {
    inverse->only_if = missing("to_regclass", name);
    inverse->else_nothing = !replaces;
  }
  return inverse;
}

std::optional<Inverse> create_index(const Written& words, Node tree) {
  const std::string name = words.name_before("on", {"index", "concurrently", "exists"});
  if (tree["idxname"].text().empty() || name.empty()) return std::nullopt;
  // An index lives in the schema of its table.
  const std::string table = words.name_at(tree["relation"].location());
  const std::size_t dot = table.rfind('.');
  const std::string full = tree["relation"]["schemaname"].text().empty() || dot == std::string::npos
                               ? name
                               : table.substr(0, dot + 1) + name;
  auto inverse = drop(tree["concurrent"].truth() ? "INDEX CONCURRENTLY" : "INDEX", full);
  if (inverse && tree["if_not_exists"].truth()) inverse->only_if = missing("to_regclass", full);
  return inverse;
}

std::optional<Inverse> create_function(const Written& words, Node tree) {
  const bool procedure = tree["is_procedure"].truth();
  const std::string name = words.name_after(0, procedure ? "procedure" : "function");
  std::string arguments;
  for (const Node parameter : tree["parameters"]) {
    const std::string_view mode = parameter["mode"].text();
    if (mode == "FUNC_PARAM_OUT" || mode == "FUNC_PARAM_TABLE") continue;
    const std::string type = words.type_at(parameter["argType"].location());
    if (type.empty()) return std::nullopt;
    if (!arguments.empty()) arguments += ", ";
    arguments += type;
  }
  const std::string signature = name + "(" + arguments + ")";
  auto inverse = drop(procedure ? "PROCEDURE" : "FUNCTION", name.empty() ? name : signature);
  if (inverse && tree["replace"].truth()) {
    inverse->only_if = missing("to_regprocedure", signature);
    inverse->else_nothing = false;
  }
  return inverse;
}

// Names without a table: CREATE TYPE mood, CREATE SCHEMA IF NOT EXISTS audit.
struct Named {
  std::string_view tag;
  std::string_view word;   // the keyword that stands before the name
  const char* what;        // after DROP
  const char* missing;     // a query that says it is not there, the name as %; for IF NOT EXISTS
  const char* if_missing;  // the field that says IF NOT EXISTS
};
constexpr Named named_creates[] = {
    {"CreateEnumStmt", "type", "TYPE", "", ""},
    {"CreateRangeStmt", "type", "TYPE", "", ""},
    {"CompositeTypeStmt", "type", "TYPE", "", ""},
    {"CreateDomainStmt", "domain", "DOMAIN", "", ""},
    {"CreateSchemaStmt", "schema", "SCHEMA", "SELECT to_regnamespace(%) IS NULL", "if_not_exists"},
    {"CreateExtensionStmt", "extension", "EXTENSION",
     "SELECT NOT EXISTS (SELECT 1 FROM pg_extension WHERE quote_ident(extname) = %)", "if_not_exists"},
    {"CreatePublicationStmt", "publication", "PUBLICATION", "", ""},
    {"CreateStatsStmt", "statistics", "STATISTICS", nullptr, "if_not_exists"},
};

std::optional<Inverse> create_named(const Written& words, Node tree) {
  for (const Named& each : named_creates) {
    if (tree.tag() != each.tag) continue;
    auto inverse = drop(each.what, words.name_after(0, each.word));
    if (!inverse || *each.if_missing == '\0' || !tree[each.if_missing].truth()) return inverse;
    if (each.missing == nullptr) return std::nullopt;
    std::string question = each.missing;
    question.replace(question.find('%'), 1, literal(words.name_after(0, each.word)));
    inverse->only_if = question;
    return inverse;
  }
  return std::nullopt;
}

// CREATE TRIGGER, POLICY and RULE: dropped from their table.
std::optional<Inverse> create_on_table(const Written& words, Node tree, const char* what, std::string_view word,
                                       const char* table_field) {
  if (tree["replace"].truth()) return std::nullopt;
  const std::string table = words.name_at(tree[table_field].location());
  const std::string name = words.name_after(0, word);
  if (table.empty() || name.empty()) return std::nullopt;
  return Inverse{"DROP " + std::string(what) + " " + name + " ON " + table, {}, true};
}

// RENAME is its own inverse with the names changed round.
std::optional<Inverse> rename(const Written& words, Node tree) {
  const std::string_view type = tree["renameType"].text();
  if (tree["missing_ok"].truth()) return std::nullopt;
  const std::string next = words.last_name();
  if (type == "OBJECT_TABLE" || type == "OBJECT_VIEW" || type == "OBJECT_INDEX" || type == "OBJECT_SEQUENCE" ||
      type == "OBJECT_MATVIEW") {
    const std::string full = words.name_at(tree["relation"].location());
    const std::size_t dot = full.rfind('.');
    const bool qualified = !tree["relation"]["schemaname"].text().empty() && dot != std::string::npos;
    const std::string old_name = qualified ? full.substr(dot + 1) : full;
    const std::string word = type == "OBJECT_MATVIEW" ? "MATERIALIZED VIEW" : std::string(type.substr(7));
    return Inverse{
        "ALTER " + word + " " + (qualified ? full.substr(0, dot + 1) : "") + next + " RENAME TO " + old_name, {}, true};
  }
  if (type == "OBJECT_COLUMN" || type == "OBJECT_TABCONSTRAINT") {
    if (tree["relationType"].text() != "OBJECT_TABLE" && type == "OBJECT_COLUMN") return std::nullopt;
    const std::string table = words.name_at(tree["relation"].location());
    const std::string old_name = words.name_before("to", {});
    return Inverse{"ALTER TABLE " + table + " RENAME " + (type == "OBJECT_COLUMN" ? "COLUMN " : "CONSTRAINT ") + next +
                       " TO " + old_name,
                   {},
                   true};
  }
  return std::nullopt;
}

bool changes_nothing(Kind kind) {
  return kind == Kind::select || kind == Kind::vacuum || kind == Kind::analyze || kind == Kind::reindex ||
         kind == Kind::cluster || kind == Kind::refresh || kind == Kind::set || kind == Kind::lock ||
         kind == Kind::transaction;
}

}  // namespace

std::optional<Inverse> conditional_inverse_of(const Statement& statement) {
  const Node tree = statement.tree;
  const std::string_view tag = tree.tag();
  if (!tree || statement.piece.variables) return std::nullopt;
  if (tag == "AlterTableStmt") return AlterTable(statement).inverse();
  const Written words(statement);
  if (tag == "CreateStmt") {
    return create_relation(words, tree["relation"], "TABLE", tree["if_not_exists"].truth(), false);
  }
  if (tag == "ViewStmt") return create_relation(words, tree["view"], "VIEW", false, tree["replace"].truth());
  if (tag == "CreateSeqStmt") {
    return create_relation(words, tree["sequence"], "SEQUENCE", tree["if_not_exists"].truth(), false);
  }
  if (tag == "CreateTableAsStmt") {
    const bool view = tree["objtype"].text() == "OBJECT_MATVIEW";
    return create_relation(words, tree["into"]["rel"], view ? "MATERIALIZED VIEW" : "TABLE",
                           tree["if_not_exists"].truth(), false);
  }
  if (tag == "IndexStmt") return create_index(words, tree);
  if (tag == "CreateFunctionStmt") return create_function(words, tree);
  if (tag == "CreateTrigStmt") return create_on_table(words, tree, "TRIGGER", "trigger", "relation");
  if (tag == "CreatePolicyStmt") return create_on_table(words, tree, "POLICY", "policy", "table");
  if (tag == "RuleStmt") return create_on_table(words, tree, "RULE", "rule", "relation");
  if (tag == "RenameStmt") return rename(words, tree);
  if (changes_nothing(facts_of(statement, {}).kind)) return Inverse{};
  return create_named(words, tree);
}

std::optional<std::string> inverse_of(const Statement& statement) {
  const auto inverse = conditional_inverse_of(statement);
  if (!inverse || !inverse->only_if.empty()) return std::nullopt;
  return inverse->sql;
}

}  // namespace segue::sql
