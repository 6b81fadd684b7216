#include "lint/schema.h"

#include <algorithm>

namespace segue::lint {
namespace {

template <class List>
auto* find_named(List& list, std::string_view name) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& each) { return each.name == name; });
  return found == list.end() ? nullptr : &*found;
}

bool contains(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

const Column* Table::column(std::string_view name) const {
  return find_named(columns, name);
}
Column* Table::column(std::string_view name) {
  return find_named(columns, name);
}
const Constraint* Table::constraint(std::string_view name) const {
  return find_named(constraints, name);
}
const Index* Table::index(std::string_view name) const {
  return find_named(indexes, name);
}

std::string Schema::key(const QualifiedName& name) {
  return name.schema.empty() || name.schema == "public" ? name.name : name.schema + "." + name.name;
}

template <class Map>
auto* Schema::entry_of(Map& map, const QualifiedName& name, const std::vector<std::string>& search_path) {
  using Entry = decltype(&map.begin()->second);
  const auto look = [&](const std::string& schema) -> Entry {
    const auto found = schema.empty() || schema == "public" ? map.find(std::string_view(name.name))
                                                            : map.find(std::string_view(schema + "." + name.name));
    return found == map.end() ? nullptr : &found->second;
  };
  if (!name.schema.empty()) return look(name.schema);
  for (const std::string& schema : search_path) {
    if (const Entry found = look(schema); found != nullptr) return found;
  }
  return Entry(nullptr);
}

template <class Map>
std::string Schema::found_key(const Map& map, const QualifiedName& name) const {
  if (!name.schema.empty()) return key(name);
  for (const std::string& schema : search_path) {
    std::string candidate = key({schema, name.name});
    if (map.contains(candidate)) return candidate;
  }
  return search_path.empty() ? name.name : key({search_path.front(), name.name});
}

// A new object goes into the first schema of the path, whatever the others hold.
std::string Schema::new_key(const QualifiedName& name) const {
  if (!name.schema.empty() || search_path.empty()) return key(name);
  return key({search_path.front(), name.name});
}

const Table* Schema::find(const QualifiedName& name) const {
  const TableEntry* found = entry_of(tables_, name, search_path);
  return found == nullptr ? nullptr : found->get();
}

Table* Schema::find(const QualifiedName& name) {
  return const_cast<Table*>(std::as_const(*this).find(name));
}

bool Schema::is_same(const QualifiedName& a, const QualifiedName& b) const {
  if (a.name != b.name) return false;
  return a.schema == b.schema || find(a) == find(b);
}

Table& Schema::at(const QualifiedName& name) {
  if (Table* known = find(name); known != nullptr) return *known;
  auto& entry = tables_[found_key(tables_, name)];
  if (!entry) {
    entry = TableEntry(Table{});
    entry->name = name;
  }
  return *entry;
}

Table& Schema::add(Table table) {
  const std::string where = new_key(table.name);
  auto& entry = tables_[where];
  entry = TableEntry(std::move(table));
  for (const Index& index : entry->indexes) index_tables_[key({entry->name.schema, index.name})] = where;
  return *entry;
}

void Schema::remove(const QualifiedName& name) {
  tables_.erase(found_key(tables_, name));
}

void Schema::rename(const QualifiedName& name, const QualifiedName& to) {
  auto node = tables_.extract(found_key(tables_, name));
  if (node.empty()) return;
  const std::string before = node.key();
  const std::string after = key(to);
  node.key() = after;
  node.mapped()->name = to;
  tables_.erase(after);
  tables_.insert(std::move(node));
  for (auto& [index, table] : index_tables_) {
    if (table == before) table = after;
  }
  referrers_.clear();
  for (auto& [from, table] : tables_) {
    for (Constraint& constraint : table->constraints) {
      if (constraint.type != ConstraintType::foreign) continue;
      if (key(constraint.to) == before) constraint.to = to;
      referrers_[found_key(tables_, constraint.to)].push_back(from);
    }
  }
}

void note_index(Schema& schema, const QualifiedName& index, const QualifiedName& table) {
  schema.index_tables_[Schema::key(index)] = schema.found_key(schema.tables_, table);
}

const Table* Schema::table_with_index(const QualifiedName& index) const {
  const std::string* where = entry_of(index_tables_, index, search_path);
  if (where == nullptr) return nullptr;
  const auto table = tables_.find(*where);
  return table == tables_.end() ? nullptr : table->second.get();
}

const Type* Schema::type(const QualifiedName& name) const {
  return entry_of(types_, name, search_path);
}
Type* Schema::type(const QualifiedName& name) {
  return const_cast<Type*>(std::as_const(*this).type(name));
}
void Schema::add_type(const QualifiedName& name, Type type) {
  types_[new_key(name)] = std::move(type);
}
void Schema::remove_type(const QualifiedName& name) {
  types_.erase(found_key(types_, name));
}
void Schema::rename_type(const QualifiedName& name, const QualifiedName& to) {
  const std::string before = found_key(types_, name);
  auto node = types_.extract(before);
  if (node.empty()) return;
  QualifiedName after = to;
  if (after.schema.empty() && before.find('.') != std::string::npos) after.schema = before.substr(0, before.find('.'));
  node.key() = key(after);
  types_.erase(node.key());
  types_.insert(std::move(node));
  for (auto& [unused, table] : tables_) {
    for (Column& column : table->columns) {
      if (column.type == before || column.type == name.name) column.type = key(after);
    }
  }
}

namespace {

// What is known under `schema.`, with its key.
template <class Map>
std::vector<std::string> keys_in(const Map& map, const std::string& schema) {
  std::vector<std::string> keys;
  for (const auto& [key, unused] : map) {
    const bool in_public = schema == "public" && key.find('.') == std::string::npos;
    if (in_public || key.starts_with(schema + ".")) keys.push_back(key);
  }
  return keys;
}

}  // namespace

void Schema::remove_schema(const std::string& schema) {
  for (const std::string& each : keys_in(tables_, schema)) tables_.erase(each);
  for (const std::string& each : keys_in(types_, schema)) types_.erase(each);
  for (const std::string& each : keys_in(functions_, schema)) functions_.erase(each);
}

void Schema::rename_schema(const std::string& schema, const std::string& to) {
  const auto moved = [&](const std::string& each) -> QualifiedName {
    return {to, each.find('.') == std::string::npos ? each : each.substr(schema.size() + 1)};
  };
  const auto name_in = [&](const std::string& each) -> QualifiedName { return {schema, moved(each).name}; };
  for (const std::string& each : keys_in(tables_, schema)) rename(name_in(each), moved(each));
  for (const std::string& each : keys_in(types_, schema)) rename_type(name_in(each), moved(each));
  for (const std::string& each : keys_in(functions_, schema)) {
    auto node = functions_.extract(each);
    node.key() = key(moved(each));
    functions_.insert(std::move(node));
  }
}

const Function* Schema::function(const QualifiedName& name) const {
  return entry_of(functions_, name, search_path);
}
void Schema::add_function(const QualifiedName& name, Function function) {
  functions_[new_key(name)] = std::move(function);
}
void Schema::remove_function(const QualifiedName& name) {
  functions_.erase(found_key(functions_, name));
}

std::optional<bool> Schema::is_volatile(const QualifiedName& name) const {
  const Function* found = function(name);
  return found == nullptr ? std::nullopt : std::optional<bool>(found->is_volatile);
}

std::optional<bool> Schema::is_constrained_domain(const QualifiedName& name) const {
  const Type* found = type(name);
  return found == nullptr ? std::nullopt : std::optional<bool>(found->kind == 'd' && found->constrained);
}

std::optional<std::string> Schema::column_type(const QualifiedName& table, const std::string& column) const {
  const Table* found = find(table);
  const Column* known = found == nullptr ? nullptr : found->column(column);
  return known == nullptr || known->type.empty() ? std::nullopt : std::optional<std::string>(known->type);
}

std::optional<bool> Schema::is_nullable(const QualifiedName& table, const std::string& column) const {
  const Table* found = find(table);
  const Column* known = found == nullptr ? nullptr : found->column(column);
  return known == nullptr || known->type.empty() ? std::nullopt : std::optional<bool>(!known->not_null);
}

bool Schema::proven_not_null(const QualifiedName& table, const std::string& column) const {
  const Table* found = find(table);
  if (found == nullptr) return false;
  return std::any_of(found->constraints.begin(), found->constraints.end(), [&](const Constraint& each) {
    return each.type == ConstraintType::check && each.valid && contains(each.not_null_columns, column);
  });
}

std::optional<bool> Schema::is_checked(const QualifiedName& table, const std::string& column) const {
  const Table* found = find(table);
  if (found == nullptr || !found->complete) return std::nullopt;
  return std::any_of(found->constraints.begin(), found->constraints.end(), [&](const Constraint& each) {
    return (each.type == ConstraintType::check || each.type == ConstraintType::foreign) &&
           contains(each.columns, column);
  });
}

void Schema::add_constraint(Table& table, Constraint constraint) {
  if (constraint.type == ConstraintType::foreign) {
    auto& list = referrers_[found_key(tables_, constraint.to)];
    const std::string from = found_key(tables_, table.name);
    if (!contains(list, from)) list.push_back(from);
  }
  table.constraints.push_back(std::move(constraint));
}

std::vector<const Table*> Schema::views_that_read(const Table& table, std::string_view column) const {
  std::vector<const Table*> found;
  for (const std::string& view_key : reading_views) {
    const auto view = tables_.find(view_key);
    if (view == tables_.end() || view->second.get() == &table) continue;
    const bool reads = std::any_of(view->second->reads.begin(), view->second->reads.end(), [&](const auto& each) {
      return (column.empty() || each.second == column) && find(each.first) == &table;
    });
    if (reads) found.push_back(view->second.get());
  }
  return found;
}

std::vector<QualifiedName> Schema::readers(const QualifiedName& table, const std::string& column) const {
  const Table* found = find(table);
  std::vector<QualifiedName> names;
  if (found == nullptr) return names;
  for (const Table* view : views_that_read(*found, column)) names.push_back(view->name);
  return names;
}

std::vector<QualifiedName> Schema::referencing(const QualifiedName& table, const std::string& column) const {
  const Table* target = find(table);
  std::vector<QualifiedName> found;
  const auto candidates = target == nullptr ? referrers_.end() : referrers_.find(found_key(tables_, table));
  if (candidates == referrers_.end()) return found;
  for (const std::string& candidate : candidates->second) {
    const auto other = tables_.find(candidate);
    if (other == tables_.end() || other->second.get() == target) continue;
    const auto& constraints = other->second->constraints;
    const bool refers = std::any_of(constraints.begin(), constraints.end(), [&](const Constraint& each) {
      return each.type == ConstraintType::foreign && is_same(each.to, table) &&
             (column.empty() || contains(each.to_columns, column));
    });
    if (refers) found.push_back(other->second->name);
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<QualifiedName> Schema::referenced(const QualifiedName& table, const std::string& of) const {
  const Table* found = find(table);
  std::vector<QualifiedName> names;
  if (found == nullptr) return names;
  for (const Constraint& each : found->constraints) {
    if (each.type != ConstraintType::foreign) continue;
    if (!of.empty() && each.name != of && !contains(each.columns, of)) continue;
    if (is_same(each.to, table)) continue;
    if (std::find(names.begin(), names.end(), each.to) == names.end()) names.push_back(each.to);
  }
  return names;
}

std::vector<QualifiedName> Schema::partitions(const QualifiedName& table) const {
  const Table* parent = find(table);
  std::vector<QualifiedName> found;
  if (parent == nullptr || parent->kind != 'p') return found;
  for (const auto& [unused, other] : tables_) {
    if (other->parent && find(*other->parent) == parent) found.push_back(other->name);
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<QualifiedName> Schema::children(const QualifiedName& table) const {
  const Table* parent = find(table);
  std::vector<QualifiedName> found;
  if (parent == nullptr || (parent->kind != 'p' && !parent->has_children)) return found;
  for (const auto& [unused, other] : tables_) {
    if (other->parent && other.get() != parent && find(*other->parent) == parent) found.push_back(other->name);
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::optional<QualifiedName> Schema::default_partition(const QualifiedName& table) const {
  const Table* parent = find(table);
  if (parent == nullptr) return std::nullopt;
  for (const auto& [unused, other] : tables_) {
    if (other->is_default_partition && other->parent && find(*other->parent) == parent) return other->name;
  }
  return std::nullopt;
}

std::optional<bool> Schema::is_partitioned(const QualifiedName& table) const {
  const Table* found = find(table);
  if (found == nullptr || !(found->complete || found->kind == 'p')) return std::nullopt;
  return found->kind == 'p';
}

std::optional<QualifiedName> Schema::table_of_index(const QualifiedName& index) const {
  const Table* found = table_with_index(index);
  return found == nullptr ? std::nullopt : std::optional<QualifiedName>(found->name);
}

std::vector<QualifiedName> Schema::tables_with_type(const QualifiedName& name) const {
  std::vector<QualifiedName> found;
  const std::string short_name = key(name);
  for (const auto& [unused, table] : tables_) {
    const bool uses = std::any_of(table->columns.begin(), table->columns.end(), [&](const Column& column) {
      return column.type == short_name || column.type == name.name;
    });
    if (uses && (table->kind == 'r' || table->kind == 'p')) found.push_back(table->name);
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace segue::lint
