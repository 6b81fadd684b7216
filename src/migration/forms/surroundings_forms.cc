// What stands around a migration: hooks, limits, windows, schedule, contacts.
#include "migration/form.h"

namespace segue::migration {
namespace {

const Form& http_form() {
  static const Form form = {
      "http",
      "A request to another system",
      {
          must("url", scalar(Kind::url), "Where to"),
          may("method", word({"GET", "POST", "PUT", "PATCH", "DELETE"}), "POST unless said"),
          may("body", scalar(Kind::text), "The body"),
          may("headers", map_of(Kind::line, scalar(Kind::line)), "Further headers"),
      },
      {},
      "hooks:\n  - { after: switch, http: { url: \"https://search.example/reindex\", method: POST } }\n",
  };
  return form;
}

const Form& redis_form() {
  static const Form form = {
      "redis",
      "Keys of a cache are deleted",
      {
          must("url", scalar(Kind::url), "The server"),
          must("keys", one_or_more(scalar(Kind::line)), "The keys, or patterns of keys"),
      },
      {},
      "hooks:\n  - { after: switch, redis: { url: \"redis://127.0.0.1\", keys: [\"deal:*\"] } }\n",
  };
  return form;
}

const Form& env_form() {
  static const Form form = {
      "env",
      "Variables in an environment file get new names beside the old ones",
      {
          must("file", scalar(Kind::line), "The file"),
          must("rename", map_of(Kind::line, scalar(Kind::line)), "How names begin now, and how they shall begin"),
      },
      {},
      "hooks:\n  - { after: switch, env: { file: .env, rename: { DEAL_: OPPORTUNITY_ } } }\n",
  };
  return form;
}

const Form& map_form() {
  static const Form form = {
      "map",
      "A value in a column becomes another",
      {
          must("table", scalar(Kind::table), "The table"),
          must("column", scalar(Kind::name), "The column"),
          must("from", scalar(Kind::value), "The value now"),
          must("to", scalar(Kind::value), "The value then"),
      },
      {},
      "hooks:\n  - { after: switch, map: { table: audit_log, column: entity, from: deal, to: opportunity } }\n",
  };
  return form;
}

}  // namespace

const Form& hook_form() {
  static const Form form = {
      "hook",
      "Something outside the moves that is told or changed at a boundary",
      {
          may("after", phase(), "The phase after which it runs"),
          may("before", phase(), "The phase before which it runs"),
          may("http", mapping(http_form()), http_form().about),
          may("command", list_of(scalar(Kind::text)), "A program and its arguments"),
          may("redis", mapping(redis_form()), redis_form().about),
          may("reindex", one_or_more(scalar(Kind::name)), "Indexes that are rebuilt concurrently"),
          may("refresh", one_or_more(scalar(Kind::table)), "Materialized views that are refreshed"),
          may("env", mapping(env_form()), env_form().about),
          may("map", mapping(map_form()), map_form().about),
          may("on_failure", word({"stop", "warn"}), "stop the run (the default), or only warn"),
      },
      {
          {Rule::Holds::exactly_one, {"after", "before"}},
          {Rule::Holds::exactly_one, {"http", "command", "redis", "reindex", "refresh", "env", "map"}},
      },
      "hooks:\n  - { after: switch, command: [systemctl, reload, worker], on_failure: warn }\n",
  };
  return form;
}

const Form& limits_form() {
  static const Form form = {
      "limits",
      "What a run may cost before it stops by itself",
      {
          may("warnings", scalar(Kind::allowance), "Warnings, of the rows that warning checks looked at"),
          may("failed_rows", scalar(Kind::allowance), "Rows that could not be carried"),
          may("lock_wait", scalar(Kind::duration),
              "The longest that anyone waits for a lock of segue's: 50ms unless said"),
          may("lock_deadline", scalar(Kind::duration), "How long a lock is tried for: 10min unless said"),
          may("batch", word_or({"auto"}, Kind::positive), "Rows in a batch; auto follows the lock budget"),
          may("workers", word_or({"auto"}, Kind::positive), "Connections that a backfill uses"),
          may("wal_rate", scalar(Kind::size), "Write-ahead log per second"),
          may("replication_lag", scalar(Kind::duration), "How far a standby may fall behind"),
          may("hold_while", scalar(Kind::sql),
              "A query: while it answers true, or more than 0, a backfill holds still"),
          may("hold_file", scalar(Kind::line), "While this file is there, a backfill holds still"),
          may("hours", scalar(Kind::hours), "The part of the day in which a backfill works"),
      },
      {},
      "limits: { warnings: 1%, failed_rows: 0, lock_wait: 50ms, batch: 10000, wal_rate: 20MB }\n",
  };
  return form;
}

const Form& windows_form() {
  static const Form form = {
      "windows",
      "The least times before what cannot be undone as easily",
      {
          may("grace", scalar(Kind::duration), "From the switch to contract: 48h unless said"),
          may("trash", scalar(Kind::duration), "From contract to purge: 48h unless said"),
      },
      {},
      "windows: { grace: 48h, trash: 48h }\n",
  };
  return form;
}

const Form& schedule_form() {
  static const Form form = {
      "schedule",
      "When people are told that it happens; segue starts nothing by itself",
      {
          may("start", scalar(Kind::time), "When it starts"),
          may("duration", scalar(Kind::duration), "How long it takes"),
          may("notices", list_of(scalar(Kind::duration)), "How long before the start notices go out"),
      },
      {{Rule::Holds::needs, {"notices", "start"}}},
      "schedule: { start: 2026-03-01T02:00:00Z, duration: 30min, notices: [24h, 2h, 30min] }\n",
  };
  return form;
}

const Form& contact_form() {
  static const Form form = {
      "contact",
      "Whom to ask",
      {
          must("name", scalar(Kind::line), "The person or team"),
          may("address", scalar(Kind::line), "Mail address or URL"),
          may("role", scalar(Kind::line), "What he answers for"),
      },
      {},
      "contacts: [support@example.org, { name: Ada, role: DBA, address: ada@example.org }]\n",
  };
  return form;
}

}  // namespace segue::migration
