// Functions: SECURITY DEFINER, and code that cannot be seen through.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "lint/rules/help.h"
#include "sql/embedded.h"

namespace segue::lint {
namespace {

// Of CREATE FUNCTION and of ALTER FUNCTION.
Node options_of(Node tree) {
  return tree.is("AlterFunctionStmt") ? tree["actions"] : tree["options"];
}

QualifiedName function_of(Node tree) {
  return sql::name_of_list(tree.is("AlterFunctionStmt") ? tree["func"]["objname"] : tree["funcname"]);
}

bool is_definer(Node tree) {
  return sql::is_on(options_of(tree), "security");
}

bool sets_search_path(Node tree) {
  for (const Node option : options_of(tree)) {
    if (option["defname"].text() == "set" && option["arg"]["name"].text() == "search_path") return true;
  }
  return false;
}

void without_search_path(Visit& visit) {
  if (!is_definer(visit.tree) || sets_search_path(visit.tree)) return;
  const QualifiedName name = function_of(visit.tree);
  // The function may have its search_path already.
  const Function* known = visit.schema.function(name);
  if (visit.tree.is("AlterFunctionStmt") && known != nullptr &&
      lower(known->definition).find("search_path") != std::string::npos)
    return;
  Finding& finding = visit.report({visit.statement.piece.begin, visit.statement.piece.begin + 6},
                                  fmt::format("{} runs with its owner's rights and its caller's search_path: whoever "
                                              "can make a table or function can be called in its place",
                                              shown(name)));
  finding.object = Schema::key(name);
  finding.safe_form = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp";
  const Node option = sql::option(options_of(visit.tree), "security");
  const std::size_t at = visit.written().find("definer", option.location());
  if (at != std::string::npos)
    finding.fix = Fix{{{{at + 7, at + 7}, " SET search_path = pg_catalog, public, pg_temp"}}, {}, false};
}

void without_caller_check(Visit& visit) {
  if (!is_definer(visit.tree)) return;
  // A trigger function cannot be called by hand.
  if (sql::last_name(visit.tree["returnType"]["names"]) == "trigger" ||
      sql::last_name(visit.tree["returnType"]["names"]) == "event_trigger")
    return;
  const std::string body = lower(visit.statement.text);
  static constexpr const char* asks[] = {"auth.uid",     "auth.role",    "auth.jwt",
                                         "current_user", "session_user", "current_setting",
                                         "request.jwt",  "pg_has_role",  "has_table_privilege",
                                         "has_role",     "is_admin"};
  if (std::any_of(std::begin(asks), std::end(asks),
                  [&](const char* word) { return body.find(word) != std::string::npos; }))
    return;
  visit.remember("definer", {0,
                             {visit.statement.piece.begin, visit.statement.piece.begin + 6},
                             Schema::key(sql::name_of_list(visit.tree["funcname"])),
                             "",
                             ""});
}

// REVOKE EXECUTE ON FUNCTION …, or on all of a schema, FROM PUBLIC.
void remember_revoke(Visit& visit) {
  if (visit.tree["is_grant"].truth()) return;
  const std::string_view on = visit.tree["objtype"].text();
  if (on != "OBJECT_FUNCTION" && on != "OBJECT_ROUTINE" && on != "OBJECT_PROCEDURE") return;
  bool from_public = false;
  for (const Node grantee : visit.tree["grantees"])
    from_public = from_public || grantee["roletype"].text() == "ROLESPEC_PUBLIC";
  if (!from_public) return;
  const bool whole_schema = visit.tree["targtype"].text() == "ACL_TARGET_ALL_IN_SCHEMA";
  for (const Node object : visit.tree["objects"]) {
    visit.remember("revoked", whole_schema
                                  ? Remembered{0, {}, {}, object.string(), {}}
                                  : Remembered{0, {}, Schema::key(sql::name_of_list(object["objname"])), {}, {}});
  }
}

void caller_check(Visit& visit) {
  visit.tree.is("GrantStmt") ? remember_revoke(visit) : without_caller_check(visit);
}

void executable_by_all(Run& run) {
  const auto definers = run.memory.find("definer");
  if (definers == run.memory.end()) return;
  const auto revoked = run.memory.find("revoked");
  for (const Remembered& each : definers->second) {
    const std::string schema = name_of_key(each.table).schema;
    const auto covers = [&](const Remembered& other) {
      return other.file >= each.file && (other.table == each.table ||
                                         (other.table.empty() && other.column == (schema.empty() ? "public" : schema)));
    };
    if (revoked != run.memory.end() && std::any_of(revoked->second.begin(), revoked->second.end(), covers)) continue;
    Finding& finding = run.report(each.file, each.range,
                                  fmt::format("{} runs with its owner's rights and never asks who calls: everybody may "
                                              "execute it unless EXECUTE is revoked",
                                              shown(each.table)));
    finding.object = each.table;
    finding.safe_form =
        "REVOKE EXECUTE ON FUNCTION … FROM PUBLIC;  -- and a check of auth.uid() or current_user in the body";
  }
}

void opaque(Visit& visit) {
  const std::string& text = visit.file.source.text();
  const sql::Range body = sql::quoted_body(text, visit.statement.piece.begin, visit.statement.piece.end);
  if (body.end <= body.begin) {
    // Quotes doubled inside quotes.
    const Node language = sql::option(visit.tree["options"], "language");
    if (visit.tree.is("DoStmt")) visit.report("the block in '…' is not looked into: write it between $$ and $$");
    if (visit.tree.is("CreateFunctionStmt") && lower(language["arg"].text()) == "plpgsql" && !visit.tree["sql_body"] &&
        sql::option(visit.tree["options"], "as")) {
      visit.report("the body in '…' is not looked into: write it between $$ and $$");
    }
    return;
  }
  const sql::Code code = sql::read_code(text, body.begin, body.end);
  for (const sql::Range& execute : code.executes) {
    visit.report(execute, visit.tree.is("DoStmt")
                              ? "EXECUTE builds its statement as it runs: its locks and effects are not known here"
                              : "what EXECUTE runs when the function is called is not known here");
    return;
  }
}

}  // namespace

Rules function_rules() {
  return {
      {"definer-without-search-path",
       Severity::warning,
       "SECURITY DEFINER without a fixed search_path",
       {"B6"},
       "The caller decides which objects unqualified names mean, while the owner's rights apply.",
       "SET search_path on the function.",
       {"CreateFunctionStmt", "AlterFunctionStmt"},
       without_search_path,
       nullptr,
       true},
      {"definer-without-caller-check",
       Severity::warning,
       "SECURITY DEFINER that asks nobody",
       {"B6"},
       "Functions are executable by PUBLIC when they are made.",
       "REVOKE EXECUTE … FROM PUBLIC, and ask in the body who calls.",
       {"CreateFunctionStmt", "GrantStmt"},
       caller_check,
       executable_by_all},
      {"opaque-code",
       Severity::note,
       "code that cannot be seen through",
       {"F71"},
       "A statement built by EXECUTE is not known before it runs.",
       "Plain statements where possible; look at it by hand.",
       {"DoStmt", "CreateFunctionStmt"},
       opaque},
  };
}

}  // namespace segue::lint
