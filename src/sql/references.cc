#include "sql/references.h"

#include <pg_query.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/text.h"
#include "sql/lexer.h"

namespace segue::sql {
namespace {

using Tree = nlohmann::json;

template <class Answer>
std::optional<Tree> take(Answer answer, char* Answer::* text, void (*release)(Answer)) {
  std::optional<Tree> tree;
  if (answer.error == nullptr && answer.*text != nullptr) {
    auto read = Tree::parse(answer.*text, nullptr, false);
    if (!read.is_discarded()) tree = std::move(read);
  }
  release(answer);
  return tree;
}

std::optional<Tree> parse_sql(const std::string& sql) {
  return take(pg_query_parse(sql.c_str()), &PgQueryParseResult::parse_tree, pg_query_free_parse_result);
}

std::optional<Tree> parse_plpgsql(const std::string& create_function) {
  return take(pg_query_parse_plpgsql(create_function.c_str()), &PgQueryPlpgsqlParseResult::plpgsql_funcs,
              pg_query_free_plpgsql_parse_result);
}

std::vector<std::string> strings_of(const Tree& list) {
  std::vector<std::string> strings;
  for (const Tree& one : list) {
    if (one.contains("String")) strings.push_back(one["String"].value("sval", ""));
    if (one.contains("A_Star")) strings.emplace_back("*");
  }
  return strings;
}

QualifiedName name_of(const std::vector<std::string>& parts) {
  if (parts.empty()) return {};
  return {parts.size() > 1 ? parts[parts.size() - 2] : "", parts.back()};
}

// A name as SQL folds it; of a quoted one, what stands between the quotes.
std::string folded(std::string_view text, const Token& token) {
  const std::string_view written = token.in(text);
  if (token.kind == TokenKind::word) return lower(written);
  std::string name;
  for (std::size_t i = 1; i + (token.closed ? 1 : 0) < written.size(); ++i) {
    name += written[i];
    if (written[i] == '"') ++i;
  }
  return name;
}

// Reads words where no parser can: each name, dotted or not, also within quotes, counts as every kind of name.
// `with_execute`: the word EXECUTE is a statement that cannot be seen through.
void read_words(std::string_view text, References& into, bool with_execute = false, std::size_t line = 1) {
  std::string before;  // the name before a dot
  std::size_t counted = 0;
  for (const Token& token : tokens_of(text, 0, text.size())) {
    line += static_cast<std::size_t>(std::count(text.begin() + counted, text.begin() + token.begin, '\n'));
    counted = token.begin;
    if (token.kind == TokenKind::string) {
      const std::string_view written = token.in(text);
      const auto quote = written.find_first_of("'$");
      if (quote != std::string_view::npos) read_words(written.substr(quote + 1), into, with_execute, line);
    }
    if (token.kind != TokenKind::word && token.kind != TokenKind::quoted_name) {
      if (!is_sign(text, token, '.')) before.clear();
      continue;
    }
    if (with_execute && is_word(text, token, "execute")) {
      into.opaque.push_back("EXECUTE in line " + std::to_string(line));
    }
    const std::string name = folded(text, token);
    for (const std::string& schema : {std::string(), before}) {
      into.relations.insert({schema, name});
      into.functions.insert({schema, name});
      into.types.insert({schema, name});
    }
    into.columns.insert({{}, name});
    before = name;
  }
}

// Functions whose text argument is the name of a relation.
constexpr std::array kNamesARelation = {"nextval",         "currval", "setval", "to_regclass", "pg_get_serial_sequence",
                                        "pg_relation_size"};

// Walks one statement's tree and knows, at each place, which names are common table expressions and aliases.
class Statement {
 public:
  explicit Statement(References& into) : into_(into) {}

  void walk(const Tree& tree) {
    if (tree.is_array()) {
      for (const Tree& one : tree) walk(one);
      return;
    }
    if (!tree.is_object()) return;
    for (const auto& [key, value] : tree.items()) walk_field(key, value);
  }

 private:
  struct Scope {
    std::map<std::string, QualifiedName> aliases;  // of relations; an alias of anything else leads to an empty name
    std::set<std::string> common_tables;
    QualifiedName target;  // of INSERT, UPDATE, DELETE, MERGE
  };

