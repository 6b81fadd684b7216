#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "migration/form.h"
#include "migration/schema.h"

namespace segue::migration {
namespace {

std::string anchor_of(const Form& form) {
  std::string anchor;
  for (const char c : lower(form.name)) {
    if (c == ' ') anchor += '-';
    if (c != ' ' && c != '.') anchor += c;
  }
  return anchor;
}

// What a value looks like, for a cell of a table.
std::string form_text(const Type& type) {
  switch (type.shape) {
    case Type::Shape::scalar: {
      std::vector<std::string> forms;
      forms.reserve(type.words.size() + 1);
      for (const auto& each : type.words) forms.push_back("`" + each + "`");
      if (type.kind != Kind::word) forms.push_back(facts_of(type.kind).form);
      return join(forms, ", ");
    }
    case Type::Shape::list:
      return "[" + form_text(type.parts.front()) + ", …]";
    case Type::Shape::map:
      return fmt::format("{{{}: {}, …}}", facts_of(type.kind).form, form_text(type.parts.front()));
    case Type::Shape::mapping:
      return fmt::format("[{}](#{})", type.form->name, anchor_of(*type.form));
    case Type::Shape::either: {
      std::vector<std::string> forms;
      forms.reserve(type.parts.size());
      for (const auto& part : type.parts) forms.push_back(form_text(part));
      return join(forms, " or ");
    }
    case Type::Shape::anything:
      return "anything";
  }
  return {};
}

std::string rule_text(const Rule& rule) {
  std::vector<std::string> keys;
  keys.reserve(rule.keys.size());
  for (const auto& key : rule.keys) keys.push_back("`" + key + "`");
  switch (rule.holds) {
    case Rule::Holds::exactly_one:
      return "Exactly one of " + join(keys, ", ") + ".";
    case Rule::Holds::at_least_one:
      return "At least one of " + join(keys, ", ") + ".";
    case Rule::Holds::at_most_one:
      return "At most one of " + join(keys, ", ") + ".";
    case Rule::Holds::needs: {
      const auto first = keys.front();
      keys.erase(keys.begin());
      return first + " needs " + join(keys, " and ") + " beside it.";
    }
  }
  return {};
}

class Page {
 public:
  void add(const Form& form, int depth) {
    if (!told_.insert(form.name).second) return;
    text_ += fmt::format("{} {}\n\n{}.\n\n```yaml\n{}```\n\n", std::string(static_cast<std::size_t>(depth), '#'),
                         form.name, form.about, form.example);
    text_ += "| key | form | meaning |\n|---|---|---|\n";
    for (const auto& field : form.fields) {
      text_ += fmt::format("| `{}`{} | {} | {} |\n", field.key, field.required ? " (required)" : "",
                           form_text(field.type), field.help);
    }
    text_ += "\n";
    for (const auto& rule : form.rules) text_ += rule_text(rule) + "\n";
    if (!form.rules.empty()) text_ += "\n";
    for (const auto& field : form.fields) add_parts(field.type, depth == 2 ? 3 : depth);
  }

  std::string take() { return std::move(text_); }
  void say(std::string_view text) { text_ += text; }

 private:
  void add_parts(const Type& type, int depth) {
    if (type.form != nullptr) add(*type.form, depth);
    for (const auto& part : type.parts) add_parts(part, depth);
  }

  std::string text_;
  std::set<std::string> told_;
};

}  // namespace

std::string reference_markdown() {
  Page page;
  page.say(
      "# The files of a project\n\n"
      "Made from the tables that the reader checks by (`segue::migration::reference_markdown`).\n\n"
      "SQL that ends in `.sql` is a file beside the migration. `${…}` in any value is a query's single value, asked "
      "when\n"
      "needed; `${first}` is the key of the first tenant. Durations are numbers with ms, s, min, h or d; sizes with B, "
      "kB,\n"
      "MB, GB or TB.\n\n"
      "A check file holds queries, each below a line `-- check: NAME · after: PHASE · expect: VALUE` with the keys of\n"
      "[check](#check); `no_rows` and `unchanged` stand there alone and speak of the query below.\n\n");
  page.add(migration_form(), 2);
  page.add(project_form(), 2);
  page.say("`.segue-lint.yaml` holds the keys of [lint](#lint), for use outside a project.\n");
  return page.take();
}

}  // namespace segue::migration
