#include "migration/scaffold.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/json.h"
#include "migration/kind.h"
#include "migration/project.h"
#include "migration/reading.h"
#include "migration/schema.h"

namespace segue::migration {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view project_text = R"yaml(# yaml-language-server: $schema=./segue.schema.json
# The project: what holds for every migration in migrations/.

# The database that commands work on. ${NAME} is taken from the environment, so that no password stands here.
# --database URL on the command line goes before it.
database: ${DATABASE_URL}

# true: runs ask for --confirm NAME.
production: false

# Further databases by name:
# environments:
#   staging: ${STAGING_URL}

# Whom to ask; shown on the status page.
# contacts: [support@example.org]
)yaml";

constexpr std::string_view migration_text = R"yaml(# yaml-language-server: $schema=../../migration.schema.json
# What changes, what proves it, what it waits for. `segue check {0}` looks at this file without a database,
# `segue plan {0}` shows every statement that would run. Take out what you do not need.

migration: {0}
about: One sentence that says what this is for.

# What changes, in your order. Ordinary SQL stands in a file beside this one, or right here.
moves:
  - sql: {1}
  # Existing rows get values, in batches, while the application writes; rows written meanwhile are right too:
  # - backfill:
  #     table: work_orders
  #     set: {{ search_text: "lower(title)" }}
  #     keep_in_sync: derive
  # Further moves: tenancy, rename, convert, reparent, junction, policies, retire.

# What must be true at a boundary. The phases are
# prepare, expand, backfill, validate, enforce, switch, grace, contract.
# checks:
#   - {{ name: no order without a text, after: backfill, no_rows: "SELECT id FROM work_orders WHERE search_text IS NULL" }}

# Queries of the application that may not get slower.
# probes:
#   - name: pending orders
#     before: SELECT * FROM work_orders WHERE status = 'pending' LIMIT 10
#     after: SELECT * FROM work_orders WHERE status = 'pending' LIMIT 10
#     slower_by_at_most: 10%

# Users whose sight must stay the same.
# viewpoints:
#   - {{ name: staff, role: authenticated, claims: {{ sub: 7 }} }}

# Stops that wait for people and times.
# gates:
#   - {{ before: switch, approvals: [QA Lead] }}
#   - {{ before: contract, wait: 30d }}

# limits: {{ failed_rows: 0, warnings: 1%, lock_wait: 50ms }}
)yaml";

constexpr std::string_view sql_text =
    R"sql(-- Ordinary SQL: what runs in psql runs here, in phase expand unless the move says otherwise.
-- CREATE INDEX becomes CONCURRENTLY; what would scan under a lock that others wait for stops the plan.
)sql";

// Creates the file; it must not be there.
Status write_new(const fs::path& path, std::string_view text, Paths& written) {
  std::error_code error;
  if (fs::exists(path, error))
    return usage_error(fmt::format("{} is there already", shown_path(path)), "it was left as it is");
  std::ofstream output(path, std::ios::binary);
  output << text;
  output.close();
  if (!output) {
    return usage_error(fmt::format("{} cannot be written: {}", shown_path(path), std::strerror(errno)),
                       "look at the folder's rights and the disk");
  }
  written.push_back(path);
  return {};
}

Status make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) return {};
  return usage_error(fmt::format("the folder {} cannot be made: {}", shown_path(path), error.message()),
                     "look at the rights of the folder above it");
}

std::string schema_text(File file) {
  return json_schema(file).dump(2) + "\n";
}

// The number after the highest that any folder begins with, also one without a migration.yaml.
int next_number(const fs::path& migrations) {
  int highest = 0;
  std::error_code error;
  for (fs::directory_iterator at(migrations, error), end; !error && at != end; at.increment(error)) {
    const auto name = at->path().filename().string();
    const auto digits = std::min(name.find_first_not_of("0123456789"), name.size());
    if (digits > 0 && digits < 9) highest = std::max(highest, std::atoi(name.substr(0, digits).c_str()));
  }
  return highest + 1;
}

}  // namespace

Result<Paths> write_project(const fs::path& folder) {
  Paths written;
  TRY(make_folder(folder / "migrations"));
  TRY(write_new(folder / "segue.yaml", project_text, written));
  for (const auto& [name, file] :
       {std::pair{"segue.schema.json", File::project}, {"migration.schema.json", File::migration}}) {
    std::error_code error;
    if (!fs::exists(folder / name, error)) TRY(write_new(folder / name, schema_text(file), written));
  }
  return written;
}

Result<Paths> write_migration(const fs::path& project_folder, std::string_view name) {
  if (const auto refusal = refuse(Kind::identity, name)) {
    return usage_error(fmt::format("{} cannot be a migration's name: {}", shown(name), refusal->why), refusal->hint);
  }
  for (const auto& each : list_migrations(project_folder)) {
    if (each.name == name)
      return usage_error(fmt::format("there is a migration {} already, in {}", shown(name), each.folder_name),
                         "choose another name");
  }
  auto words = std::string(name);
  std::replace(words.begin(), words.end(), '-', '_');
  const auto migrations = project_folder / "migrations";
  const auto folder = migrations / fmt::format("{:04}_{}", next_number(migrations), words);
  const auto sql_name = words + ".sql";
  Paths written;
  TRY(make_folder(folder));
  TRY(write_new(folder / "migration.yaml", fmt::format(fmt::runtime(migration_text), name, sql_name), written));
  TRY(write_new(folder / sql_name, sql_text, written));
  return written;
}

}  // namespace segue::migration
