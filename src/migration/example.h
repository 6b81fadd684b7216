// The example of the design, as the tests of this folder read it.
#pragma once

#include <string_view>

namespace segue::migration {

inline constexpr std::string_view example_yaml = R"yaml(# migrations/0003_multi_client/migration.yaml
migration: multi-client
about: Users and work orders belong to client organizations.
moves:
  - sql: clients.sql                       # expand unless `phase:` says otherwise; `undo:` where it cannot be derived
  - tenancy:
      root: clients
      first: { name: Visionwest, code: VISIONWEST, status: active }
      column: client_id
      tables: [users, work_orders]
      unique: { users: [[email]], work_orders: [{ columns: [job_no], from: switch }] }   # per client
      index: { work_orders: [[client_id, status], [client_id, "date DESC"]] }
      displace: { work_orders: owner_user_id }               # a client_id of another meaning stands there
  - backfill:
      table: work_orders
      set: { search_text: "lower(title || ' ' || coalesce(notes, ''))" }
      keep_in_sync: derive                 # rows written meanwhile are right too
checks:
  - { name: no user without a client, after: backfill, no_rows: "SELECT id FROM users WHERE client_id IS NULL" }
  - { name: Visionwest is there, after: expand, query: "SELECT count(*) FROM clients WHERE code = 'VISIONWEST'", expect: 1 }
probes:
  - name: pending work orders
    before: SELECT * FROM work_orders WHERE status = 'pending' ORDER BY date DESC LIMIT 10
    after:  SELECT * FROM work_orders WHERE client_id = ${first} AND status = 'pending' ORDER BY date DESC LIMIT 10
    slower_by_at_most: 10%
    uses: [idx_work_orders_client_status, idx_work_orders_client_date]
viewpoints:
  - { name: staff of Visionwest, role: authenticated, claims: { sub: 7, clientId: "${first}" } }
gates:
  - { before: enforce, approvals: [DBA, Product Owner] }
  - { before: switch, approvals: [QA Lead], health: "http://127.0.0.1:3000/api/health" }
  - { before: contract, wait: 30d, old_shape_unused_for: 7d }
limits: { warnings: 1%, failed_rows: 0, lock_wait: 50ms, batch: 10000 }
)yaml";

inline constexpr std::string_view example_sql =
    "CREATE TABLE clients (id serial PRIMARY KEY, name text, code text UNIQUE);\n";

}  // namespace segue::migration
