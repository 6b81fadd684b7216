// The result of a check of journals, for people and for programs.
#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "traffic/check.h"

namespace segue::traffic {
namespace {

std::string_view name_of(Finding::Kind kind) {
  switch (kind) {
    case Finding::Kind::lost:
      return "lost";
    case Finding::Kind::wrong:
      return "wrong";
    case Finding::Kind::undead:
      return "undead";
    case Finding::Kind::twice:
      return "twice";
  }
  return "";
}

Json json_of(const Value& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::string text_of(const Value& value) {
  return value ? "'" + *value + "'" : "NULL";
}

std::string text_of(const Finding& finding) {
  std::string key;
  for (const auto& [name, value] : finding.key) {
    key += fmt::format("{}{} = {}", key.empty() ? "" : ", ", name, text_of(value));
  }
  const auto row = fmt::format("{} ({})", finding.table, key);
  switch (finding.kind) {
    case Finding::Kind::lost:
      return fmt::format("{}: not there, though acknowledged by `{}`", row, finding.statement);
    case Finding::Kind::undead:
      return fmt::format("{}: still there, though deleted by `{}`", row, finding.statement);
    case Finding::Kind::twice:
      return fmt::format("{}: {} instead of one", row, finding.actual.value_or(""));
    case Finding::Kind::wrong:
      break;
  }
  std::string expected;
  for (const auto& value : finding.expected) expected += (expected.empty() ? "" : " or ") + text_of(value);
  return fmt::format("{}: {} is {}, expected {} (last written by `{}`)", row, finding.column, text_of(finding.actual),
                     expected, finding.statement);
}

}  // namespace

std::string to_text(const CheckReport& report) {
  std::string text =
      fmt::format("{} writes: {} acknowledged, {} failed, {} with an unknown outcome\n", with_commas(report.writes),
                  with_commas(report.acknowledged), with_commas(report.failed), with_commas(report.unknown));
  if (report.unnamed > 0) {
    text += fmt::format("{} of the unknown have a key that only the server knew; they are not checked\n",
                        with_commas(report.unnamed));
  }
  text += fmt::format("{} keys: {} right", with_commas(report.keys), with_commas(report.right));
  if (report.kept > 0) text += fmt::format(" ({} of them kept aside)", with_commas(report.kept));
  text += fmt::format(", {} wrong\n", with_commas(report.wrong));
  for (const auto& finding : report.findings) text += "  " + text_of(finding) + "\n";
  return text;
}

Json to_json(const CheckReport& report) {
  Json findings = Json::array();
  for (const auto& finding : report.findings) {
    Json key = Json::object(), expected = Json::array();
    for (const auto& [name, value] : finding.key) key[name] = json_of(value);
    for (const auto& value : finding.expected) expected.push_back(json_of(value));
    findings.push_back({{"kind", name_of(finding.kind)},
                        {"table", finding.table},
                        {"key", key},
                        {"column", finding.column},
                        {"expected", expected},
                        {"actual", json_of(finding.actual)},
                        {"statement", finding.statement}});
  }
  return {{"writes", report.writes},   {"acknowledged", report.acknowledged},
          {"failed", report.failed},   {"unknown", report.unknown},
          {"unnamed", report.unnamed}, {"keys", report.keys},
          {"right", report.right},     {"kept", report.kept},
          {"wrong", report.wrong},     {"findings", findings}};
}

}  // namespace segue::traffic
