// The schema and the reference say what the reader takes: they are made from its tables.
#include "migration/schema.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "migration/form.h"
#include "migration/read.h"
#include "migration/testing.h"

namespace segue::migration {
namespace {

void each_form(const Form& form, std::set<std::string>& seen, const std::function<void(const Form&)>& visit) {
  if (!seen.insert(form.name).second) return;
  visit(form);
  const std::function<void(const Type&)> into = [&](const Type& type) {
    if (type.form != nullptr) each_form(*type.form, seen, visit);
    for (const auto& part : type.parts) into(part);
  };
  for (const auto& field : form.fields) into(field.type);
}

std::vector<const Form*> all_forms() {
  std::vector<const Form*> forms;
  std::set<std::string> seen;
  for (const auto* form : {&migration_form(), &project_form()}) {
    each_form(*form, seen, [&](const Form& each) { forms.push_back(&each); });
  }
  return forms;
}

TEST(Schema, names_every_key_once_with_its_help) {
  const auto schema = json_schema(File::migration);
  EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(schema["additionalProperties"], false);
  EXPECT_EQ(schema["required"], Json::array({"migration", "moves"}));
  EXPECT_EQ(schema["properties"]["moves"]["items"]["$ref"], "#/$defs/move");
  EXPECT_EQ(schema["$defs"]["move"]["allOf"][0]["oneOf"].size(), 9u);
  EXPECT_EQ(schema["$defs"]["move"]["dependentRequired"]["undo"], Json::array({"sql"}));
  EXPECT_EQ(schema["$defs"]["backfill"]["properties"]["keep_in_sync"]["enum"],
            Json::array({"derive", "pair", "no", false}));
  EXPECT_EQ(json_schema(File::project)["properties"]["lint"]["$ref"], "#/$defs/lint");
  EXPECT_TRUE(json_schema(File::lint)["properties"].contains("severities"));
  for (const auto* form : all_forms()) {
    for (const auto& field : form->fields) {
      EXPECT_FALSE(field.help.empty()) << form->name << "." << field.key;
      EXPECT_FALSE(field.help.ends_with('.')) << form->name << "." << field.key;
    }
  }
}

TEST(Schema, every_reference_leads_somewhere) {
  for (const auto file : {File::migration, File::project, File::lint}) {
    const auto schema = json_schema(file);
    const auto text = schema.dump();
    for (auto at = text.find("#/$defs/"); at != std::string::npos; at = text.find("#/$defs/", at + 1)) {
      const auto name = text.substr(at + 8, text.find('"', at) - at - 8);
      ASSERT_TRUE(schema["$defs"].contains(name)) << name;
      EXPECT_TRUE(schema["$defs"][name].is_object()) << name;
    }
  }
}

TEST(Reference, tells_every_key) {
  const auto page = reference_markdown();
  for (const auto* form : all_forms()) {
    EXPECT_NE(page.find(" " + form->name + "\n"), std::string::npos) << form->name;
    EXPECT_FALSE(form->about.empty() || form->example.empty()) << form->name;
    for (const auto& field : form->fields)
      EXPECT_NE(page.find("| `" + field.key + "`"), std::string::npos) << field.key;
  }
}

// The examples of the reference page are read by the reader.
TEST(Reference, examples_are_right) {
  const TemporaryFolder folder;
  for (const auto* file : {"clients.sql", "customers.sql", "client_policies.sql"}) folder.write(file, "SELECT 1;\n");
  std::set<std::string> seen;
  each_form(migration_form(), seen, [&](const Form& form) {
    const auto& example = form.example;
    std::string text = "migration: a\n";
    if (example.starts_with("migration:")) text.clear();
    if (example.starts_with("- ")) {
      text += "moves:\n";
    } else if (!text.empty()) {
      text += "moves: [{ tenancy: { root: c, first: { a: 1 }, column: x, tables: [work_orders] } }]\n";
    }
    std::string body = example;
    if (example.starts_with("unique:") || example.starts_with("index:")) {
      text =
          "migration: a\nmoves:\n  - tenancy:\n      root: c\n      first: { a: 1 }\n      column: client_id\n      "
          "tables: [work_orders]\n";
      body = "      " + example;
    }
    if (example.starts_with("expect:"))
      body = "checks:\n  - name: a\n    after: expand\n    query: SELECT 1\n    " + example;
    text += body;
    const auto read = read_migration_text(text, folder.path());
    EXPECT_TRUE(read) << form.name << "\n" << text << (read ? "" : to_text(read.error()));
  });
}

}  // namespace
}  // namespace segue::migration
