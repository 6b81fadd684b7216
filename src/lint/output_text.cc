#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "lint/output.h"

namespace segue::lint {
namespace {

constexpr std::size_t widest_line = 160;  // columns of a source line that are shown

std::string severity_text(Severity severity, const Paint& paint) {
  const std::string word = name_of(severity);
  return severity == Severity::error     ? paint.red(word)
         : severity == Severity::warning ? paint.yellow(word)
                                         : paint.cyan(word);
}

const char* who_waits(const Finding& finding) {
  switch (finding.blocks) {
    case sql::Blocks::reads_and_writes:
      return "reads and writes wait";
    case sql::Blocks::writes:
      return "writes wait";
    case sql::Blocks::none:
      break;
  }
  return "nobody waits";
}

std::string lock_line(const Finding& finding) {
  if (finding.lock == sql::Lock::none) return {};
  const std::string where = finding.object.empty() ? "each table in turn" : finding.object;
  std::string line = fmt::format("{} on {}: {}", name_of(finding.lock), where, who_waits(finding));
  if (finding.rewrites) {
    line += " while it is rewritten";
  } else if (finding.scans) {
    line += " while it is read";
  }
  return line;
}

// The source line and a caret under the place; signs that take no or two columns are counted as such.
void add_source(std::string& out, const sql::Script& script, const sql::Range& range, const Paint& paint) {
  const sql::Position from = script.position(range.begin);
  std::string line(script.line(from.line));
  std::replace(line.begin(), line.end(), '\t', ' ');
  std::erase_if(line, [](char sign) { return static_cast<unsigned char>(sign) < 0x20; });
  const std::size_t line_begin = script.line_starts[static_cast<std::size_t>(from.line) - 1];
  std::size_t at = std::min(range.begin - line_begin, line.size());
  std::size_t end = std::min(range.end - line_begin, line.size());
  if (line.size() > widest_line) {
    std::size_t cut_at = at > 40 ? at - 40 : 0;
    while (cut_at > 0 && (static_cast<unsigned char>(line[cut_at]) & 0xC0) == 0x80) --cut_at;
    line = cut(line.substr(cut_at), widest_line);
    at -= cut_at;
    end = std::min(end - cut_at, line.size());
  }
  const std::string number = std::to_string(from.line);
  out += fmt::format("  {} | {}\n", number, line);
  const std::size_t before = display_width(std::string_view(line).substr(0, at));
  const std::size_t width =
      std::max<std::size_t>(1, end > at ? display_width(std::string_view(line).substr(at, end - at)) : 1);
  out += fmt::format("  {} | {}{}\n", std::string(number.size(), ' '), std::string(before, ' '),
                     paint.red(std::string(width, '^')));
}

void add_finding(std::string& out, const Report& report, const Finding& finding, const Paint& paint) {
  const File& file = report.files[finding.file];
  const sql::Position at = file.source.script().position(finding.range.begin);
  out += fmt::format("{}:{}:{}: {}: {} [{}]\n", file.path, at.line, at.column, severity_text(finding.severity, paint),
                     finding.message, paint.bold(finding.code));
  add_source(out, file.source.script(), finding.range, paint);
  if (const std::string line = lock_line(finding); !line.empty()) out += fmt::format("  lock: {}\n", line);
  if (!finding.safe_form.empty()) {
    out += finding.fix ? "  safe form (--fix writes it):\n" : "  safe form:\n";
    for (const std::string& line : split(finding.safe_form, '\n')) out += fmt::format("    {}\n", paint.green(line));
  }
  out += '\n';
}

}  // namespace

std::string as_text(const Report& report, const Paint& paint) {
  std::string out;
  for (const Finding& finding : report.findings) add_finding(out, report, finding, paint);
  const std::size_t errors = report.count(Severity::error);
  const std::size_t warnings = report.count(Severity::warning) - errors;
  const std::size_t notes = report.findings.size() - errors - warnings;
  const std::size_t fixable = static_cast<std::size_t>(std::count_if(
      report.findings.begin(), report.findings.end(), [](const Finding& each) { return each.fix.has_value(); }));
  const auto counted = [](std::size_t count, const char* word) {
    return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
  };
  out += fmt::format("{} read: {}, {}, {}", counted(report.files.size(), "file"), counted(errors, "error"),
                     counted(warnings, "warning"), counted(notes, "note"));
  if (fixable > 0) out += fmt::format("; --fix can mend {}", fixable);
  if (!report.findings.empty()) out += "; segue lint --explain CODE says more";
  return out + "\n";
}

}  // namespace segue::lint
