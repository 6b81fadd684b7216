// What this user may do with the tables that it is about.
#include "pg/capability_question.h"

namespace segue::pg {
namespace {

constexpr Question questions[] = {
    {"schema for the ledger", R"(
       SELECT CASE WHEN coalesce(writes, may) THEN 'fine' ELSE 'stops' END,
         CASE WHEN writes THEN 'schema segue is there'
         WHEN NOT writes THEN 'schema segue is there, but ' || current_user || ' may not write in it'
         WHEN may THEN current_user || ' may make the schema segue'
         ELSE current_user || ' may not create schemas in this database' END
       FROM (SELECT (SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = 'segue') AS writes,
         has_database_privilege(current_database(), 'CREATE') AS may) s)",
     "GRANT CREATE ON DATABASE … TO the user, or have its owner make the schema segue for it"},
    {"tables can be changed", R"(
       SELECT CASE WHEN count(*) FILTER (WHERE NOT mine) = 0 THEN 'fine' WHEN @plan THEN 'stops' ELSE 'warning' END,
         CASE WHEN count(*) FILTER (WHERE NOT mine) = 0
         THEN 'the user has the rights of the owner of all ' || count(*) || ' tables'
         ELSE count(*) FILTER (WHERE NOT mine) || ' of ' || count(*) || ' tables belong to others ('
           || string_agg(DISTINCT owner, ', ') FILTER (WHERE NOT mine) || '): '
           || array_to_string((array_agg(name ORDER BY name) FILTER (WHERE NOT mine))[:5], ', ')
           || CASE WHEN count(*) FILTER (WHERE NOT mine) > 5 THEN ', …' ELSE '' END END
       FROM (SELECT pg_has_role(relowner, 'USAGE') AS mine, pg_get_userbyid(relowner) AS owner, relname AS name
             FROM pg_class WHERE oid = ANY (@changed)) t)",
     "ALTER TABLE needs the owner: run as the owner, or GRANT the owner's role to this user"},
    {"tables can be read", R"(
       SELECT CASE WHEN count(*) = 0 THEN 'fine' ELSE 'warning' END,
         CASE WHEN count(*) = 0 THEN 'all that the plan has to do with' ELSE count(*) || ' cannot be: '
           || array_to_string((array_agg(relname ORDER BY relname))[:5], ', ') END
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.oid = ANY (@tables) AND @plan AND NOT (has_table_privilege(c.oid, 'SELECT')
         AND has_schema_privilege(n.oid, 'USAGE')))",
     "GRANT SELECT ON these tables TO this user: the user's own SQL or a check names them", true},
    {"new objects", R"(
       SELECT CASE WHEN count(*) FILTER (WHERE NOT may) = 0 THEN 'fine' WHEN @plan THEN 'stops' ELSE 'warning' END,
         CASE WHEN count(*) FILTER (WHERE NOT may) = 0 THEN 'indexes, tables and triggers'' functions can be made'
         ELSE current_user || ' may make nothing in schema ' || string_agg(nspname, ', ' ORDER BY nspname)
           FILTER (WHERE NOT may) END
       FROM (SELECT nspname, has_schema_privilege(oid, 'CREATE') AND has_schema_privilege(oid, 'USAGE') AS may
             FROM pg_namespace WHERE oid = ANY (@schemas)) s)",
     "GRANT CREATE, USAGE ON SCHEMA … TO this user: an index needs it too, on the schema of its table"},
    {"foreign keys", R"(
       SELECT CASE WHEN count(*) = 0 THEN 'fine' ELSE 'stops' END,
         CASE WHEN count(*) = 0 THEN 'all tables that new foreign keys refer to may be referred to'
         ELSE 'the user may not refer to ' || string_agg(relname, ', ' ORDER BY relname) END
       FROM pg_class WHERE oid = ANY (@referenced) AND NOT has_table_privilege(oid, 'REFERENCES'))",
     "GRANT REFERENCES ON these tables TO this user", true},
    // Only of tables that are the user's: the others are told above.
    {"row level security", R"(
       SELECT CASE WHEN count(*) = 0 THEN 'fine' WHEN @plan AND bool_or(oid = ANY (@changed)) THEN 'stops'
         ELSE 'warning' END,
         CASE WHEN count(*) = 0 THEN 'no policy hides rows of these tables from this user'
         ELSE 'policies hide rows from this user: ' || array_to_string((array_agg(relname ORDER BY relname))[:5], ', ')
           || ': it could not fill or compare them' END
       FROM pg_class WHERE oid = ANY (@tables) AND (@plan OR pg_has_role(relowner, 'USAGE'))
         AND relrowsecurity AND row_security_active(oid))",
     "ALTER ROLE … BYPASSRLS for this user, or ALTER TABLE … NO FORCE ROW LEVEL SECURITY as its owner"},
    {"temporary tables", R"(
       SELECT 'fine', CASE WHEN has_database_privilege(current_database(), 'TEMP') THEN 'can be made'
         ELSE 'cannot be made by this user: only SQL of your own and the read-back of a backup want them' END)",
     ""},
};

}  // namespace

std::span<const Question> rights_questions() {
  return questions;
}

}  // namespace segue::pg
