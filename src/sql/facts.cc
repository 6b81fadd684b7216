#include "sql/facts.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "base/text.h"
#include "sql/facts_builder.h"

namespace segue::sql {
namespace {

// Functions of PostgreSQL itself and of its usual extensions that are VOLATILE and appear in defaults.
bool is_known_volatile(const std::string& name) {
  static const std::unordered_set<std::string_view> names = {
      "random",
      "clock_timestamp",
      "gen_random_uuid",
      "timeofday",
      "nextval",
      "setval",
      "currval",
      "lastval",
      "uuid_generate_v1",
      "uuid_generate_v1mc",
      "uuid_generate_v4",
      "gen_random_bytes",
      "gen_salt",
      "setseed",
      "random_normal",
      "uuidv4",
      "uuidv7",
      "pg_sleep",
      "txid_current",
      "pg_current_xact_id",
      "nanoid",
      "ulid",
      "cuid",
      "pg_notify",
      "set_config",
  };
  return names.contains(name);
}

// Functions of PostgreSQL that are not VOLATILE and appear in defaults. Anything else is not known.
bool is_known_steady(const std::string& name) {
  static const std::unordered_set<std::string_view> names = {"now",
                                                             "statement_timestamp",
                                                             "transaction_timestamp",
                                                             "lower",
                                                             "upper",
                                                             "concat",
                                                             "md5",
                                                             "length",
                                                             "trim",
                                                             "btrim",
                                                             "ltrim",
                                                             "rtrim",
                                                             "substring",
                                                             "substr",
                                                             "replace",
                                                             "left",
                                                             "right",
                                                             "abs",
                                                             "round",
                                                             "floor",
                                                             "ceil",
                                                             "ceiling",
                                                             "to_char",
                                                             "to_date",
                                                             "to_timestamp",
                                                             "date_trunc",
                                                             "date_part",
                                                             "extract",
                                                             "make_date",
                                                             "make_interval",
                                                             "make_timestamp",
                                                             "jsonb_build_object",
                                                             "jsonb_build_array",
                                                             "json_build_object",
                                                             "json_build_array",
                                                             "to_jsonb",
                                                             "to_json",
                                                             "array_fill",
                                                             "current_setting",
                                                             "current_user",
                                                             "session_user",
                                                             "encode",
                                                             "decode",
                                                             "coalesce",
                                                             "age",
                                                             "timezone",
                                                             "uuid_nil",
                                                             "format",
                                                             "concat_ws",
                                                             "int4range",
                                                             "int8range",
                                                             "numrange",
                                                             "tsrange",
                                                             "tstzrange",
                                                             "daterange",
                                                             "string_to_array",
                                                             "array_append",
                                                             "power",
                                                             "sqrt",
                                                             "row_to_json",
                                                             "to_tsvector",
                                                             "hashtext",
                                                             "chr",
                                                             "ascii",
                                                             "lpad",
                                                             "rpad",
                                                             "initcap",
                                                             "reverse",
                                                             "repeat",
                                                             "split_part",
                                                             "array_to_string",
                                                             "inet_client_addr",
                                                             "pg_backend_pid",
                                                             "date",
                                                             "current_date",
                                                             "current_schema",
                                                             "sha256",
                                                             "digest"};
  return names.contains(name);
}

}  // namespace

std::string_view name_of(Role role) {
  constexpr std::array<std::string_view, 6> names = {"creates", "alters", "drops", "reads", "writes", "refers"};
  return names[static_cast<std::size_t>(role)];
}

const Touched* Facts::first(Role role) const {
  const auto found =
      std::find_if(objects.begin(), objects.end(), [&](const Touched& each) { return each.role == role; });
  return found == objects.end() ? nullptr : &*found;
}

QualifiedName name_of_relation(Node range_var) {
  return {range_var["schemaname"].string(), range_var["relname"].string()};
}

bool is_relation(Node node) {
  return node.is("RangeVar") || (node.tag().empty() && node["relname"] && node["relpersistence"]);
}

QualifiedName name_of_list(Node list) {
  const std::vector<std::string> names = names_of(list);
  if (names.empty()) return {};
  return {names.size() > 1 ? names[names.size() - 2] : std::string(), names.back()};
}

std::optional<bool> is_volatile_expression(Node expression, const Knowledge& knowledge) {
  bool is_volatile = false;
  bool known = true;
  walk(expression, [&](Node node) {
    if (!node.is("FuncCall")) return true;
    const QualifiedName name = name_of_list(node["funcname"]);
    if (const auto told = knowledge.is_volatile(name)) {
      is_volatile = is_volatile || *told;
    } else if (is_known_volatile(name.name)) {
      is_volatile = true;
    } else if (!is_known_steady(name.name)) {
      known = false;
    }
    return true;
  });
  if (is_volatile) return true;
  return known ? std::optional<bool>(false) : std::nullopt;
}

Touched& FactsBuilder::touch(std::string kind, QualifiedName name, Role role, Lock lock) {
  if (role == Role::creates) made_.insert(name);
  facts.objects.push_back({std::move(kind), std::move(name), {}, role, lock, false, false});
  return facts.objects.back();
}

void FactsBuilder::reads(Node below, Lock lock) {
  std::vector<std::string_view> common;
  std::vector<QualifiedName> seen;
  walk(below, [&](Node node) {
    if (node.is("CommonTableExpr")) common.push_back(node["ctename"].text());
    if (!is_relation(node)) return true;
    QualifiedName name = name_of_relation(node);
    if (std::find(seen.begin(), seen.end(), name) == seen.end()) seen.push_back(std::move(name));
    return true;
  });
  for (QualifiedName& name : seen) {
    const bool is_common = name.schema.empty() && std::find(common.begin(), common.end(), name.name) != common.end();
    if (!is_common) touch("table", std::move(name), Role::reads, lock);
  }
}

void FactsBuilder::refers(Node foreign_key, bool scans) {
  Touched& to = touch("table", name_of_relation(foreign_key["pktable"]), Role::refers, Lock::share_row_exclusive);
  to.scans = scans;
}

Facts FactsBuilder::finish() {
  for (const Touched& object : facts.objects) {
    if (object.role == Role::creates) continue;
    // A table that the statement itself makes stops nobody.
    if (made_.contains(object.name)) continue;
    facts.lock = std::max(facts.lock, object.lock);
    facts.scans = facts.scans || object.scans;
    facts.rewrites = facts.rewrites || object.rewrites;
  }
  facts.blocks = std::max(facts.blocks, blocks_of(facts.lock));
  return std::move(facts);
}

Facts facts_of(const Statement& statement, ServerVersion version, const Knowledge& knowledge) {
  FactsBuilder builder(statement, version, knowledge);
  if (!statement.tree) {
    builder.is(Kind::unknown, "");
    builder.facts.transactional = true;
    builder.facts.reversible = false;
    builder.unsure("what a statement does that cannot be parsed");
    return builder.finish();
  }
  const bool known = row_facts(builder) || create_facts(builder) || alter_table_facts(builder) ||
                     alter_facts(builder) || drop_facts(builder) || upkeep_facts(builder);
  if (!known) builder.is(Kind::other, std::string(statement.tree.tag()));
  return builder.finish();
}

std::string object_word(std::string_view object_type) {
  if (object_type == "OBJECT_MATVIEW") return "materialized view";
  if (object_type == "OBJECT_TABCONSTRAINT") return "constraint";
  if (object_type == "OBJECT_DOMCONSTRAINT") return "domain constraint";
  if (object_type == "OBJECT_STATISTIC_EXT") return "statistics";
  if (object_type == "OBJECT_FOREIGN_SERVER") return "server";
  std::string word = lower(object_type.substr(object_type.starts_with("OBJECT_") ? 7 : 0));
  std::replace(word.begin(), word.end(), '_', ' ');
  return word;
}

Node option(Node list, std::string_view name) {
  for (const Node element : list) {
    if (element["defname"].text() == name) return element;
  }
  return Node();
}

bool is_on(Node list, std::string_view name) {
  const Node found = option(list, name);
  if (!found) return false;
  const Node value = found["arg"];
  if (!value) return true;
  const std::string text = lower(value.text());
  if (value.is("Integer")) return value.number() != 0;
  if (value.is("Boolean")) return value["boolval"].truth();
  return text == "true" || text == "on" || text == "1";
}

}  // namespace segue::sql