  void walk_field(const std::string& key, const Tree& value) {
    if (key == "SelectStmt" || key == "InsertStmt" || key == "UpdateStmt" || key == "DeleteStmt" ||
        key == "MergeStmt") {
      query(value);
    } else if (key == "RangeVar" || (value.is_object() && value.contains("relname"))) {
      relation(value);
    } else if (key == "larg" || key == "rarg") {
      set_operation_side(value);
    } else if (key == "ColumnRef") {
      column(strings_of(value["fields"]));
    } else if (key == "ResTarget" || key == "IndexElem") {
      written_column(value);
      walk(value);
    } else if (key == "FuncCall") {
      call(value);
    } else if (key == "TypeCast") {
      cast(value);
    } else if (key == "TypeName" || key == "typeName" || key == "returnType" || key == "argType") {
      type(value);
    } else if (key == "usingClause" && value.is_array()) {
      for (const auto& name : strings_of(value)) column({name});
      walk(value);
    } else if (key == "DropStmt" || key == "CommentStmt") {
      named_objects(value);
      walk(value);
    } else if (key == "AlterTableCmd" || key == "RenameStmt") {
      altered_column(value);
      walk(value);
    } else {
      walk(value);
    }
  }

  // SET column =, the columns of INSERT, those of ON CONFLICT; in a SELECT it is an alias.
  void written_column(const Tree& value) {
    if (scopes_.empty() || scopes_.back().target.name.empty() || !value.contains("name")) return;
    into_.columns.insert({scopes_.back().target, value["name"].get<std::string>()});
  }

  // The sides of UNION are queries without a wrapper; the sides of a JOIN have one.
  void set_operation_side(const Tree& value) {
    if (value.is_object() && (value.contains("targetList") || value.contains("valuesLists") || value.contains("op"))) {
      query(value);
    } else {
      walk(value);
    }
  }

  void query(const Tree& statement) {
    scopes_.emplace_back();
    if (statement.contains("withClause")) with(statement["withClause"]);
    if (statement.contains("relation")) scopes_.back().target = relation(statement["relation"]);
    for (const char* key : {"fromClause", "usingClause", "sourceRelation"}) {
      if (statement.contains(key)) note_aliases(statement[key]);
    }
    for (const auto& [key, value] : statement.items()) {
      if (key != "withClause" && key != "relation") walk_field(key, value);
    }
    scopes_.pop_back();
  }

  // A common table expression sees those before it; a recursive one sees all.
  void with(const Tree& clause) {
    const bool recursive = clause.value("recursive", false);
    const auto name = [](const Tree& one) { return one["CommonTableExpr"].value("ctename", ""); };
    if (recursive) {
      for (const Tree& one : clause["ctes"]) scopes_.back().common_tables.insert(name(one));
    }
    for (const Tree& one : clause["ctes"]) {
      walk(one["CommonTableExpr"]);
      scopes_.back().common_tables.insert(name(one));
    }
  }

  bool is_common_table(const QualifiedName& name) const {
    return name.schema.empty() && std::any_of(scopes_.begin(), scopes_.end(), [&](const Scope& scope) {
             return scope.common_tables.contains(name.name);
           });
  }

  QualifiedName relation(const Tree& range) {
    QualifiedName name{range.value("schemaname", ""), range.value("relname", "")};
    if (is_common_table(name)) {
      name = {};
    } else if (!name.name.empty()) {
      into_.relations.insert(name);
    }
    if (!scopes_.empty()) {
      const bool renamed = range.contains("alias");
      const std::string alias = renamed ? range["alias"].value("aliasname", "") : range.value("relname", "");
      scopes_.back().aliases[alias] = name;
    }
    return name;
  }

  // Aliases are known before the columns that use them are read; what lies in subqueries has a scope of its own.
  void note_aliases(const Tree& from) {
    if (from.is_array()) {
      for (const Tree& one : from) note_aliases(one);
      return;
    }
    if (!from.is_object()) return;
    if (from.contains("RangeVar")) relation(from["RangeVar"]);
    if (from.contains("relname")) relation(from);
    if (from.contains("JoinExpr")) {
      for (const char* side : {"larg", "rarg"}) note_aliases(from["JoinExpr"].value(side, Tree::object()));
      note_other_alias(from["JoinExpr"]);
    }
    for (const char* kind : {"RangeSubselect", "RangeFunction", "RangeTableFunc"}) {
      if (from.contains(kind)) note_other_alias(from[kind]);
    }
    if (from.contains("RangeTableSample")) note_aliases(from["RangeTableSample"]["relation"]);
  }

