// What proves a migration: checks, probes, viewpoints; and gates, which wait for people and times.
#include "migration/form.h"
#include "migration/phase.h"

namespace segue::migration {
namespace {

Type phases() {
  auto words = phase_names();
  words.push_back("each");
  return either({word(words), list_of(phase())});
}

const Form& range_form() {
  static const Form form = {
      "range",
      "The least and the most that a query's one value may be",
      {
          may("min", scalar(Kind::value), "The least"),
          may("max", scalar(Kind::value), "The most"),
      },
      {{Rule::Holds::at_least_one, {"min", "max"}}},
      "expect: { min: 1, max: 40 }\n",
  };
  return form;
}

}  // namespace

const Form& check_form() {
  static const Form form = {
      "check",
      "A query and what it must answer at a boundary",
      {
          must("name", scalar(Kind::line), "What is proved, as a person would say it"),
          may("after", phases(), "The phases after which it is asked; `each` for all"),
          may("before", phases(), "The phases before which it is asked"),
          may("after_rollback", phases(), "The phases after whose undoing it is asked"),
          may("query", scalar(Kind::sql), "The query that `expect` or `same_as` speaks of"),
          may("expect", either({scalar(Kind::value), list_of(scalar(Kind::value)), mapping(range_form())}),
              "The answer: one value, all values row by row, or the least and the most"),
          may("no_rows", scalar(Kind::sql), "A query that must give no row; the rows that it gives are shown"),
          may("same_as", scalar(Kind::sql), "Another query that must give the same rows as `query`"),
          may("unchanged", scalar(Kind::sql),
              "A query whose answer must be what it was before the migration, allowing for journaled writes"),
          may("severity", word({"error", "warning"}), "error stops the run, warning counts towards `limits.warnings`"),
      },
      {
          {Rule::Holds::exactly_one, {"expect", "no_rows", "same_as", "unchanged"}},
          {Rule::Holds::at_least_one, {"after", "before", "after_rollback"}},
          {Rule::Holds::needs, {"expect", "query"}},
          {Rule::Holds::needs, {"same_as", "query"}},
          {Rule::Holds::at_most_one, {"query", "no_rows"}},
          {Rule::Holds::at_most_one, {"query", "unchanged"}},
      },
      "checks:\n  - { name: no user without a client, after: backfill, no_rows: \"SELECT id FROM users WHERE client_id "
      "IS NULL\" }\n",
  };
  return form;
}

const Form& probe_form() {
  static const Form form = {
      "probe",
      "A query of the application whose plan and time may not get worse",
      {
          must("name", scalar(Kind::line), "What the query is for"),
          may("before", scalar(Kind::sql), "The query as the old application asks it"),
          may("after", scalar(Kind::sql), "The query as the new application asks it"),
          may("slower_by_at_most", scalar(Kind::percent), "How much slower it may get; medians, under 1 ms buffers"),
          may("at_most", scalar(Kind::duration), "How long it may take"),
          may("uses", one_or_more(scalar(Kind::name)), "The plan must use this index, or any of these"),
          may("no_seq_scan", scalar(Kind::boolean), "The plan may not read a whole table"),
          may("runs", scalar(Kind::positive), "How often it is measured: 5 unless said"),
      },
      {
          {Rule::Holds::at_least_one, {"before", "after"}},
          {Rule::Holds::at_least_one, {"slower_by_at_most", "at_most", "uses", "no_seq_scan"}},
          {Rule::Holds::needs, {"slower_by_at_most", "before", "after"}},
      },
      "probes:\n  - name: pending work orders\n    before: SELECT * FROM work_orders WHERE status = 'pending'\n"
      "    after: SELECT * FROM work_orders WHERE client_id = ${first} AND status = 'pending'\n"
      "    slower_by_at_most: 10%\n    uses: [idx_work_orders_client_status]\n",
  };
  return form;
}

const Form& viewpoint_form() {
  static const Form form = {
      "viewpoint",
      "A database user as the application sees him; what he can see is compared before and after",
      {
          must("name", scalar(Kind::line), "Who it is"),
          must("role", scalar(Kind::name), "The database role"),
          may("claims", map_of(Kind::text, anything()), "The claims of his token, as request.jwt.claims holds them"),
          may("settings", map_of(Kind::name, scalar(Kind::value)), "Further settings: SET LOCAL name = value"),
          may("tables", list_of(scalar(Kind::table)),
              "The tables and views that are looked at; all that change unless said"),
          may("expect", map_of(Kind::table, scalar(Kind::sight)),
              "What he sees afterwards, by table; the same unless said"),
      },
      {},
      "viewpoints:\n  - { name: staff, role: authenticated, claims: { sub: 7, clientId: \"${first}\" }, expect: { "
      "photos: none } }\n",
  };
  return form;
}

const Form& gate_form() {
  static const Form form = {
      "gate",
      "A stop before a phase until what it asks for is there",
      {
          must("before", phase(), "The phase that waits"),
          may("name", scalar(Kind::line), "What `approve` calls it; the phase's name unless said"),
          may("approvals", one_or_more(scalar(Kind::line)), "The roles of people who sign"),
          may("four_eyes", scalar(Kind::boolean), "Whether each signature must be another person's (false)"),
          may("health", scalar(Kind::url), "A URL that must answer 200"),
          may("not_before", scalar(Kind::time), "The earliest time"),
          may("wait", scalar(Kind::duration), "How long after the switch"),
          may("old_shape_unused_for", scalar(Kind::duration), "How long no statement may have used the old shape"),
          may("command", list_of(scalar(Kind::text)), "A program and its arguments that must end with 0"),
      },
      {
          {Rule::Holds::at_least_one, {"approvals", "health", "not_before", "wait", "old_shape_unused_for", "command"}},
          {Rule::Holds::needs, {"four_eyes", "approvals"}},
      },
      "gates:\n  - { before: enforce, approvals: [DBA, Product Owner] }\n  - { before: contract, wait: 30d, "
      "old_shape_unused_for: 7d }\n",
  };
  return form;
}

}  // namespace segue::migration
