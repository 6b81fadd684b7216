#include "traffic/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "pg/quote.h"
#include "traffic/expectation.h"

namespace segue::traffic {
namespace {

constexpr std::size_t most_findings = 1000;
constexpr std::string_view undefined_table = "42P01";

// How one journaled table is asked for.
struct Question {
  std::string query, kept;  // names of prepared statements; empty: none
  std::string kept_sql;     // prepared when the first row is missing
  std::set<std::string> ignore;
  std::string where;
  bool own = false;  // made from the journal's names, not said by the file
};

class Checker {
 public:
  Checker(const File& file, pg::Connection& connection) : file_(file), connection_(connection) {}

  Result<CheckReport> check(const JournalSummary& journal) {
    report_.writes = journal.writes;
    report_.acknowledged = journal.acknowledged;
    report_.failed = journal.failed;
    report_.unknown = journal.unknown;
    report_.unnamed = journal.unnamed;
    for (const auto& expected : journal.expectations) columns_of(expected);
    for (const auto& expected : journal.expectations) TRY(check_key(expected));
    return std::move(report_);
  }

 private:
  void columns_of(const Expectation& expected) {
    auto& columns = columns_[expected.table];
    for (const auto& [column, _] : expected.columns) columns.insert(column);
  }

  Result<std::string> prepare(const std::string& sql, const std::string& where) {
    auto name = fmt::format("check{}", ++prepared_);
    const auto done = connection_.prepare(name, sql);
    if (done) return name;
    Error error = done.error();
    error.where = where;
    error.hint = "the check's SQL is: " + sql;
    return tl::unexpected(error);
  }

  // SELECT columns FROM table WHERE key = $1, with the journal's names.
  std::string own_query(const Expectation& expected) const {
    std::vector<std::string> columns, conditions;
    for (const auto& column : columns_.at(expected.table)) columns.push_back(pg::quote_name(column));
    if (columns.empty()) columns.emplace_back("1");
    for (const auto& [name, _] : expected.key) {
      conditions.push_back(fmt::format("{} = ${}", pg::quote_name(name), conditions.size() + 1));
    }
    const auto dot = expected.table.find('.');
    const auto table = dot == std::string::npos
                           ? pg::quote_name(expected.table)
                           : pg::quote_name(expected.table.substr(0, dot), expected.table.substr(dot + 1));
    return fmt::format("SELECT {} FROM {} WHERE {}", join(columns, ", "), table, join(conditions, " AND "));
  }

  // Keys of other columns need another question, so these belong to its identity.
  Result<Question*> question_for(const Expectation& expected) {
    std::string identity = expected.table;
    for (const auto& [name, _] : expected.key) identity += '\0' + name;
    const auto known = questions_.find(identity);
    if (known != questions_.end()) return &known->second;

    Question question;
    const auto said = std::find_if(file_.checks.begin(), file_.checks.end(),
                                   [&](const auto& check) { return check.first == expected.table; });
    if (said == file_.checks.end()) {
      question.own = true;
      question.where = expected.table;
      question.query = TRY(prepare(own_query(expected), expected.table));
    } else {
      const auto& check = said->second;
      question.where = check.where;
      question.ignore.insert(check.ignore.begin(), check.ignore.end());
      if (!check.query.empty()) question.query = TRY(prepare(check.query, check.where));
      question.kept_sql = check.kept;
    }
    return &questions_.emplace(identity, std::move(question)).first->second;
  }

  Result<pg::Rows> ask(const std::string& prepared, const Expectation& expected, const std::string& where) {
    pg::Params params;
    for (const auto& [_, value] : expected.key) params.emplace_back(value);
    auto rows = connection_.run_prepared(prepared, params);
    if (!rows) {
      Error error = rows.error();
      error.where = where;
      return tl::unexpected(error);
    }
    return std::move(*rows);
  }

  // Where nothing was ever set aside, the table of such rows does not exist.
  Result<bool> may_be_kept(Question& question) {
    if (question.kept_sql.empty()) return !question.kept.empty();
    const auto sql = std::exchange(question.kept_sql, "");
    const auto prepared = prepare(sql, question.where);
    if (!prepared && prepared.error().sqlstate == undefined_table) return false;
    question.kept = TRY(prepared);
    return true;
  }

