// The files as wholes: migration.yaml, segue.yaml, .segue-lint.yaml.
#include "migration/form.h"

namespace segue::migration {
namespace {

Type contacts() {
  return list_of(either({scalar(Kind::line), mapping(contact_form())}));
}

const Form& environment_form() {
  static const Form form = {
      "environment",
      "Another database that the migrations go to",
      {
          must("database", scalar(Kind::text), "Its URL, or ${NAME} of an environment variable"),
          may("production", scalar(Kind::boolean), "Whether runs there ask for `--confirm NAME`"),
      },
      {},
      "environments: { staging: { database: \"${STAGING_URL}\" } }\n",
  };
  return form;
}

}  // namespace

const Form& migration_form() {
  static const Form form = {
      "migration.yaml",
      "One migration: what changes, what proves it, what it waits for",
      {
          must("migration", scalar(Kind::identity), "The name that commands take"),
          may("about", scalar(Kind::text), "What it is for, in a sentence"),
          may("requires", list_of(scalar(Kind::identity), 0), "Migrations that must have come as far as contract"),
          must("moves", list_of(mapping(move_form())), "What changes, in the author's order"),
          may("checks", either({scalar(Kind::check_file), list_of(mapping(check_form()), 0)}),
              "What must hold at the boundaries: a list, or a file of queries with `-- check:` lines"),
          may("probes", list_of(mapping(probe_form()), 0), "Queries that may not get slower"),
          may("viewpoints", list_of(mapping(viewpoint_form()), 0), "Users whose sight is compared"),
          may("gates", list_of(mapping(gate_form()), 0), "Stops that wait for people and times"),
          may("hooks", list_of(mapping(hook_form()), 0), "What else is told or changed"),
          may("limits", mapping(limits_form()), limits_form().about),
          may("windows", mapping(windows_form()), windows_form().about),
          may("schedule", mapping(schedule_form()), schedule_form().about),
          may("contacts", contacts(), "Whom to ask"),
      },
      {},
      "migration: multi-client\nabout: Users and work orders belong to client organizations.\nmoves:\n  - sql: "
      "clients.sql\n",
  };
  return form;
}

const Form& project_form() {
  static const Form form = {
      "segue.yaml",
      "The project: the database, and what holds for all its migrations",
      {
          may("database", scalar(Kind::text),
              "Its URL, or ${NAME} of an environment variable; DATABASE_URL unless said"),
          may("production", scalar(Kind::boolean), "Whether runs ask for `--confirm NAME` (false)"),
          may("environments", map_of(Kind::line, either({scalar(Kind::text), mapping(environment_form())})),
              "Other databases by name"),
          may("lint", mapping(lint_form()), lint_form().about),
          may("notify", map_of(Kind::line, anything()), "Who is told of what, by the notifier's name"),
          may("contacts", contacts(), "Whom to ask"),
      },
      {},
      "database: ${DATABASE_URL}\nproduction: false\n",
  };
  return form;
}

const Form& lint_form() {
  static const Form form = {
      "lint",
      "How strict the linter is",
      {
          may("severities", map_of(Kind::line, word({"error", "warning", "note", "off"})),
              "The severity of a finding, by its code"),
          may("postgres", scalar(Kind::version), "The version that the SQL is for"),
          may("in_transaction", scalar(Kind::boolean), "Whether each file runs in one transaction"),
          may("fail_on", word({"error", "warning", "note", "off"}), "The least severity that makes `lint` end with 1"),
          may("applied_up_to", scalar(Kind::line), "Files up to this one are history: read for names, not judged"),
          may("exclude", one_or_more(scalar(Kind::line)), "Files that are not looked at"),
      },
      {},
      "lint: { postgres: 15, in_transaction: true, severities: { rename-column: warning } }\n",
  };
  return form;
}

}  // namespace segue::migration
