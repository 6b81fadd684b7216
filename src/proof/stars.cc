#include "proof/stars.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "proof/workload.h"
#include "sql/facts.h"
#include "sql/parse.h"
#include "sql/references.h"

namespace segue::proof {
namespace {

using Relations = std::set<sql::QualifiedName>;

// Which tables' columns the output of a query takes as they come.
class Output {
 public:
  Relations of(sql::Node statement) {
    for (const auto cte : statement["withClause"]["ctes"]) ctes_[cte["ctename"].string()] = cte["ctequery"];
    if (statement["larg"]) {
      auto both = of(statement["larg"]);
      both.merge(of(statement["rarg"]));
      return both;
    }
    // The halves of a UNION carry no tag.
    const bool query = statement.tag().empty() || statement.is("SelectStmt");
    if (!query) return of_list(statement["returningList"], statement);
    return of_list(statement["targetList"], statement);
  }

 private:
  // A star by itself means everything below FROM; with a name, what has that name.
  Relations of_list(sql::Node list, sql::Node statement) {
    Relations found;
    for (const auto target : list) {
      const auto fields = target["val"]["fields"];
      if (!fields.back().is("A_Star")) continue;
      const std::string name = fields.size() > 1 ? fields.at(fields.size() - 2)["sval"].string() : "";
      // With UPDATE and DELETE the table itself stands outside of FROM.
      if (statement["relation"]) found.merge(of_source(statement["relation"], name));
      for (const char* field : {"fromClause", "usingClause"}) {
        for (const auto source : statement[field]) found.merge(of_source(source, name));
      }
    }
    return found;
  }

  Relations of_source(sql::Node source, const std::string& wanted) {
    if (source.is("JoinExpr")) {
      auto both = of_source(source["larg"], wanted);
      both.merge(of_source(source["rarg"], wanted));
      return both;
    }
    const std::string alias = source["alias"]["aliasname"].string();
    if (source.is("RangeSubselect")) {
      return wanted.empty() || wanted == alias ? of(source["subquery"]) : Relations();
    }
    const auto name = sql::name_of_relation(source);
    if (name.name.empty() || (!wanted.empty() && wanted != (alias.empty() ? name.name : alias))) return {};
    const auto cte = ctes_.find(name.name);
    if (!name.schema.empty() || cte == ctes_.end()) return {name};
    if (!open_.insert(name.name).second) return {};  // it refers to itself
    auto inside = of(cte->second);
    open_.erase(name.name);
    return inside;
  }

  std::map<std::string, sql::Node> ctes_;
  std::set<std::string> open_;
};

class Reader {
 public:
  Reader(const std::set<std::string>& tables, std::string text) : text_(std::move(text)) {
    for (const auto& table : tables) {
      const auto dot = table.find('.');
      tables_.emplace_back(sql::QualifiedName{table.substr(0, dot), table.substr(dot + 1)}, table);
    }
  }

  std::vector<Star> read() {
    const sql::Source source(text_);
    for (const auto& statement : source.statements()) {
      if (statement.error) {
        read_words(statement.text);
      } else {
        read_tree(statement.tree);
      }
    }
    return found_;
  }

 private:
  void note(const Relations& relations, const char* what) {
    for (const auto& [name, shown] : tables_) {
      const bool there = std::any_of(relations.begin(), relations.end(), [&](const auto& one) {
        return one.name == name.name && (one.schema.empty() || one.schema == name.schema);
      });
      const bool known = std::any_of(found_.begin(), found_.end(),
                                     [&](const auto& one) { return one.table == shown && one.what == what; });
      if (there && !known) found_.push_back({shown, what, text_, "", 0});
    }
  }

