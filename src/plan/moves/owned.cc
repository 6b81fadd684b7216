#include "plan/moves/owned.h"

#include <fmt/format.h>

#include "base/text.h"
#include "pg/quote.h"
#include "plan/moves/sync.h"

namespace segue::plan {

std::string give_to_owner(const Table& table, const std::vector<MadeFunction>& functions) {
  std::vector<std::string> names;
  for (const auto& one : functions) names.push_back(pg::quote_literal(fmt::format("{}({})", one.name, one.arguments)));
  return fmt::format("DO {}", quoted_body(fmt::format(R"sql(
DECLARE
  owner oid := (SELECT relowner FROM pg_class WHERE oid = {1}::regclass);
  made regprocedure;
  other oid;
BEGIN
  FOREACH made IN ARRAY ARRAY[{0}]::regprocedure[] LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO %I', made, pg_get_userbyid(owner));
    FOR other IN SELECT DISTINCT a.grantee FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                 WHERE p.oid = made AND a.grantee <> owner LOOP
      EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s', made,
                     CASE other WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(other)) END);
    END LOOP;
  END LOOP;
  IF to_regclass('segue.resync') IS NOT NULL AND pg_get_userbyid(owner) <> current_user THEN
    EXECUTE format('GRANT USAGE ON SCHEMA segue TO %I', pg_get_userbyid(owner));
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON segue.resync TO %I', pg_get_userbyid(owner));
  END IF;
END
)sql",
                                                      join(names, ", "), pg::quote_literal(table.quoted()))));
}

std::string definer(const std::string& name, const std::string& arguments, const std::string& returns,
                    const std::string& body, const std::string& settings) {
  return fmt::format(
      "CREATE FUNCTION {}({}){} LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp{} AS {}", name,
      arguments, returns.empty() ? "" : " RETURNS " + returns, settings.empty() ? "" : " " + settings,
      quoted_body(body));
}

std::vector<std::string> drop_texts(const std::vector<MadeFunction>& functions) {
  std::vector<std::string> sql;
  for (auto one = functions.rbegin(); one != functions.rend(); ++one) {
    sql.push_back(fmt::format("DROP FUNCTION {}({})", one->name, one->arguments));
  }
  return sql;
}

std::string notes_to_look_at(const std::string& sync) {
  return fmt::format(R"sql(
    SELECT r.id, r.source, r.old_row, r.new_row, r.xid, r.seen FROM segue.resync r
    JOIN (SELECT n.id FROM segue.resync n WHERE n.sync = {} ORDER BY n.at LIMIT segue_most * 10) few ON few.id = r.id
    WHERE r.xid IS DISTINCT FROM pg_current_xact_id_if_assigned()
      AND (r.seen IS NULL OR r.seen <= pg_snapshot_xmin(pg_current_snapshot())) AND (r.source > 0 OR segue_most > 10)
    ORDER BY r.at LIMIT segue_most FOR UPDATE OF r SKIP LOCKED)sql",
                     pg::quote_literal(sync));
}

std::string note_looked_at(const std::string& wrong) {
  return fmt::format(R"sql(
      IF segue_note.seen IS NULL THEN
        UPDATE segue.resync SET seen = pg_snapshot_xmax(pg_current_snapshot()), at = clock_timestamp()
        WHERE id = segue_note.id;
      ELSIF NOT {}
        AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid <> pg_backend_pid() AND a.backend_xmin IS NOT NULL
                        AND coalesce(a.backend_type, '') NOT IN ('walsender', 'autovacuum worker')
                        AND age(a.backend_xmin) >= age(segue_note.xid::xid))
        AND NOT EXISTS (SELECT FROM pg_prepared_xacts p WHERE p.database = current_database()) THEN
        DELETE FROM segue.resync WHERE id = segue_note.id;
      ELSE
        UPDATE segue.resync SET at = clock_timestamp() WHERE id = segue_note.id;
      END IF;
    EXCEPTION WHEN others THEN
      UPDATE segue.resync SET at = clock_timestamp() WHERE id = segue_note.id;)sql",
                     wrong);
}

std::string notes_left(const std::string& sync) {
  return fmt::format("(SELECT count(*) FROM (SELECT FROM segue.resync r WHERE r.sync = {} LIMIT segue_most) r)",
                     pg::quote_literal(sync));
}

std::string nobody_elses(const std::string& table) {
  return fmt::format("DO {}", quoted_body(fmt::format(R"sql(
DECLARE
  other oid;
BEGIN
  FOR other IN SELECT DISTINCT a.grantee FROM pg_class c, aclexplode(c.relacl) a
               WHERE c.oid = {0}::regclass AND a.grantee <> c.relowner LOOP
    EXECUTE format('REVOKE ALL ON %s FROM %s', {0}::regclass,
                   CASE other WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(other)) END);
  END LOOP;
END
)sql",
                                                      pg::quote_literal(table))));
}

std::string settled_or_wait(const std::string& settle, const std::string& what) {
  return fmt::format("DO {}", quoted_body(fmt::format(
                                  "\nBEGIN\n  IF {}(100000) > 0 THEN\n    RAISE EXCEPTION USING ERRCODE = "
                                  "'lock_not_available', MESSAGE = {};\n  END IF;\nEND\n",
                                  settle,
                                  pg::quote_literal(what + ": rows are held, or were written by transactions that have "
                                                           "not ended"))));
}

}  // namespace segue::plan
