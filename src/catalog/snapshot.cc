#include "catalog/snapshot.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "catalog/kinds/kind.h"
#include "catalog/session.h"

namespace segue::catalog {
namespace {

// What every SELECT of a kind may use; see kinds/kind.h.
constexpr const char* kShared = R"(
  WITH scope AS MATERIALIZED (
    SELECT n.oid, n.nspname, n.nspowner, n.nspacl FROM pg_namespace n
    WHERE CASE WHEN cardinality($1::text[]) > 0 THEN n.nspname = ANY ($1::text[])
               ELSE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' END
      AND n.nspname NOT IN ('segue', 'segue_trash', 'segue_archive')
  ), member AS MATERIALIZED (
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
  ), relation AS MATERIALIZED (
    SELECT c.*, format('%I.%I', s.nspname, c.relname) AS qualified
    FROM pg_class c JOIN scope s ON s.oid = c.relnamespace
    WHERE c.oid NOT IN (SELECT objid FROM member WHERE classid = 'pg_class'::regclass)
  )
)";

// Objects that others drop while the server looks at them make its own functions fail, snapshot or not; the next
// attempt sees them gone. An attempt takes some hundredths of a second, so somebody who drops all the time is
// outlasted.
constexpr int kAttempts = 25;

void read(const Kind& kind, const pg::Rows& rows, Snapshot& into) {
  std::vector<std::string> names;
  for (std::size_t column = 0; column < rows.columns(); ++column) names.push_back(rows.column_name(column));
  for (std::size_t row = 0; row < rows.size(); ++row) {
    Object object;
    object.kind = kind.name;
    for (std::size_t column = 0; column < names.size(); ++column) {
      if (rows.is_null(row, column)) continue;
      std::string value = rows.string(row, column);
      if (names[column] == "kind") {
        object.kind = std::move(value);
      } else if (names[column] == "name") {
        object.name = std::move(value);
      } else if (names[column] == "of") {
        object.of = std::move(value);
      } else {
        object.attributes.emplace(names[column], std::move(value));
      }
    }
    into.add(std::move(object));
  }
}

Result<Snapshot> attempt(pg::Connection& connection, const SnapshotOptions& options) {
  const std::vector<Kind> kinds = all_kinds(connection.server_version());
  SteadySession session(connection);
  pg::Pipeline pipeline(connection);
  std::size_t before = session.enter(pipeline);
  std::vector<const Kind*> asked;
  for (const Kind& kind : kinds) {
    if (!kind.in_schema && !options.schemas.empty()) continue;
    pipeline.add(kShared + kind.select, {options.schemas});
    asked.push_back(&kind);
  }
  pipeline.add("SELECT w FROM unnest($1::text[]) w WHERE NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = w)",
               {options.schemas});
  session.leave(pipeline);

  auto answers = pipeline.run();
  if (!answers) {
    session.recover();
    return tl::unexpected(std::move(answers).error());
  }
  const pg::Rows& unknown = (*answers)[before + asked.size()];
  if (!unknown.empty()) {
    return usage_error("there is no schema \"" + unknown.string(0, 0) + "\"",
                       "name schemas that exist, or none for all", connection.target());
  }
  Snapshot snapshot;
  snapshot.server_version = connection.server_version();
  for (std::size_t i = 0; i < asked.size(); ++i) read(*asked[i], (*answers)[before + i], snapshot);
  return snapshot;
}

// Something was dropped while the server looked at it: cache lookup failed, or a name that leads nowhere any more.
bool worth_another_attempt(const Error& error) {
  static constexpr std::array gone = {"XX000", "42P01", "42703", "42704", "42883", "3F000"};
  return std::find(gone.begin(), gone.end(), error.sqlstate) != gone.end();
}

}  // namespace

const Object* Snapshot::find(const std::string& kind, const std::string& name) const {
  auto found = objects.find({kind, name});
  return found == objects.end() ? nullptr : &found->second;
}

void Snapshot::add(Object object) {
  ObjectKey key{object.kind, object.name};
  auto [place, is_new] = objects.try_emplace(std::move(key));
  if (is_new) {
    place->second = std::move(object);
  } else {
    place->second.attributes.merge(object.attributes);
  }
}

Result<Snapshot> take_snapshot(pg::Connection& connection, const SnapshotOptions& options) {
  for (int i = 1;; ++i) {
    auto snapshot = attempt(connection, options);
    if (snapshot || i == kAttempts || connection.lost() || !worth_another_attempt(snapshot.error())) return snapshot;
  }
}

}  // namespace segue::catalog
