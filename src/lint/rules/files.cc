// Files as a whole: what cannot be read, the order of migrations, acceptances that accept nothing.
#include <fmt/format.h>

#include "base/text.h"
#include "lint/order.h"
#include "lint/rules/help.h"

namespace segue::lint {
namespace {

bool is_partial_unique(const Visit& visit) {
  if (!visit.statement.error || visit.statement.error->message.find("\"where\"") == std::string::npos) {
    if (!visit.statement.error || visit.statement.error->message.find("\"WHERE\"") == std::string::npos) return false;
  }
  const auto& tokens = visit.written().tokens();
  bool table = false;
  bool unique = false;
  for (const sql::Token& token : tokens) {
    if (token.begin + visit.statement.piece.begin >= visit.statement.error->byte) break;
    table = table || visit.written().is(token, "table");
    unique = unique || visit.written().is(token, "unique");
  }
  return table && unique;
}

void partial_unique(Visit& visit) {
  if (!is_partial_unique(visit)) return;
  visit
      .report({visit.statement.error->byte, visit.statement.error->byte + 5},
              "UNIQUE … WHERE is no constraint: the whole statement is a syntax error, and nothing of it is made")
      .safe_form = "CREATE UNIQUE INDEX … ON … (…) WHERE …;  -- a partial unique index, after the table";
}

// What newer versions know and the parser (15) does not.
const char* advice_for(std::string_view text) {
  const std::string words = lower(text);
  if (words.find("not enforced") != std::string::npos || words.find(" virtual") != std::string::npos)
    return "this looks like PostgreSQL 18; look at it by hand";
  if (words.find("not null") != std::string::npos && words.find("not valid") != std::string::npos)
    return "ADD CONSTRAINT … NOT NULL … NOT VALID is PostgreSQL 18: it reads nothing; VALIDATE it in another "
           "transaction";
  if (words.find("repack") != std::string::npos) return "REPACK is PostgreSQL 19";
  if (words.find("json_table") != std::string::npos || words.find("merge") != std::string::npos)
    return "this looks like PostgreSQL 17; look at it by hand";
  return "if the server takes it, accept this with `-- segue:allow cannot-analyse reason` after looking at it by hand";
}

void cannot_analyse(Visit& visit) {
  const auto& error = visit.statement.error;
  if (visit.statement.piece.broken) {
    visit.report("there are bytes in this statement that are no UTF-8, or NUL: PostgreSQL refuses them");
    return;
  }
  if (!error || is_partial_unique(visit)) return;
  visit
      .report({error->byte, std::max(error->byte + 1, std::min(error->byte + 20, visit.statement.piece.end))},
              fmt::format("cannot analyse: {}", error->message))
      .safe_form = std::string("-- ") + advice_for(visit.statement.text);
}

// Versions that go down from file to file, or twice the same.
void out_of_order(Visit& visit) {
  if (&visit.statement != &visit.file.source.statements().front()) return;
  const std::string& version = visit.file.layout.version;
  if (version.empty() || !visit.up()) return;
  const std::size_t slash = visit.file.path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : visit.file.path.substr(0, slash);
  const std::string topic = "version " + folder + "/" + version;
  for (const Remembered& each : visit.remembered(topic)) {
    if (each.detail == visit.file.path) continue;
    visit.report(
        {0, 1},
        fmt::format("version {} is also that of {}: one of them is never run, or runs in an order that nobody chose",
                    version, each.detail));
    break;
  }
  const auto& last = visit.remembered("last version");
  if (!last.empty() && last.back().table == folder && runs_before(version, last.back().column)) {
    visit.report({0, 1},
                 fmt::format("version {} comes after {}: where the later one has run already, this one is left out",
                             version, last.back().column));
  }
  visit.remember(topic, {0, {}, folder, version, visit.file.path});
  visit.remember("last version", {0, {}, folder, version, visit.file.path});
}

}  // namespace

Rules file_rules() {
  return {
      {"cannot-analyse",
       Severity::warning,
       "a statement that cannot be read",
       {"F71"},
       "Its locks and effects are not known. The parser speaks PostgreSQL 15; newer syntax and mistakes end here.",
       "Mend it, or look at it by hand and accept it.",
       {},
       cannot_analyse},
      {"partial-unique-constraint",
       Severity::error,
       "UNIQUE … WHERE inside a table",
       {"C6"},
       "Only an index can be partial. The statement is a syntax error and makes nothing at all.",
       "CREATE UNIQUE INDEX … WHERE after the table.",
       {},
       partial_unique},
      {"migration-out-of-order",
       Severity::warning,
       "migrations out of order",
       {"F75"},
       "Tools run files by version: what comes later with an earlier one is left out or runs in another order "
       "elsewhere.",
       "A version after the last one.",
       {},
       out_of_order},
      {"unused-allow",
       Severity::warning,
       "an acceptance that accepts nothing",
       {"F76"},
       "What was accepted is gone, or the code is misspelled; the next real finding of it would pass unseen.",
       "Take the comment away.",
       {},
       nullptr},
      {"allow-without-reason",
       Severity::note,
       "an acceptance without a reason",
       {"F76"},
       "In a year nobody knows why.",
       "-- segue:allow CODE reason",
       {},
       nullptr},
  };
}

}  // namespace segue::lint
