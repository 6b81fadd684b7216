// Row level security: policies that do not narrow, that recurse, and views and tables that go round them.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "lint/rules/help.h"

namespace segue::lint {
namespace {

bool overlaps(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  if (a.empty() || b.empty() || contains(a, "public") || contains(b, "public")) return true;
  return std::any_of(a.begin(), a.end(), [&](const std::string& role) { return contains(b, role); });
}

bool same_command(const std::string& a, const std::string& b) {
  return a == b || a == "all" || b == "all" || a.empty() || b.empty();
}

// Permissive policies are OR-ed: beside one that is always true, another one hides nothing.
void never_narrows(Visit& visit) {
  const Policy made = policy_of(visit.tree);
  if (!made.permissive || !visit.up()) return;
  const Table* table = visit.table(visit.tree["table"]);
  if (table == nullptr) return;
  for (const Policy& other : table->policies) {
    if (!other.permissive || other.name == made.name || !same_command(other.command, made.command) ||
        !overlaps(other.roles, made.roles))
      continue;
    if (!other.always_true && !made.always_true) continue;
    Finding& finding = visit.report(
        made.always_true
            ? fmt::format("{} lets everybody through: beside it {} no longer hides anything", shown(made.name),
                          shown(other.name))
            : fmt::format("permissive policies are OR-ed, and {} lets everything through already: {} hides nothing",
                          shown(other.name), shown(made.name)));
    finding.safe_form = "CREATE POLICY … AS RESTRICTIVE …";
    const std::size_t table_at = visit.tree["table"].location();
    const std::string name = visit.spelled(visit.tree["table"]);
    if (!made.always_true)
      finding.fix = Fix{{{{table_at + name.size(), table_at + name.size()}, " AS RESTRICTIVE"}}, {}, false};
    return;
  }
}

void recursion(Visit& visit) {
  const QualifiedName table = sql::name_of_relation(visit.tree["table"]);
  bool found = false;
  for (const char* part : {"qual", "with_check"}) {
    sql::walk(visit.tree[part], [&](Node node) {
      found = found || (sql::is_relation(node) && Schema::key(sql::name_of_relation(node)) == Schema::key(table));
      return !found;
    });
  }
  if (!found) return;
  visit
      .report(
          fmt::format("the policy on {} selects from {}: infinite recursion detected in policy (42P17) on every read",
                      shown(table), shown(table)))
      .safe_form =
      "-- the lookup in a SECURITY DEFINER function with a fixed search_path, owned by a role that bypasses the policy";
}

// Policies of a table that is not there, or with functions that are not.
void missing_function(Visit& visit) {
  if (!visit.schema.from_database || !visit.up()) return;
  for (const char* part : {"qual", "with_check"}) {
    sql::walk(visit.tree[part], [&](Node node) {
      if (!node.is("FuncCall")) return true;
      const QualifiedName name = sql::name_of_list(node["funcname"]);
      // A schema of the database says which functions it has; what stands without one may be PostgreSQL's own.
      if (name.schema.empty() || name.schema == "pg_catalog" || visit.schema.function(name) != nullptr) return true;
      visit.report(visit.name_range(node.location(visit.statement.piece.begin)),
                   fmt::format("there is no function {}: the policy cannot be made, and a table with row level "
                               "security and no policy shows nothing",
                               shown(name)));
      return true;
    });
  }
}

bool has_row_security(const Visit& visit, const QualifiedName& name) {
  const Table* table = visit.schema.find(name);
  return table != nullptr && (table->row_security || !table->policies.empty());
}

void view_bypasses(Visit& visit) {
  if (!visit.up() || sql::is_on(visit.tree["options"], "security_invoker")) return;
  std::string guarded;
  sql::walk(visit.tree["query"], [&](Node node) {
    if (guarded.empty() && sql::is_relation(node) && has_row_security(visit, sql::name_of_relation(node)))
      guarded = Schema::key(sql::name_of_relation(node));
    return true;
  });
  if (guarded.empty()) return;
  Finding& finding = visit.report(visit.name_range(visit.tree["view"].location()),
                                  fmt::format("the view reads {} with its owner's rights: row level security is "
                                              "bypassed for everybody who may read the view",
                                              shown(guarded)));
  finding.object = Schema::key(sql::name_of_relation(visit.tree["view"]));
  if (visit.version() < 15) {
    finding.safe_form =
        "-- before PostgreSQL 15 a view cannot run with its caller's rights: repeat the conditions in it, or grant it "
        "to nobody";
    return;
  }
  finding.safe_form =
      fmt::format("CREATE VIEW {} WITH (security_invoker = true) AS …", visit.spelled(visit.tree["view"]));
  if (!visit.tree["options"].empty() || !visit.tree["aliases"].empty()) return;
  const std::size_t at = visit.tree["view"].location() + visit.spelled(visit.tree["view"]).size();
  finding.fix = Fix{{{{at, at}, " WITH (security_invoker = true)"}}, {}, false};
}

void remember_table(Visit& visit) {
  if (!visit.up() || visit.tree["relation"]["relpersistence"].text() == "t" || visit.tree["partbound"]) return;
  visit.remember("new table",
                 {0, visit.name_range(visit.tree["relation"].location()), Schema::key(target(visit)),
                  visit.tree["relation"]["schemaname"].string(), visit.tree["relation"]["relname"].string()});
}

// New tables without row level security, where the others of their schema have it.
void without_row_security(Run& run) {
  const auto made = run.memory.find("new table");
  if (made == run.memory.end()) return;
  // How many tables of each schema have it, and how many do not.
  std::map<std::string, std::pair<std::size_t, std::size_t>> counted;
  const auto schema_of = [](const std::string& name) { return name.empty() ? std::string("public") : name; };
  for (const auto& [key, other] : run.schema.tables()) {
    if (other->kind != 'r' && other->kind != 'p') continue;
    auto& [guarded, open] = counted[schema_of(other->name.schema)];
    ++(other->row_security ? guarded : open);
  }
  for (const Remembered& each : made->second) {
    const Table* table = run.schema.find({each.column, each.detail});
    if (table == nullptr || table->row_security) continue;
    const auto [guarded, open] = counted[schema_of(each.column)];
    // The table itself is one of those without.
    if (guarded == 0 || guarded + 1 < open) continue;
    Finding& finding = run.report(each.file, each.range,
                                  fmt::format("{} has no row level security, while {} other tables here have it: "
                                              "everybody who may read it reads all of it",
                                              shown(each.table), guarded));
    finding.object = each.table;
    finding.safe_form =
        fmt::format("ALTER TABLE {} ENABLE ROW LEVEL SECURITY;  -- and its policies", quoted_key(each.table));
  }
}

void row_security_change(Visit& visit) {
  if (!is_live_target(visit) || visit.down()) return;
  for (const Action& action : visit.facts.actions) {
    if (action.subtype == "AT_DisableRowSecurity")
      visit.report(action, fmt::format("from here on everybody who may read {} reads all of it", shown(target(visit))));
    if (action.subtype == "AT_EnableRowSecurity") {
      const Table* table = visit.table(visit.tree["relation"]);
      const bool policies = table != nullptr && !table->policies.empty();
      if (table != nullptr && table->row_security) continue;
      visit.report(action,
                   policies
                       ? fmt::format("from here on {} shows each role only what a policy allows", shown(target(visit)))
                       : fmt::format("with no policy yet, {} shows nothing to anybody but its owner from here on",
                                     shown(target(visit))));
    }
  }
}

}  // namespace

Rules policy_rules() {
  return {
      {"policy-never-narrows",
       Severity::error,
       "a permissive policy beside one that is always true",
       {"B2"},
       "Permissive policies are OR-ed. Beside USING (true) another permissive policy hides nothing, soft delete "
       "included.",
       "AS RESTRICTIVE, or replace the open policy.",
       {"CreatePolicyStmt"},
       never_narrows,
       nullptr,
       true},
      {"policy-recursion",
       Severity::error,
       "a policy that selects from its own table",
       {"B3"},
       "Every read of the table fails: infinite recursion detected in policy.",
       "The lookup in a SECURITY DEFINER function.",
       {"CreatePolicyStmt", "AlterPolicyStmt"},
       recursion},
      {"policy-function-missing",
       Severity::error,
       "a policy calls a function that does not exist",
       {"B5", "C4"},
       "The policy is not made, and everybody is locked out.",
       "Make the function first.",
       {"CreatePolicyStmt", "AlterPolicyStmt"},
       missing_function},
      {"view-bypasses-row-security",
       Severity::error,
       "a view that goes round row level security",
       {"B4"},
       "A view reads with the rights of its owner. Without security_invoker, policies of the tables below do not apply "
       "to who reads the view.",
       "WITH (security_invoker = true), PostgreSQL 15.",
       {"ViewStmt"},
       view_bypasses,
       nullptr,
       true},
      {"table-without-row-security",
       Severity::warning,
       "a new table without row level security",
       {"B7"},
       "Beside tables that have it, a new one without it is open to everybody with a grant.",
       "ENABLE ROW LEVEL SECURITY and policies in the same migration.",
       {"CreateStmt"},
       remember_table,
       without_row_security},
      {"row-security-change",
       Severity::note,
       "who sees what changes",
       {"F59"},
       "It is instant, and every role sees other rows from then on.",
       "Compare what each role sees before and after (viewpoints).",
       {"AT_EnableRowSecurity", "AT_DisableRowSecurity"},
       row_security_change},
  };
}

}  // namespace segue::lint
