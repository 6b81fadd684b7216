#include "catalog/foreign_keys.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace segue::catalog {
namespace {

constexpr const char* kInScope = R"(
  CASE WHEN cardinality($1::text[]) > 0 THEN n.nspname = ANY ($1::text[])
       ELSE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'segue', 'segue_trash', 'segue_archive') END)";

constexpr const char* kTables = R"(
  SELECT format('%I.%I', n.nspname, c.relname)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND )";

// The names are qualified here and not by regclass, whose answer depends on search_path.
constexpr const char* kEdges = R"(
  SELECT k.conname, format('%I.%I', n.nspname, c.relname), format('%I.%I', tn.nspname, t.relname),
    (SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(k.conkey) WITH ORDINALITY u (number, place)
       JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number),
    (SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(k.confkey) WITH ORDINALITY u (number, place)
       JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number),
    k.confdeltype, k.confupdtype, k.condeferrable, k.condeferred, k.convalidated
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_class t ON t.oid = k.confrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
  WHERE k.contype = 'f' AND k.conparentid = 0 AND )";

std::string action(std::string_view letter) {
  if (letter == "r") return "RESTRICT";
  if (letter == "c") return "CASCADE";
  if (letter == "n") return "SET NULL";
  if (letter == "d") return "SET DEFAULT";
  return "NO ACTION";
}

// Groups of tables that reach each other (Tarjan's algorithm), each after those that it refers to.
class Groups {
 public:
  Groups(const std::vector<std::string>& tables, const std::vector<ForeignKey>& edges) {
    for (const auto& edge : edges) targets_[edge.from].insert(edge.to);
    const std::set<std::string> known(tables.begin(), tables.end());
    for (const auto& table : known) {
      if (!visited_.contains(table)) visit(table, known);
    }
  }

  std::vector<std::vector<std::string>> take() { return std::move(groups_); }

 private:
  struct Visit {
    std::string table;
    std::set<std::string>::const_iterator next;
  };

  // With a stack of its own: a chain of foreign keys may be longer than the program's stack is deep.
  void visit(const std::string& root, const std::set<std::string>& known) {
    std::vector<Visit> path;
    const auto enter = [&](const std::string& table) {
      visited_[table] = lowest_[table] = visited_.size();
      open_.push_back(table);
      is_open_.insert(table);
      path.push_back({table, targets_[table].begin()});
    };
    enter(root);
    while (!path.empty()) {
      Visit& top = path.back();
      if (top.next != targets_[top.table].end()) {
        const std::string& target = *top.next++;
        if (!known.contains(target)) continue;
        if (!visited_.contains(target)) {
          enter(target);
        } else if (is_open_.contains(target)) {
          lowest_[top.table] = std::min(lowest_[top.table], visited_[target]);
        }
        continue;
      }
      const std::string done = top.table;
      path.pop_back();
      if (!path.empty()) lowest_[path.back().table] = std::min(lowest_[path.back().table], lowest_[done]);
      if (lowest_[done] == visited_[done]) close(done);
    }
  }

  void close(const std::string& last) {
    std::vector<std::string> group;
    do {
      group.push_back(open_.back());
      is_open_.erase(open_.back());
      open_.pop_back();
    } while (group.back() != last);
    std::sort(group.begin(), group.end());
    groups_.push_back(std::move(group));
  }

  std::map<std::string, std::set<std::string>> targets_;
  std::map<std::string, std::size_t> visited_, lowest_;
  std::vector<std::string> open_;
  std::set<std::string> is_open_;
  std::vector<std::vector<std::string>> groups_;
};

}  // namespace

ForeignKeyGraph::ForeignKeyGraph(std::vector<std::string> tables, std::vector<ForeignKey> edges)
    : tables_(std::move(tables)), edges_(std::move(edges)) {
  std::sort(tables_.begin(), tables_.end());
  std::sort(edges_.begin(), edges_.end(), [](const ForeignKey& a, const ForeignKey& b) {
    return std::tie(a.from, a.name) < std::tie(b.from, b.name);
  });
}

Result<ForeignKeyGraph> ForeignKeyGraph::load(pg::Connection& connection, const std::vector<std::string>& schemas) {
  auto answers = TRY(pg::Pipeline(connection)
                         .add(std::string(kTables) + kInScope, {schemas})
                         .add(std::string(kEdges) + kInScope, {schemas})
                         .run());
  std::vector<std::string> tables;
  for (std::size_t row = 0; row < answers[0].size(); ++row) tables.push_back(answers[0].string(row, 0));
  std::vector<ForeignKey> edges;
  const pg::Rows& rows = answers[1];
  for (std::size_t row = 0; row < rows.size(); ++row) {
    ForeignKey edge;
    edge.name = rows.string(row, 0);
    edge.from = rows.string(row, 1);
    edge.to = rows.string(row, 2);
    edge.columns = rows.list(row, 3);
    edge.to_columns = rows.list(row, 4);
    edge.on_delete = action(rows.text(row, 5));
    edge.on_update = action(rows.text(row, 6));
    edge.deferrable = rows.boolean(row, 7);
    edge.initially_deferred = rows.boolean(row, 8);
    edge.validated = rows.boolean(row, 9);
    edges.push_back(std::move(edge));
  }
  return ForeignKeyGraph(std::move(tables), std::move(edges));
}

std::vector<ForeignKey> ForeignKeyGraph::from(const std::string& table) const {
  std::vector<ForeignKey> found;
  std::copy_if(edges_.begin(), edges_.end(), std::back_inserter(found), [&](const auto& e) { return e.from == table; });
  return found;
}

std::vector<ForeignKey> ForeignKeyGraph::to(const std::string& table) const {
  std::vector<ForeignKey> found;
  std::copy_if(edges_.begin(), edges_.end(), std::back_inserter(found), [&](const auto& e) { return e.to == table; });
  return found;
}

FillOrder ForeignKeyGraph::fill_order() const {
  FillOrder order;
  for (auto& group : Groups(tables_, edges_).take()) {
    order.tables.insert(order.tables.end(), group.begin(), group.end());
    const bool to_itself = std::any_of(edges_.begin(), edges_.end(), [&](const ForeignKey& edge) {
      return edge.from == group.front() && edge.to == group.front();
    });
    if (group.size() > 1 || to_itself) order.cycles.push_back(std::move(group));
  }
  return order;
}

std::vector<std::string> ForeignKeyGraph::closure(const std::string& root, Towards direction) const {
  std::vector<std::string> found = {root};
  std::set<std::string> seen = {root};
  for (std::size_t next = 0; next < found.size(); ++next) {
    const std::string at = found[next];
    for (const ForeignKey& edge : edges_) {
      const bool outwards = direction == Towards::referenced;
      const std::string &here = outwards ? edge.from : edge.to, &there = outwards ? edge.to : edge.from;
      if (here == at && seen.insert(there).second) found.push_back(there);
    }
  }
  return found;
}

}  // namespace segue::catalog
