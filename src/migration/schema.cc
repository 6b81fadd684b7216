#include "migration/schema.h"

#include "migration/form.h"

namespace segue::migration {
namespace {

const Form& form_of(File file) {
  return file == File::migration ? migration_form() : file == File::project ? project_form() : lint_form();
}

// The name of a form among $defs.
std::string def_name(const Form& form) {
  auto name = form.name;
  for (char& c : name) c = c == ' ' ? '_' : c;
  return name;
}

Json scalar_schema(Kind kind) {
  const auto with_pattern = [&](Json types) {
    Json schema{{"type", std::move(types)}};
    if (!facts_of(kind).pattern.empty()) schema["pattern"] = facts_of(kind).pattern;
    return schema;
  };
  switch (kind) {
    case Kind::boolean:
      return {{"type", "boolean"}};
    case Kind::count:
      return {{"type", "integer"}, {"minimum", 0}};
    case Kind::positive:
      return {{"type", "integer"}, {"minimum", 1}};
    case Kind::version:
      return with_pattern(Json::array({"integer", "number", "string"}));
    case Kind::allowance:
      return with_pattern(Json::array({"integer", "string"}));
    case Kind::value:
    case Kind::sql:
      return {{"type", {"string", "number", "boolean", "null"}}};
    case Kind::identity:
    case Kind::name:
    case Kind::table:
    case Kind::text:
    case Kind::line:
      // What YAML takes for a number or a boolean is text here.
      return with_pattern(Json::array({"string", "number", "boolean"}));
    default:
      return with_pattern("string");
  }
}

class Schema {
 public:
  Json whole(File file) {
    const auto& form = form_of(file);
    Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", form.name}};
    schema.update(of_form(form));
    if (!defs_.empty()) schema["$defs"] = defs_;
    return schema;
  }

 private:
  Json of_type(const Type& type) {
    switch (type.shape) {
      case Type::Shape::scalar:
        return of_scalar(type);
      case Type::Shape::list: {
        Json schema{{"type", "array"}, {"items", of_type(type.parts.front())}};
        if (type.least > 0) schema["minItems"] = type.least;
        if (type.most > 0) schema["maxItems"] = type.most;
        return schema;
      }
      case Type::Shape::map:
        return {
            {"type", "object"}, {"additionalProperties", of_type(type.parts.front())}, {"minProperties", type.least}};
      case Type::Shape::mapping:
        return reference_to(*type.form);
      case Type::Shape::either: {
        Json parts = Json::array();
        for (const auto& part : type.parts) parts.push_back(of_type(part));
        return {{"anyOf", std::move(parts)}};
      }
      case Type::Shape::anything:
        break;
    }
    return Json::object();
  }

  static Json of_scalar(const Type& type) {
    if (type.words.empty()) return scalar_schema(type.kind);
    Json words{{"enum", type.words}};
    // Editors that read YAML 1.1 see `no` as false.
    for (const auto& each : type.words) {
      if (each == "no") words["enum"].push_back(false);
      if (each == "null") words["enum"].push_back(nullptr);
    }
    if (type.kind == Kind::word) return words;
    return {{"anyOf", {words, scalar_schema(type.kind)}}};
  }

  Json reference_to(const Form& form) {
    const auto name = def_name(form);
    if (!defs_.contains(name)) {
      defs_[name] = nullptr;  // keeps its place before the parts it uses
      defs_[name] = of_form(form);
    }
    return {{"$ref", "#/$defs/" + name}};
  }

  Json of_form(const Form& form) {
    Json properties = Json::object(), required = Json::array();
    for (const auto& field : form.fields) {
      auto property = of_type(field.type);
      property["description"] = field.help;
      properties[field.key] = std::move(property);
      if (field.required) required.push_back(field.key);
    }
    Json schema{{"description", form.about},
                {"type", "object"},
                {"properties", std::move(properties)},
                {"additionalProperties", false}};
    if (!required.empty()) schema["required"] = std::move(required);
    for (const auto& rule : form.rules) add_rule(rule, schema);
    return schema;
  }

  static void add_rule(const Rule& rule, Json& schema) {
    if (rule.holds == Rule::Holds::needs) {
      schema["dependentRequired"][rule.keys.front()] =
          Json(std::vector<std::string>(rule.keys.begin() + 1, rule.keys.end()));
      return;
    }
    Json each = Json::array();
    for (const auto& key : rule.keys) each.push_back({{"required", Json::array({key})}});
    if (rule.holds == Rule::Holds::exactly_one) schema["allOf"].push_back({{"oneOf", each}});
    if (rule.holds == Rule::Holds::at_least_one) schema["allOf"].push_back({{"anyOf", each}});
    if (rule.holds == Rule::Holds::at_most_one) schema["allOf"].push_back({{"not", {{"required", rule.keys}}}});
  }

  Json defs_ = Json::object();
};

}  // namespace

Json json_schema(File file) {
  return Schema().whole(file);
}

}  // namespace segue::migration
