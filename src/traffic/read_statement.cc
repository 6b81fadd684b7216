#include "traffic/read_statement.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "traffic/read_journal.h"

namespace segue::traffic {
namespace {

const std::vector<std::string> action_keys = {"name", "sql", "params", "rows", "may_fail", "adds_to", "journal"};

Result<std::vector<std::string>> read_sqlstates(const Node& node) {
  std::vector<std::string> states;
  for (const auto& item : TRY(node.items())) {
    const auto state = TRY(item.text());
    const bool right =
        state.size() == 5 && state.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos;
    if (!right) return item.error(fmt::format("`{}` is not an SQLSTATE", state), "five digits or capitals, e.g. 23505");
    states.push_back(state);
  }
  return states;
}

Status read_params(const Node::Members& members, const Node& sql, Scope& scope, Action& action) {
  const auto* params = find(members, "params");
  if (params != nullptr) {
    for (const auto& item : TRY(params->items())) action.params.push_back(TRY(read_generator(item, scope)));
  }
  const auto wanted = highest_placeholder(action.sql);
  if (wanted == action.params.size()) return {};
  return (params == nullptr ? sql : *params)
      .error(fmt::format("the statement has parameters up to ${}, `params` gives {}", wanted, action.params.size()),
             "one generator for each of $1, $2, …");
}

Result<std::size_t> read_adds_to(const Node& node, const File& file) {
  const auto name = TRY(node.text());
  std::vector<std::string> names;
  names.reserve(file.pools.size());
  for (const auto& pool : file.pools) names.push_back(pool.name);
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return node.unknown("pool", name, names);
  return static_cast<std::size_t>(found - names.begin());
}

Result<Action> read_action(const Node& node, const Node::Members& members, Scope& scope) {
  const auto* sql = find(members, "sql");
  if (sql == nullptr) return node.error("a statement needs `sql`");
  Action action;
  if (const auto* name = find(members, "name")) action.name = TRY(name->text());
  action.sql = std::string(trim(TRY(sql->text())));
  while (action.sql.ends_with(';')) action.sql.pop_back();
  if (action.sql.empty()) return sql->error("the statement is empty");
  action.where = sql->where();
  TRY(read_params(members, *sql, scope, action));
  if (const auto* rows = find(members, "rows")) {
    const auto [least, most] = TRY(rows->range(true));
    action.rows = RowRange{least, most};
  }
  if (const auto* may_fail = find(members, "may_fail")) action.may_fail = TRY(read_sqlstates(*may_fail));
  if (const auto* adds_to = find(members, "adds_to")) action.adds_to = TRY(read_adds_to(*adds_to, scope.file));
  if (const auto* journal = find(members, "journal"))
    action.journal = TRY(read_journal(*journal, action.params.size()));
  return action;
}

Status read_transaction(const Node& node, Scope& scope, Statement& statement) {
  for (const auto& item : TRY(node.items())) {
    const auto members = TRY(item.members(action_keys));
    auto action = TRY(read_action(item, members, scope));
    const bool taken = !action.name.empty() &&
                       std::find(scope.actions.begin(), scope.actions.end(), action.name) != scope.actions.end();
    if (taken) return item.error(fmt::format("this transaction has a statement `{}` already", action.name));
    scope.actions.push_back(action.name);
    statement.actions.push_back(std::move(action));
  }
  if (statement.actions.empty()) return node.error("a transaction has at least one statement");
  statement.transaction = true;
  return {};
}

Status read_lets(const Node& node, Scope& scope, Statement& statement) {
  for (const auto& [name, value] : TRY(node.members())) {
    auto generator = TRY(read_generator(value, scope));
    const auto* pick = std::get_if<PoolPick>(&generator.kind);
    scope.lets.push_back(name);
    scope.let_pools.push_back(pick != nullptr && pick->column.empty() ? static_cast<int>(pick->pool) : -1);
    statement.lets.push_back(std::move(generator));
  }
  return {};
}

}  // namespace

Status read_identity(const Node::Members& members, Scope& scope, Identity& identity) {
  if (const auto* role = find(members, "role")) {
    identity.role = TRY(role->text());
    if (identity.role == "none") identity.role.clear();
  }
  if (const auto* claims = find(members, "claims")) {
    const bool none = TRY(claims->members()).empty();
    identity.claims.reset();
    if (!none) identity.claims = TRY(read_json_object(*claims, scope));
  }
  if (const auto* settings = find(members, "settings"))
    identity.settings = TRY(read_named_generators(*settings, scope));
  return {};
}

Result<Statement> read_statement(const Node& node, File& file, const Statement& defaults) {
  auto keys = action_keys;
  keys.insert(keys.end(), {"weight", "transaction", "let", "role", "claims", "settings", "reprepare"});
  const auto members = TRY(node.members(keys));
  Statement statement = defaults;
  Scope scope{file, {}, {}, {}};
  const auto* name = find(members, "name");
  if (name == nullptr) return node.error("a statement needs a `name`");
  statement.name = TRY(name->text());
  if (const auto* weight = find(members, "weight")) statement.weight = TRY(weight->number(0, 1e9));
  if (const auto* reprepare = find(members, "reprepare")) statement.reprepare = TRY(reprepare->truth());
  if (const auto* lets = find(members, "let")) TRY(read_lets(*lets, scope, statement));
  TRY(read_identity(members, scope, statement.identity));

  const auto *transaction = find(members, "transaction"), *sql = find(members, "sql");
  if (transaction == nullptr) {
    statement.actions.push_back(TRY(read_action(node, members, scope)));
    statement.transaction = !statement.identity.empty();
    return statement;
  }
  if (sql != nullptr) return sql->error("either `sql` or `transaction`, not both");
  for (const auto& key : action_keys) {
    const auto* misplaced = find(members, key);
    if (misplaced == nullptr || key == "name") continue;
    return misplaced->error(fmt::format("`{}` belongs to a statement of the transaction, not to the transaction", key));
  }
  TRY(read_transaction(*transaction, scope, statement));
  return statement;
}

}  // namespace segue::traffic
