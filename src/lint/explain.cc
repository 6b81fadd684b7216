#include "lint/explain.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "lint/rule.h"

namespace segue::lint {
namespace {

std::string refs_text(const Rule& rule) {
  std::vector<std::string> refs(rule.refs.begin(), rule.refs.end());
  return join(refs, ", ");
}

std::string page(const Rule& rule) {
  std::string text = fmt::format("# {}\n\n{}\n\n", rule.code, rule.title);
  text += fmt::format("Severity: {}. Serves: {}.{}\n\n", name_of(rule.severity), refs_text(rule),
                      rule.fixable ? " `segue lint --fix` mends it." : "");
  text += fmt::format("## Why\n\n{}\n\n## Instead\n\n{}\n\n", rule.why, rule.instead);
  text += fmt::format("## To accept one\n\n```sql\n-- segue:allow {} the reason\n```\n", rule.code);
  return text;
}

Status write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) return usage_error("the page cannot be written", {}, path.string());
  return {};
}

}  // namespace

Result<std::string> explain(const std::string& code) {
  if (code == "all") {
    std::string text;
    for (const Rule& rule : all_rules()) {
      text += fmt::format("{:<36} {:<8} {} ({})\n", rule.code, name_of(rule.severity), rule.title, refs_text(rule));
    }
    return text;
  }
  const Rule* rule = find_rule(code);
  if (rule == nullptr) {
    std::vector<std::string> codes;
    for (const Rule& each : all_rules()) codes.emplace_back(each.code);
    const std::string nearest = nearest_word(code, codes);
    return usage_error(fmt::format("there is no rule `{}`", code), nearest.empty()
                                                                       ? "segue lint --explain all lists them"
                                                                       : fmt::format("did you mean `{}`?", nearest));
  }
  return fmt::format(
      "{}: {}\n\nseverity   {}\nserves     {}\nmended     {}\n\nwhy\n  {}\n\ninstead\n  {}\n\naccept one with\n  -- "
      "segue:allow {} the reason\n",
      rule->code, rule->title, name_of(rule->severity), refs_text(*rule), rule->fixable ? "by --fix" : "by hand",
      rule->why, rule->instead, rule->code);
}

Status write_pages(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return usage_error(error.message(), {}, folder);
  std::string index =
      "# Rules of segue lint\n\nMade from the rules themselves by `segue lint --explain all --markdown "
      "docs/lint`.\n\n| code | severity | finds | serves |\n|---|---|---|---|\n";
  for (const Rule& rule : all_rules()) {
    index += fmt::format("| [{0}]({0}.md) | {1} | {2} | {3} |\n", rule.code, name_of(rule.severity), rule.title,
                         refs_text(rule));
    TRY(write(std::filesystem::path(folder) / (std::string(rule.code) + ".md"), page(rule)));
  }
  return write(std::filesystem::path(folder) / "index.md", index);
}

}  // namespace segue::lint
