#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <future>
#include <iterator>
#include <set>

#include "base/json.h"
#include "lint/output.h"
#include "lint/rule.h"

namespace segue::lint {
namespace {

struct Place {
  sql::Position from;
  sql::Position to;
};

Place place_of(const Report& report, const Finding& finding) {
  const sql::Script& script = report.files[finding.file].source.script();
  return {script.position(finding.range.begin), script.position(finding.range.end)};
}

// What stands in a file that is no UTF-8 must not break the JSON.
std::string clean(const std::string& text) {
  std::string made;
  const Json quoted = text;
  made = quoted.dump(-1, ' ', false, Json::error_handler_t::replace);
  return Json::parse(made).get<std::string>();
}

// Signs that stand in a JSON string as they are.
bool is_plain(char sign) {
  return sign >= 0x20 && sign != '"' && sign != '\\';
}

// Where the next sign stands that does not; eight are looked at together, each in its own byte of a word.
std::size_t end_of_plain(std::string_view text, std::size_t at) {
  constexpr std::uint64_t each = 0x0101010101010101;
  constexpr std::uint64_t high = each * 0x80;
  const auto below = [](std::uint64_t bytes, std::uint64_t limit) { return (bytes - each * limit) & ~bytes & high; };
  for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    const std::uint64_t other =
        below(bytes, 0x20) | below(bytes ^ each * '"', 1) | below(bytes ^ each * '\\', 1) | (bytes & high);
    if (other != 0) break;
  }
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

// A string of JSON; what is no UTF-8 becomes a question mark.
void add_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t run = at;
    at = end_of_plain(text, at);
    out.append(text.substr(run, at - run));
    if (at == text.size()) break;
    const char sign = text[at];
    const std::size_t length = sql::utf8_length(text, at);
    if (length == 0) {
      out += '?';
    } else if (length > 1) {
      out.append(text.substr(at, length));
    } else if (sign == '"' || sign == '\\') {
      out += '\\';
      out += sign;
    } else if (sign == '\n') {
      out += "\\n";
    } else {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(sign));
    }
    at += std::max<std::size_t>(length, 1);
  }
  out += '"';
}

// `before`: what stands before the value, the key with its quotes and colon.
void add_text(std::string& out, std::string_view before, std::string_view value) {
  out += before;
  add_quoted(out, value);
}
void add_number(std::string& out, std::string_view before, int value) {
  out += before;
  out += std::to_string(value);
}
void add_truth(std::string& out, std::string_view before, bool value) {
  out += before;
  out += value ? "true" : "false";
}

const char* sarif_level(Severity severity) {
  return severity == Severity::error ? "error" : severity == Severity::warning ? "warning" : "note";
}

// A path as a URI reference.
std::string uri_of(const std::string& path) {
  constexpr std::string_view unescaped = "-._~/:@!$&'()*+,;=";
  std::string made;
  for (const char sign : path) {
    const bool plain = (sign >= 'a' && sign <= 'z') || (sign >= 'A' && sign <= 'Z') || (sign >= '0' && sign <= '9') ||
                       unescaped.find(sign) != std::string_view::npos;
    made += plain ? std::string(1, sign) : fmt::format("%{:02X}", static_cast<unsigned char>(sign));
  }
  // A first part with a colon would be read as a scheme.
  return made.find(':') < made.find('/') ? "./" + made : made;
}

// GitHub's own escapes of a command's text.
std::string escaped(const std::string& text, bool property) {
  std::string made;
  for (const char sign : text) {
    if (sign == '%' || sign == '\r' || sign == '\n' || (property && (sign == ':' || sign == ','))) {
      made += fmt::format("%{:02X}", static_cast<unsigned char>(sign));
    } else {
      made += sign;
    }
  }
  return made;
}

}  // namespace

