#include "lint/lint.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "lint/allow.h"
#include "lint/files.h"
#include "lint/reader.h"
#include "lint/session.h"

namespace segue::lint {
namespace {

void order(std::vector<Finding>& findings) {
  const auto before = [](const Finding& a, const Finding& b) {
    return std::tie(a.file, a.range.begin) < std::tie(b.file, b.range.begin);
  };
  // Most runs are in order but for what rules add at the end.
  if (!std::is_sorted(findings.begin(), findings.end(), before)) {
    std::stable_sort(findings.begin(), findings.end(), before);
  }
}

Report judge(Options& options, Reader& reader) {
  Report report;
  report.files.reserve(reader.size());
  Session session(options.settings, options.schema);
  std::vector<Allowance> allowances;
  for (std::size_t number = 0; number < reader.size(); ++number) {
    File& file = report.files.emplace_back(reader.take(number));
    session.take(file, number);
    if (!file.is_history) read_allowances(file, number, allowances);
    file.source.forget_trees();
  }
  session.finish();
  apply_allowances(allowances, session.findings());
  auto& found = session.findings().list();
  report.findings.reserve(found.size());
  std::move(found.begin(), found.end(), std::back_inserter(report.findings));
  order(report.findings);
  return report;
}

}  // namespace

std::size_t Report::count(Severity at_least) const {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(), [&](const Finding& each) { return each.severity >= at_least; }));
}

Result<Report> run(Options options, const std::vector<std::string>& paths) {
  const auto files = TRY(files_of(paths, options.settings.ignore));
  Reader reader(options.settings, files, options.workers);
  Report report = judge(options, reader);
  if (reader.error()) return tl::unexpected(*reader.error());
  return report;
}

Report run(Options options, std::vector<Input> inputs) {
  Reader reader(options.settings, std::move(inputs));
  return judge(options, reader);
}

}  // namespace segue::lint
