#include "plan/moves/bodies.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sql/facts.h"
#include "sql/parse.h"

namespace segue::plan {
namespace {

// Functions that the file makes, by their bare names.
std::set<std::string> functions_made(const Draft& draft) {
  std::set<std::string> made;
  for (const auto& move : draft.file.moves) {
    const auto* text = std::get_if<migration::SqlMove>(&move.what);
    if (text == nullptr) continue;
    const sql::Source source(text->sql.value);
    for (const auto& statement : source.statements()) {
      if (!statement.error && statement.tree.is("CreateFunctionStmt")) {
        made.insert(sql::last_name(statement.tree["funcname"]));
      }
    }
  }
  return made;
}

// public.f(integer) is f.
std::string bare_name(const std::string& signature) {
  const auto name = signature.substr(0, signature.find('('));
  const auto dot = name.rfind('.');
  return dot == std::string::npos ? name : name.substr(dot + 1);
}

}  // namespace

void judge_dependents(Draft& draft, const std::vector<catalog::Dependent>& dependents, const std::string& what,
                      const std::vector<std::string>& refused_kinds, const migration::Position& at) {
  const auto made = functions_made(draft);
  for (const auto& one : dependents) {
    if (one.how == catalog::How::recorded) {
      if (std::find(refused_kinds.begin(), refused_kinds.end(), one.kind) == refused_kinds.end()) continue;
      draft.hazard("hangs-on-it", fmt::format("{} {} hangs on {}, which leaves", one.kind, one.name, what), at,
                   "let a migration before this one make it without");
      continue;
    }
    if (made.contains(bare_name(one.name))) continue;
    const auto message =
        fmt::format("{} {} {} {}", one.kind, one.name, one.how == catalog::How::text ? "names" : "may name", what);
    if (one.how == catalog::How::opaque) {
      draft.note("opaque-body", message, at, "its body cannot be read: look whether it does");
    } else {
      draft.hazard("body-follows-name", message + ", which leaves with the contract", at,
                   "a body follows the name: make the function anew in a `sql:` move with `phase: contract`");
    }
  }
}

}  // namespace segue::plan
