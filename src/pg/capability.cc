#include "pg/capability.h"

#include <fmt/format.h>

#include <algorithm>

#include "pg/capability_question.h"

namespace segue::pg {
namespace {

constexpr int oldest_version = 140000;

// What stands for a word of a question.
using Words = std::vector<std::pair<std::string, std::string>>;

constexpr const char* every_table =
    "SELECT coalesce(string_agg(c.oid::text, ','), '') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'segue') AND "
    "NOT "
    "EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')";

// A name that was written without a schema counts as public: the search_path may mean another.
constexpr const char* named_tables =
    "WITH RECURSIVE t AS (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind "
    "IN "
    "('r', 'p') AND (n.nspname || '.' || c.relname = ANY ($1::text[]) OR 'public.' || c.relname = ANY ($1::text[]) AND "
    "pg_table_is_visible(c.oid)) UNION SELECT i.inhrelid FROM t JOIN pg_inherits i ON i.inhparent = t.oid JOIN "
    "pg_class "
    "c ON c.oid = i.inhrelid AND c.relkind IN ('r', 'p')) SELECT coalesce(string_agg(oid::text, ','), '') FROM t";

constexpr const char* schemas_of_own_tables =
    "SELECT coalesce(string_agg(DISTINCT c.relnamespace::text, ','), '') FROM pg_class c WHERE c.oid = ANY "
    "($1::oid[]) AND pg_has_role(c.relowner, 'USAGE')";

constexpr const char* named_schemas =
    "SELECT coalesce(string_agg(n.oid::text, ','), '') FROM pg_namespace n WHERE n.nspname = ANY ($1::text[]) OR '' = "
    "ANY ($1::text[]) AND n.nspname = current_schema()";

std::string array(const std::string& oids) {
  return "'{" + oids + "}'::oid[]";
}

Result<Words> words_of(Connection& connection, const Scope& scope) {
  Words words = {{"@pid", std::to_string(connection.backend_pid())}, {"@plan", scope.everything ? "false" : "true"}};
  if (scope.everything) {
    const auto all = TRY(connection.value(every_table));
    for (const char* word : {"@tables", "@changed", "@reshaped"}) words.emplace_back(word, array(all));
    for (const char* word : {"@referenced", "@synced"}) words.emplace_back(word, array(""));
    words.emplace_back("@schemas", array(TRY(connection.value(schemas_of_own_tables, {"{" + all + "}"}))));
    return words;
  }
  const std::pair<const char*, const std::vector<std::string>*> lists[] = {{"@tables", &scope.tables},
                                                                           {"@changed", &scope.changed},
                                                                           {"@referenced", &scope.referenced},
                                                                           {"@reshaped", &scope.reshaped},
                                                                           {"@synced", &scope.synced}};
  for (const auto& [word, names] : lists) {
    words.emplace_back(word, array(TRY(connection.value(named_tables, {*names}))));
  }
  words.emplace_back("@schemas", array(TRY(connection.value(named_schemas, {scope.schemas}))));
  return words;
}

std::string put(std::string sql, const Words& words) {
  for (const auto& [word, value] : words) {
    for (auto at = sql.find(word); at != std::string::npos; at = sql.find(word, at + value.size())) {
      sql.replace(at, word.size(), value);
    }
  }
  return sql;
}

Finding::Weight weight_of(std::string_view word) {
  if (word == "stops") return Finding::Weight::stops;
  if (word == "warning") return Finding::Weight::warning;
  return word == "unread" ? Finding::Weight::unread : Finding::Weight::fine;
}

// A question that this user has no right to ask, or that hinders nothing, is no finding; any other must be answered.
Finding unread(const Question& question, const Result<Rows>& answer) {
  const bool harmless = question.fix[0] == '\0' || (!answer && answer.error().sqlstate == "42501");
  Finding finding{question.name, harmless ? Finding::Weight::unread : Finding::Weight::warning};
  finding.message = fmt::format("could not be read: {}", answer ? "no answer" : answer.error().message);
  if (!harmless) finding.fix = "mend what hinders the question, then ask again";
  return finding;
}

Finding answered(const Question& question, const Rows& row) {
  Finding finding{question.name, weight_of(row.text(0, 0)), row.string(0, 1)};
  if (finding.hinders()) finding.fix = row.columns() > 2 && !row.is_null(0, 2) ? row.string(0, 2) : question.fix;
  if (row.columns() > 3 && !row.is_null(0, 3)) finding.count = row.integer(0, 3);
  finding.detail = question.detail && finding.weight == Finding::Weight::fine;
  return finding;
}

Result<Finding> ask(Connection& connection, const Question& question, const Words& words) {
  if (question.only_if != nullptr) {
    const auto worth = connection.query(put(question.only_if, words));
    if (connection.lost()) return tl::unexpected(worth.error());
    if (worth && !worth->empty() && !worth->boolean(0, 0)) {
      return Finding{question.name, Finding::Weight::fine, worth->string(0, 1), "", 0, question.detail};
    }
  }
  const auto answer = connection.query(put(question.sql, words));
  if (connection.lost()) return tl::unexpected(answer.error());
  return answer && !answer->empty() ? answered(question, *answer) : unread(question, answer);
}

}  // namespace

Result<std::vector<Finding>> capabilities(Connection& connection, const Scope& scope) {
  std::vector<Finding> found;
  // The questions are in the words of the versions that will do; the first one asks for the version.
  if (connection.server_version() < oldest_version) {
    found.push_back(TRY(ask(connection, server_questions().front(), {})));
    return found;
  }
  const auto words = TRY(words_of(connection, scope));
  for (const auto theme : {server_questions(), rights_questions(), activity_questions(), wal_questions(),
                           replication_questions(), fallback_questions()}) {
    for (const auto& question : theme) {
      found.push_back(TRY(ask(connection, question, words)));
    }
  }
  return found;
}

Result<Finding> commits_return(Connection& connection) {
  const auto questions = replication_questions();
  const auto question = std::find_if(questions.begin(), questions.end(), [](const auto& one) {
    return std::string_view(one.name) == "synchronous standby";
  });
  return ask(connection, *question, {});
}

}  // namespace segue::pg
