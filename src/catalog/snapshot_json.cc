#include "catalog/snapshot_json.h"

#include "base/json.h"

namespace segue::catalog {
namespace {

constexpr int kFormat = 1;

tl::unexpected<Error> not_a_snapshot(const std::string& where, const std::string& why) {
  return usage_error("this is not a snapshot of a catalog: " + why, "write one with: segue fingerprint --snapshot FILE",
                     where);
}

bool is_text(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_string();
}

}  // namespace

Json to_json(const Snapshot& snapshot) {
  Json objects = Json::array();
  for (const auto& [key, object] : snapshot.objects) {
    Json one = {{"kind", object.kind}, {"name", object.name}};
    if (!object.of.empty()) one["of"] = object.of;
    for (const auto& [attribute, value] : object.attributes) one["attributes"][attribute] = value;
    objects.push_back(std::move(one));
  }
  return {{"segue_snapshot", kFormat}, {"server_version", snapshot.server_version}, {"objects", std::move(objects)}};
}

Result<Snapshot> snapshot_from_json(const Json& json, const std::string& where) {
  if (!json.is_object() || !json.contains("segue_snapshot")) return not_a_snapshot(where, "no key segue_snapshot");
  if (json["segue_snapshot"] != kFormat) return not_a_snapshot(where, "made by another version of segue");
  if (!json.contains("server_version") || !json["server_version"].is_number_integer()) {
    return not_a_snapshot(where, "no server_version");
  }
  if (!json.contains("objects") || !json["objects"].is_array()) return not_a_snapshot(where, "no list of objects");

  Snapshot snapshot;
  snapshot.server_version = json["server_version"].get<int>();
  for (const Json& one : json["objects"]) {
    if (!is_text(one, "kind") || !is_text(one, "name")) return not_a_snapshot(where, "an object without kind or name");
    Object object;
    object.kind = one["kind"].get<std::string>();
    object.name = one["name"].get<std::string>();
    if (is_text(one, "of")) object.of = one["of"].get<std::string>();
    if (one.contains("attributes")) {
      for (const auto& [attribute, value] : one["attributes"].items()) {
        if (!value.is_string()) return not_a_snapshot(where, "attribute " + attribute + " of " + object.name);
        object.attributes.emplace(attribute, value.get<std::string>());
      }
    }
    snapshot.add(std::move(object));
  }
  return snapshot;
}

}  // namespace segue::catalog
