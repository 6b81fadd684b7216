#include "proof/probe.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"

namespace segue::proof {
namespace {

void walk(const Json& node, Measured& found) {
  const auto type = node.value("Node Type", "");
  if (node.contains("Index Name")) {
    const auto index = node["Index Name"].get<std::string>();
    const bool known = std::find(found.indexes.begin(), found.indexes.end(), index) != found.indexes.end();
    if (!known) found.indexes.push_back(index);
  }
  if (type == "Seq Scan") found.seq_scans.push_back(node.value("Relation Name", ""));
  if (!node.contains("Plans")) return;
  for (const auto& below : node["Plans"]) walk(below, found);
}

// Below these, differences are noise.
constexpr double noise_ms = 1.0;
constexpr std::int64_t noise_buffers = 8;

bool slower(const plan::PlannedProbe& probe, const Measured& before, const Measured& after) {
  const double allowed = 1 + probe.slower_by_at_most;
  if (before.ms < noise_ms || after.ms < noise_ms) {
    return static_cast<double>(after.buffers) > static_cast<double>(before.buffers + noise_buffers) * allowed;
  }
  return after.ms > before.ms * allowed;
}

}  // namespace

Result<Measured> measure(pg::Connection& connection, const std::string& query, int runs) {
  std::vector<Measured> all;
  for (int run = 0; run < std::max(1, runs) + 1; ++run) {
    TRY(connection.begin("READ ONLY"));
    const auto answer = connection.query("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + query);
    connection.rollback();
    if (!answer) return tl::unexpected(answer.error());
    const auto parsed = Json::parse(answer->string(0, 0));
    const auto& top = parsed[0];
    Measured one;
    one.ms = top.value("Execution Time", 0.0);
    const auto& plan = top["Plan"];
    one.buffers = plan.value("Shared Hit Blocks", 0) + plan.value("Shared Read Blocks", 0);
    walk(plan, one);
    one.plan = answer->string(0, 0);
    all.push_back(std::move(one));
  }
  all.erase(all.begin());  // the first one warms up
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.ms < b.ms; });
  return all[all.size() / 2];
}

ProbeResult judge(const plan::PlannedProbe& probe, const Measured* before, const Measured& after) {
  ProbeResult result;
  result.name = probe.name;
  result.after = after;
  if (before != nullptr) result.before = *before;
  std::vector<std::string> problems;
  const bool uses = probe.uses.empty() || std::any_of(probe.uses.begin(), probe.uses.end(), [&](const auto& index) {
                      return std::find(after.indexes.begin(), after.indexes.end(), index) != after.indexes.end();
                    });
  if (!uses) {
    problems.push_back(fmt::format("uses none of {}{}", join(probe.uses, ", "),
                                   after.indexes.empty() ? "" : ", but " + join(after.indexes, ", ")));
  }
  if (probe.no_seq_scan && !after.seq_scans.empty()) {
    problems.push_back("reads all of " + join(after.seq_scans, ", "));
  }
  if (probe.at_most_ms >= 0 && after.ms > probe.at_most_ms) {
    problems.push_back(fmt::format("takes {:.1f} ms, {:.0f} ms are allowed", after.ms, probe.at_most_ms));
  }
  if (probe.slower_by_at_most >= 0 && before != nullptr && slower(probe, *before, after)) {
    problems.push_back(fmt::format("is slower by more than {:.0f}%", probe.slower_by_at_most * 100));
  }
  result.ok = problems.empty();
  const auto figures = before == nullptr ? fmt::format("{:.2f} ms, {} buffers", after.ms, after.buffers)
                                         : fmt::format("{:.2f} ms and {} buffers before, {:.2f} ms and {} after",
                                                       before->ms, before->buffers, after.ms, after.buffers);
  result.message = problems.empty() ? figures : join(problems, "; ") + " (" + figures + ")";
  if (!after.indexes.empty()) result.message += ", by " + join(after.indexes, ", ");
  return result;
}

}  // namespace segue::proof