  void read_tree(sql::Node tree) {
    if (tree.is("PrepareStmt") || tree.is("DeclareCursorStmt")) return read_tree(tree["query"]);
    if (tree.is("CopyStmt")) {
      if (tree["query"]) return read_tree(tree["query"]);
      if (!tree["attlist"]) note({sql::name_of_relation(tree["relation"])}, "COPY without columns");
      return;
    }
    const bool reads = tree.is("SelectStmt");
    if (!reads && !tree.is("InsertStmt") && !tree.is("UpdateStmt") && !tree.is("DeleteStmt") && !tree.is("MergeStmt")) {
      return;
    }
    note(Output().of(tree), reads ? "SELECT *" : "RETURNING *");
    // What an INSERT takes, and what is compared with a subquery, has to have the right number of columns.
    sql::walk(tree, [&](sql::Node node) {
      if (node.is("InsertStmt")) {
        if (!node["cols"]) note({sql::name_of_relation(node["relation"])}, "INSERT without columns");
        note(Output().of(node["selectStmt"]), "INSERT … SELECT *");
      }
      if (node.is("SubLink") && node["subLinkType"].text() != "EXISTS_SUBLINK") {
        note(Output().of(node["subselect"]), "SELECT *");
      }
      return true;
    });
  }

  void read_words(std::string_view statement) {
    const auto words = sql::references_of_sql(statement);
    const auto text = lower(statement);
    for (const char* star : {"select *", "returning *", ".*"}) {
      if (text.find(star) != std::string::npos) return note(words.relations, "SELECT *");
    }
  }

  std::vector<std::pair<sql::QualifiedName, std::string>> tables_;
  const std::string text_;
  std::vector<Star> found_;
};

// Only these say something of all columns.
bool may_be_star(const std::string& text) {
  const auto folded = lower(text);
  return folded.find('*') != std::string::npos || folded.find("insert") != std::string::npos ||
         folded.find("copy") != std::string::npos || folded.find("table") != std::string::npos;
}

std::vector<std::string> bare_names(const std::set<std::string>& tables) {
  std::vector<std::string> names;
  for (const auto& table : tables) names.push_back(table.substr(table.find('.') + 1));
  return names;
}

Result<std::vector<Star>> in_functions(pg::Connection& connection, const std::set<std::string>& tables) {
  auto names = bare_names(tables);
  for (auto& name : names) name = lower(name);
  const auto rows = TRY(connection.query(
      "SELECT p.oid::regprocedure::text, pg_get_functiondef(p.oid), l.lanname FROM pg_proc p JOIN pg_language l ON "
      "l.oid = p.prolang JOIN pg_namespace n ON n.oid = p.pronamespace WHERE l.lanname IN ('sql', 'plpgsql') AND "
      "p.prokind IN ('f', 'p') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'segue') AND "
      "p.prosrc LIKE '%*%' AND EXISTS (SELECT FROM unnest($1::text[]) name WHERE position(name IN lower(p.prosrc)) > "
      "0) "
      "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype "
      "= 'e') ORDER BY 1",
      {names}));
  std::vector<Star> found;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto body = sql::references_of_function(rows.text(row, 1), rows.text(row, 2));
    for (const auto& table : tables) {
      const auto dot = table.find('.');
      const auto is_it = [&](const sql::QualifiedName& one) {
        return one.name == table.substr(dot + 1) && (one.schema.empty() || one.schema == table.substr(0, dot));
      };
      if (std::none_of(body.relations.begin(), body.relations.end(), is_it)) continue;
      const bool star = std::any_of(body.columns.begin(), body.columns.end(), [&](const auto& column) {
        return column.column == "*" && (column.table.name.empty() || is_it(column.table));
      });
      if (star) found.push_back({table, "SELECT *", rows.string(row, 0), "", 0});
    }
  }
  return found;
}

}  // namespace

std::vector<Star> stars_of(const std::string& statement, const std::set<std::string>& tables) {
  return Reader(tables, statement).read();
}

Result<Stars> find_stars(pg::Connection& connection, const std::set<std::string>& tables) {
  Stars stars;
  if (tables.empty()) {
    stars.readable = true;
    return stars;
  }
  const auto workload = TRY(recorded_statements(connection));
  const auto names = bare_names(tables);
  stars.readable = workload.readable;
  stars.message = workload.message;
  for (const auto& statement : workload.statements) {
    if (!may_be_star(statement.text) || !may_name(statement.text, names)) continue;
    auto found = stars_of(statement.text, tables);
    if (found.empty()) continue;
    found.front().role = statement.role;
    found.front().calls = statement.calls;
    stars.statements.push_back(std::move(found.front()));
  }
  std::stable_sort(stars.statements.begin(), stars.statements.end(),
                   [](const auto& a, const auto& b) { return a.calls > b.calls; });
  stars.functions = TRY(in_functions(connection, tables));
  return stars;
}

}  // namespace segue::proof