  Status check_key(const Expectation& expected) {
    ++report_.keys;
    findings_before_ = found_;
    auto* question = TRY(question_for(expected));
    pg::Rows rows;
    if (!question->query.empty()) rows = TRY(ask(question->query, expected, question->where));
    bool kept = false;
    if (rows.empty() && TRY(may_be_kept(*question))) {
      rows = TRY(ask(question->kept, expected, question->where));
      kept = !rows.empty();
    }
    if (rows.empty()) {
      if (!expected.may_be_gone) add({Finding::Kind::lost, expected.table, expected.key, "", {}, {}, ""}, expected);
    } else if (!expected.may_be_there) {
      if (!kept) add({Finding::Kind::undead, expected.table, expected.key, "", {}, {}, ""}, expected);
    } else if (rows.size() > 1) {
      const auto count = fmt::format("{} rows", rows.size());
      add({Finding::Kind::twice, expected.table, expected.key, "", {}, count, ""}, expected);
    } else {
      TRY(check_columns(expected, *question, rows, kept));
    }
    const bool right = findings_before_ == found_;
    ++(right ? report_.right : report_.wrong);
    if (right && kept) ++report_.kept;
    return {};
  }

  Status check_columns(const Expectation& expected, const Question& question, const pg::Rows& rows, bool kept) {
    for (const auto& [column, wanted] : expected.columns) {
      if (wanted.any || question.ignore.contains(column)) continue;
      std::size_t at = 0;
      while (at < rows.columns() && rows.column_name(at) != column) ++at;
      if (at == rows.columns()) {
        if (kept) continue;
        return usage_error(
            fmt::format("the check of `{}` returns no column `{}`, which the journal has", expected.table, column),
            "name it in the query (… AS " + column + "), or list it under `ignore`", question.where);
      }
      const auto actual = rows.maybe(0, at);
      if (std::find(wanted.values.begin(), wanted.values.end(), actual) != wanted.values.end()) continue;
      if (TRY(equal_to_one(rows.column_type(at), actual, wanted.values))) continue;
      add({Finding::Kind::wrong, expected.table, expected.key, column, wanted.values, actual, ""}, expected);
    }
    return {};
  }

  // Equal by the column's own type: 1.50 is 1.5, and one moment is written in many ways.
  Result<bool> equal_to_one(std::uint32_t type, const Value& actual, const std::vector<Value>& wanted) {
    if (!actual) return false;
    auto& name = type_names_[type];
    if (name.empty()) name = TRY(connection_.value("SELECT format_type($1::oid, -1)", {std::to_string(type)}));
    const auto cast = name == "json" ? "jsonb" : name;
    for (const auto& value : wanted) {
      if (!value) continue;
      const auto same =
          connection_.value(fmt::format("SELECT $1::{0} IS NOT DISTINCT FROM $2::{0}", cast), {*actual, *value});
      // What cannot be read as the column's type, or has no equality, is not what stands there.
      if (!same && connection_.lost()) return tl::unexpected(same.error());
      if (same && *same == "t") return true;
    }
    return false;
  }

  void add(Finding finding, const Expectation& expected) {
    ++found_;
    finding.statement = expected.statement;
    if (report_.findings.size() < most_findings) report_.findings.push_back(std::move(finding));
  }

  const File& file_;
  pg::Connection& connection_;
  CheckReport report_;
  std::int64_t found_ = 0, findings_before_ = 0;
  int prepared_ = 0;
  std::map<std::string, std::set<std::string>> columns_;
  std::map<std::string, Question> questions_;
  std::map<std::uint32_t, std::string> type_names_;
};

}  // namespace

Result<CheckReport> check_journals(const File& file, const std::vector<std::string>& journals,
                                   const pg::ConnectOptions& options) {
  const auto summary = TRY(read_journals(journals));
  auto connection = TRY(pg::Connection::open(options));
  return Checker(file, connection).check(summary);
}

}  // namespace segue::traffic