  void note_other_alias(const Tree& node) {
    if (node.contains("alias")) scopes_.back().aliases[node["alias"].value("aliasname", "")] = {};
  }

  void column(const std::vector<std::string>& parts) {
    if (parts.empty()) return;
    if (parts.size() == 1) {
      into_.columns.insert({{}, parts[0]});
      // A relation's name alone is its whole row.
      if (const auto* whole = find_alias(parts[0])) into_.columns.insert({*whole, "*"});
      return;
    }
    if (parts.size() == 2) {
      const auto* table = find_alias(parts[0]);
      into_.columns.insert({table != nullptr ? *table : QualifiedName{}, parts[1]});
      // It may be a field of a composite column or variable as well.
      if (table == nullptr) into_.columns.insert({{}, parts[0]});
      return;
    }
    into_.columns.insert({{parts[parts.size() - 3], parts[parts.size() - 2]}, parts.back()});
  }

  const QualifiedName* find_alias(const std::string& name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      auto found = scope->aliases.find(name);
      if (found != scope->aliases.end()) return &found->second;
    }
    return nullptr;
  }

  void call(const Tree& value) {
    const QualifiedName name = name_of(strings_of(value["funcname"]));
    into_.functions.insert(name);
    const bool names_relation =
        std::find(kNamesARelation.begin(), kNamesARelation.end(), name.name) != kNamesARelation.end();
    if (names_relation && value.contains("args")) {
      for (const Tree& argument : value["args"]) name_in_string(argument);
    }
    walk(value);
  }

  void cast(const Tree& value) {
    if (value.contains("typeName")) {
      const auto parts = strings_of(value["typeName"].value("names", Tree::array()));
      if (!parts.empty() && parts.back().compare(0, 3, "reg") == 0 && value.contains("arg"))
        name_in_string(value["arg"]);
    }
    walk(value);
  }

  // 'orders'::regclass, nextval('orders_id_seq').
  void name_in_string(const Tree& argument) {
    const Tree* constant = &argument;
    if (constant->contains("TypeCast")) constant = &(*constant)["TypeCast"]["arg"];
    if (!constant->contains("A_Const") || !(*constant)["A_Const"].contains("sval")) return;
    read_words((*constant)["A_Const"]["sval"].value("sval", ""), into_);
  }

  void type(const Tree& value) {
    const Tree& node = value.contains("TypeName") ? value["TypeName"] : value;
    if (node.is_object() && node.contains("names")) {
      auto parts = strings_of(node["names"]);
      // orders.total%TYPE names a column.
      if (node.value("pct_type", false) && parts.size() > 1) {
        into_.columns.insert({{}, parts.back()});
        parts.pop_back();
        into_.relations.insert(name_of(parts));
      }
      into_.types.insert(name_of(parts));
    }
    walk(value);
  }

  // DROP and COMMENT hold names as lists of strings.
  void named_objects(const Tree& value) {
    if (value.is_array()) {
      for (const Tree& one : value) named_objects(one);
    } else if (value.is_object() && value.contains("List")) {
      into_.relations.insert(name_of(strings_of(value["List"].value("items", Tree::array()))));
    } else if (value.is_object() && value.contains("ObjectWithArgs")) {
      into_.functions.insert(name_of(strings_of(value["ObjectWithArgs"].value("objname", Tree::array()))));
    } else if (value.is_object()) {
      for (const char* key : {"objects", "object"}) {
        if (value.contains(key)) named_objects(value[key]);
      }
    }
  }

  void altered_column(const Tree& value) {
    for (const char* key : {"name", "subname"}) {
      if (value.contains(key) && value[key].is_string()) into_.columns.insert({{}, value[key].get<std::string>()});
    }
  }