namespace {

void add_finding(std::string& out, const Report& report, const Finding& finding) {
  const Place place = place_of(report, finding);
  add_text(out, R"({"file":)", report.files[finding.file].path);
  add_number(out, R"(,"line":)", place.from.line);
  add_number(out, R"(,"column":)", place.from.column);
  add_number(out, R"(,"end_line":)", place.to.line);
  add_number(out, R"(,"end_column":)", place.to.column);
  add_text(out, R"(,"code":)", finding.code);
  add_text(out, R"(,"severity":)", name_of(finding.severity));
  add_text(out, R"(,"message":)", finding.message);
  add_text(out, R"(,"object":)", finding.object);
  add_text(out, R"(,"lock":)", name_of(finding.lock));
  add_text(out, R"(,"blocks":)", name_of(finding.blocks));
  add_truth(out, R"(,"rewrites":)", finding.rewrites);
  add_truth(out, R"(,"scans":)", finding.scans);
  add_text(out, R"(,"safe_form":)", finding.safe_form);
  add_truth(out, R"(,"fixable":)", finding.fix.has_value());
  out += R"(,"refs":[)";
  for (const std::string& ref : finding.refs) {
    if (&ref != &finding.refs.front()) out += ',';
    add_quoted(out, ref);
  }
  out += "]}";
}

std::string part_of(const Report& report, std::size_t from, std::size_t to) {
  constexpr std::size_t usual_size = 600;
  std::string out;
  out.reserve((to - from) * usual_size);
  for (std::size_t number = from; number < to; ++number) {
    if (number > 0) out += ",\n";
    add_finding(out, report, report.findings[number]);
  }
  return out;
}

}  // namespace

void write_json(const Report& report, const std::function<void(std::string_view)>& write) {
  // A run over thousands of files has tens of thousands of findings: two parts at a time, neither of them large.
  constexpr std::size_t part = 500;
  const std::size_t count = report.findings.size();
  write("[");
  for (std::size_t from = 0; from < count; from += 2 * part) {
    const std::size_t middle = std::min(from + part, count);
    const std::size_t to = std::min(middle + part, count);
    std::future<std::string> second;
    if (to > middle) second = std::async(std::launch::async, part_of, std::cref(report), middle, to);
    write(part_of(report, from, middle));
    if (second.valid()) write(second.get());
  }
  write("]\n");
}

Json as_sarif(const Report& report) {
  Json results = Json::array();
  std::set<std::string> met;
  for (const Finding& finding : report.findings) {
    const Place place = place_of(report, finding);
    met.insert(finding.code);
    Json& one = results.emplace_back();
    one["ruleId"] = finding.code;
    one["level"] = sarif_level(finding.severity);
    one["message"]["text"] = clean(finding.message);
    one["locations"] = Json::array({{{"physicalLocation",
                                      {{"artifactLocation", {{"uri", uri_of(report.files[finding.file].path)}}},
                                       {"region",
                                        {{"startLine", place.from.line},
                                         {"startColumn", place.from.column},
                                         {"endLine", place.to.line},
                                         {"endColumn", place.to.column}}}}}}});
    one["properties"] = {{"lock", name_of(finding.lock)},
                         {"blocks", name_of(finding.blocks)},
                         {"safe_form", clean(finding.safe_form)},
                         {"refs", finding.refs}};
  }
  Json rules = Json::array();
  for (const std::string& code : met) {
    const Rule* rule = find_rule(code);
    rules.push_back({{"id", code},
                     {"shortDescription", {{"text", rule->title}}},
                     {"fullDescription", {{"text", rule->why}}},
                     {"help", {{"text", rule->instead}}},
                     {"defaultConfiguration", {{"level", sarif_level(rule->severity)}}}});
  }
  Json driver = {{"name", "segue"}, {"version", SEGUE_VERSION}, {"rules", rules}};
  return {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
          {"version", "2.1.0"},
          {"runs",
           Json::array({{{"tool", {{"driver", driver}}}, {"columnKind", "unicodeCodePoints"}, {"results", results}}})}};
}

std::string as_github(const Report& report) {
  std::string out;
  for (const Finding& finding : report.findings) {
    const Place place = place_of(report, finding);
    const char* level = finding.severity == Severity::error     ? "error"
                        : finding.severity == Severity::warning ? "warning"
                                                                : "notice";
    std::string message = finding.message;
    if (!finding.safe_form.empty()) message += "\nsafe form:\n" + finding.safe_form;
    out += fmt::format("::{} file={},line={},endLine={},col={},title={}::{}\n", level,
                       escaped(report.files[finding.file].path, true), place.from.line, place.to.line,
                       place.from.column, escaped(finding.code, true), escaped(clean(message), false));
  }
  return out;
}

}  // namespace segue::lint
