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
