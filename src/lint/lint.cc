#include "lint/lint.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <tuple>

#include "lint/allow.h"
#include "lint/files.h"
#include "lint/fix.h"
#include "lint/reader.h"
#include "lint/session.h"

namespace segue::lint {
namespace {

// The findings by file and place; rules that speak at the end of a run put theirs last.
std::vector<Finding> in_order(std::deque<Finding>& found) {
  std::vector<Finding*> order;
  order.reserve(found.size());
  for (Finding& finding : found) order.push_back(&finding);
  std::stable_sort(order.begin(), order.end(), [](const Finding* a, const Finding* b) {
    return std::tie(a->file, a->range.begin) < std::tie(b->file, b->range.begin);
  });
  std::vector<Finding> sorted;
  sorted.reserve(found.size());
  for (Finding* finding : order) sorted.push_back(std::move(*finding));
  return sorted;
}

struct Judging {
  explicit Judging(Options given) : options(std::move(given)), session(options.settings, options.schema) {}
  Options options;
  Session session;
};

Report judge(const std::shared_ptr<Judging>& judging, Reader& reader) {
  Report report;
  report.judged_with = judging;
  report.files.reserve(reader.size());
  Session& session = judging->session;
  std::vector<Allowance> allowances;
  for (std::size_t number = 0; number < reader.size(); ++number) {
    File& file = report.files.emplace_back(reader.take(number));
    session.take(file, number);
    if (!file.is_history) read_allowances(file, number, allowances);
    file.source.forget_trees();
  }
  session.finish();
  apply_allowances(allowances, session.findings());
  report.findings = in_order(session.findings().list());
  for (Finding& finding : report.findings) {
    if (!can_be_mended(report.files[finding.file], finding)) finding.fix.reset();
  }
  return report;
}

}  // namespace

std::size_t Report::count(Severity at_least) const {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(), [&](const Finding& each) { return each.severity >= at_least; }));
}

Result<Report> run(Options options, const std::vector<std::string>& paths) {
  const auto files = TRY(files_of(paths, options.settings.ignore));
  const auto judging = std::make_shared<Judging>(std::move(options));
  Reader reader(judging->options.settings, files, judging->options.workers);
  Report report = judge(judging, reader);
  if (reader.error()) return tl::unexpected(*reader.error());
  return report;
}

Report run(Options options, std::vector<Input> inputs) {
  const auto judging = std::make_shared<Judging>(std::move(options));
  Reader reader(judging->options.settings, std::move(inputs));
  return judge(judging, reader);
}

}  // namespace segue::lint
