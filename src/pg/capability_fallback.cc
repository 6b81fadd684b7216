// What is easier with more rights; each has a fallback, so none of it is a finding.
#include "pg/capability_question.h"

namespace segue::pg {
namespace {

constexpr Question questions[] = {
    {"deadlock_timeout", R"(
       SELECT 'fine', CASE WHEN rolsuper THEN 'can be set: autovacuum gives way at once'
         ELSE 'cannot be set by this user: segue waits for a running autovacuum instead of making it give way' END
       FROM pg_roles WHERE rolname = current_user)",
     ""},
    {"event triggers", R"(
       SELECT 'fine', CASE WHEN rolsuper THEN 'can be made'
         ELSE 'not for this user: changes by others are seen by comparing catalogs' END
       FROM pg_roles WHERE rolname = current_user)",
     ""},
    {"recorded statements", R"(
       SELECT 'fine', CASE WHEN NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements')
         THEN 'pg_stat_statements is not installed: usage of the old shape is known only from triggers'
         WHEN NOT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')
         THEN 'pg_stat_statements is there; statements of other users are hidden from this one'
         ELSE 'pg_stat_statements is there and can be read' END)",
     ""},
    {"other sessions", R"(
       SELECT 'fine', CASE WHEN pg_has_role(current_user, 'pg_signal_backend', 'USAGE')
         THEN 'blockers can be seen and, if asked, cancelled'
         WHEN pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') THEN 'blockers can be seen'
         ELSE 'blockers are seen by pid only: their statements need pg_read_all_stats' END)",
     ""},
    {"scratch databases", R"(
       SELECT 'fine', CASE WHEN rolcreatedb OR rolsuper THEN 'can be made on this server'
         ELSE 'not on this server: rehearsals use an embedded one' END
       FROM pg_roles WHERE rolname = current_user)",
     ""},
    {"replica role", R"(
       SELECT 'fine', CASE WHEN rolsuper THEN 'can be set'
         ELSE 'cannot be set: user triggers fire unless a WHEN clause stops them' END
       FROM pg_roles WHERE rolname = current_user)",
     ""},
};

}  // namespace

std::span<const Question> fallback_questions() {
  return questions;
}

}  // namespace segue::pg
