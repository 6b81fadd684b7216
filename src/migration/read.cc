#include "migration/read.h"

#include <fmt/format.h>

#include "migration/extract.h"
#include "migration/form.h"
#include "migration/validate.h"

namespace segue::migration {
namespace {

constexpr const char* file_name = "migration.yaml";

void take_checks(const Fields& root, Migration& migration) {
  const auto* node = root.find("checks");
  if (node == nullptr) return;
  if (node->kind != Node::Kind::scalar) {
    for (const auto& fields : root.mappings("checks")) migration.checks.push_back(take_check(fields));
    return;
  }
  const auto name = root.text_of(*node);
  if (!names_sql_file(name)) return;
  if (const auto* file = root.reading().file(name)) migration.checks = take_check_file(*file, root.reading());
}

Migration take_migration(const Fields& root) {
  Migration migration;
  migration.name = root.text("migration");
  migration.about = root.text("about");
  migration.prerequisites = root.texts("requires");
  for (const auto& fields : root.mappings("moves")) migration.moves.push_back({take_move(fields), fields.at()});
  take_checks(root, migration);
  for (const auto& fields : root.mappings("probes")) migration.probes.push_back(take_probe(fields));
  for (const auto& fields : root.mappings("viewpoints")) migration.viewpoints.push_back(take_viewpoint(fields));
  for (const auto& fields : root.mappings("gates")) migration.gates.push_back(take_gate(fields));
  for (const auto& fields : root.mappings("hooks")) migration.hooks.push_back(take_hook(fields));
  migration.limits = take_limits(root.mapping("limits"));
  migration.windows = take_windows(root.mapping("windows"));
  migration.schedule = take_schedule(root.mapping("schedule"));
  migration.contacts = take_contacts(root, "contacts");
  return migration;
}

void check_names(const Migration& migration, Reading& reading) {
  Names checks(reading, "checks"), probes(reading, "probes"), viewpoints(reading, "viewpoints"),
      gates(reading, "gates");
  for (const auto& check : migration.checks) checks.add(check.name);
  for (const auto& probe : migration.probes) probes.add(probe.name);
  for (const auto& viewpoint : migration.viewpoints) viewpoints.add(viewpoint.name);
  for (const auto& gate : migration.gates) gates.add(gate.name);
  Names required(reading, "entries of `requires`");
  for (const auto& name : migration.prerequisites) {
    required.add(name);
    if (name.value != migration.name.value || name.empty()) continue;
    reading.problem("requires-itself", name.at, "a migration cannot require itself", "take it out of `requires`");
  }
}

// ${first} is the key of the first tenant: there must be one.
void check_first(const Migration& migration, Reading& reading) {
  for (const auto& move : migration.moves) {
    if (std::holds_alternative<TenancyMove>(move.what)) return;
  }
  for (const auto& placeholder : reading.placeholders()) {
    if (!placeholder.is_first || placeholder.length == 0) continue;
    reading.problem("placeholder", placeholder.at,
                    "${first} is the key of the first tenant, but no move is a `tenancy`",
                    "write the query that gives the value: ${SELECT id FROM … WHERE …}");
  }
}

}  // namespace

tl::expected<Migration, Problems> read_migration_text(std::string_view text, const std::filesystem::path& folder) {
  Reading reading(folder);
  const Source source(shown_path(folder / file_name), std::string(text));
  reading.add_source(file_name, source.text());
  Problems problems;
  const auto root = parse_yaml(source, problems);
  reading.add(std::move(problems));
  if (!root) return tl::unexpected(reading.take_problems());
  if (root->kind == Node::Kind::empty) {
    reading.problem("empty", {source.shown(), 1, 1}, "the file says nothing",
                    "begin with `migration: NAME` and `moves:`");
    return tl::unexpected(reading.take_problems());
  }
  validate(*root, mapping(migration_form()), "the file", source, reading);
  for (const auto& [key, value] : root->entries) {
    const bool goes_out = key.text == "hooks" || key.text == "gates";
    reading.gather_placeholders(source, value, goes_out ? Reading::Variables::known : Reading::Variables::unknown);
  }
  if (reading.full()) return tl::unexpected(reading.take_problems());
  auto migration = take_migration(Fields(reading, source, &*root));
  check_names(migration, reading);
  check_first(migration, reading);
  migration.folder = folder;
  migration.placeholders = reading.placeholders();
  migration.sources = reading.sources();
  if (auto found = reading.take_problems(); !found.empty()) return tl::unexpected(std::move(found));
  return migration;
}

tl::expected<Migration, Problems> read_migration(const std::filesystem::path& folder) {
  const auto path = folder / file_name;
  auto text = read_bytes(path, {shown_path(path), 0, 0}, file_name);
  if (!text) return tl::unexpected(Problems{std::move(text).error()});
  return read_migration_text(*text, folder);
}

}  // namespace segue::migration