  References& into_;
  std::vector<Scope> scopes_;
};

// A statement, or an expression, or an assignment as PL/pgSQL keeps them.
void read_fragment(const std::string& text, References& into) {
  for (const std::string& sql : {text, "SELECT " + text}) {
    if (auto tree = parse_sql(sql)) return Statement(into).walk((*tree)["stmts"]);
  }
  for (const std::string_view sign : {":=", "="}) {
    const auto at = text.find(sign);
    if (at == std::string::npos) continue;
    if (auto tree = parse_sql("SELECT " + text.substr(at + sign.size()))) {
      Statement(into).walk((*tree)["stmts"]);
      return read_words(text.substr(0, at), into);
    }
  }
  read_words(text, into);
}

// What stands in the quotes of a statement that is built as text is read as words: it names what it names.
void read_quoted(const Tree& tree, References& into) {
  if (tree.is_object() && tree.contains("sval") && tree["sval"].is_string()) {
    read_words(tree["sval"].get_ref<const std::string&>(), into);
  }
  if (tree.is_structured()) {
    for (const Tree& part : tree) read_quoted(part, into);
  }
}

void read_dynamic(const Tree& expression, std::size_t line, References& into) {
  into.opaque.push_back("EXECUTE in line " + std::to_string(line));
  if (!expression.contains("PLpgSQL_expr")) return;
  const std::string text = expression["PLpgSQL_expr"].value("query", "");
  if (auto tree = parse_sql("SELECT " + text)) {
    read_quoted(*tree, into);
  } else {
    read_words(text, into);
  }
}

// Walks what the PL/pgSQL parser gives: its expressions hold SQL as text. `line` is the statement's.
void walk_plpgsql(const Tree& tree, std::size_t line, References& into) {
  if (tree.is_array()) {
    for (const Tree& one : tree) walk_plpgsql(one, line, into);
    return;
  }
  if (!tree.is_object()) return;
  if (tree.contains("lineno") && tree["lineno"].is_number()) line = tree["lineno"].get<std::size_t>();
  for (const auto& [key, value] : tree.items()) {
    if (key == "PLpgSQL_expr") {
      read_fragment(value.value("query", ""), into);
    } else if (key == "PLpgSQL_type") {
      const std::string type = value.value("typname", "");
      if (type != "UNKNOWN") read_words(type, into);
    } else if (key == "PLpgSQL_stmt_dynexecute" || key == "PLpgSQL_stmt_dynfors") {
      const std::size_t here = value.value("lineno", line);
      if (value.contains("query")) read_dynamic(value["query"], here, into);
      walk_plpgsql(value, here, into);
    } else if (key == "dynquery") {
      read_dynamic(value, line, into);
      walk_plpgsql(value, line, into);
    } else {
      walk_plpgsql(value, line, into);
    }
  }
}

}  // namespace

void References::merge(const References& other) {
  relations.insert(other.relations.begin(), other.relations.end());
  columns.insert(other.columns.begin(), other.columns.end());
  functions.insert(other.functions.begin(), other.functions.end());
  types.insert(other.types.begin(), other.types.end());
  opaque.insert(opaque.end(), other.opaque.begin(), other.opaque.end());
}

References references_of_sql(std::string_view sql) {
  References found;
  const std::string text(sql);
  if (auto tree = parse_sql(text)) {
    Statement(found).walk((*tree)["stmts"]);
  } else {
    read_words(text, found);
  }
  return found;
}

References references_of_function(std::string_view create_function, std::string_view language) {
  const std::string text(create_function);
  References found;
  auto create = parse_sql(text);
  std::string body;
  if (create) {
    Statement(found).walk((*create)["stmts"]);  // arguments, result, and a body in standard form
    const Tree& statement = (*create)["stmts"][0]["stmt"];
    const Tree function = statement.value("CreateFunctionStmt", Tree::object());
    for (const Tree& option : function.value("options", Tree::array())) {
      const Tree element = option.value("DefElem", Tree::object());
      if (element.value("defname", "") != "as" || !element.contains("arg")) continue;
      const auto parts = strings_of(element["arg"].value("List", Tree::object()).value("items", Tree::array()));
      if (!parts.empty()) body = parts[0];
    }
  } else {
    body = text;
  }
  if (language == "sql") {
    found.merge(references_of_sql(body));
  } else if (language != "plpgsql") {
    found.opaque.push_back("written in " + std::string(language));
    read_words(body, found);
  } else if (auto tree = parse_plpgsql(text)) {
    walk_plpgsql(*tree, 1, found);
  } else {
    read_words(body, found, true);
  }
  return found;
}

}  // namespace segue::sql
