#include "traffic/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "base/text.h"

namespace segue::traffic {
namespace {

Json number(double value) {
  return std::round(value * 1000) / 1000;
}

Json to_json(const Latency& latency) {
  return {{"p50", number(latency.p50)},
          {"p95", number(latency.p95)},
          {"p99", number(latency.p99)},
          {"max", number(latency.max)}};
}

std::string padded(std::string text, std::size_t width) {
  const auto used = display_width(text);
  if (used < width) text.append(width - used, ' ');
  return text;
}

std::string in_ms(double value) {
  return value < 10    ? fmt::format("{:.2f}", value)
         : value < 100 ? fmt::format("{:.1f}", value)
                       : fmt::format("{:.0f}", value);
}

std::string row(const std::string& name, std::size_t width, std::int64_t count, std::int64_t failed,
                const Latency& latency) {
  return fmt::format("{}  {:>11}  {:>8}  {:>8}  {:>8}  {:>8}  {:>8}\n", padded(name, width), with_commas(count),
                     with_commas(failed), in_ms(latency.p50), in_ms(latency.p95), in_ms(latency.p99),
                     in_ms(latency.max));
}

std::string table(const Report& report) {
  std::size_t width = 9;
  for (const auto& one : report.by_statement)
    width = std::max(width, std::min<std::size_t>(40, display_width(one.name)));
  std::string text = fmt::format("{}  {:>11}  {:>8}  {:>8}  {:>8}  {:>8}  {:>8}\n", padded("statement", width), "count",
                                 "failed", "p50 ms", "p95 ms", "p99 ms", "max ms");
  for (const auto& one : report.by_statement) {
    text += row(cut(one.name, width), width, one.count, one.failed, one.latency);
  }
  return text + row("all", width, report.statements, report.failed, report.latency);
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return cut(text, 100);
}

std::string stall_lines(const Report& report) {
  if (!report.stalls_watched) return "waits for locks were not watched\n";
  std::string text;
  bool for_segue = false;
  for (const auto& stall : report.stalls) {
    for_segue = for_segue || stall.blocked_by == "segue";
    const auto whose = stall.blocked_by == "segue" ? "a lock of segue" : "other locks";
    text += fmt::format("waits for {}: {}, longest {} ms ({}), by {}: {}\n", whose, with_commas(stall.count),
                        in_ms(stall.longest_ms), stall.statement, stall.blocker.empty() ? "?" : stall.blocker,
                        one_line(stall.blocker_query));
  }
  return for_segue ? text : "no wait for a lock of segue\n" + text;
}

}  // namespace

std::string to_text(const Report& report) {
  std::string text = fmt::format("{}: {} statements in {}, {:.0f} a second, {} connections, {} protocol",
                                 report.traffic, with_commas(report.statements), duration_text(report.seconds),
                                 report.seconds > 0 ? static_cast<double>(report.statements) / report.seconds : 0.0,
                                 report.connections, report.protocol);
  text += report.rate ? fmt::format(", {:g} a second asked for\n\n", *report.rate) : ", closed loop\n\n";
  text += table(report) + "\n";
  text += fmt::format("failed: {}\n", with_commas(report.failed));
  for (const auto& [code, failure] : report.failures) {
    text += fmt::format("  {}  {} times, first in `{}`: {}\n", code, with_commas(failure.count), failure.statement,
                        one_line(failure.message));
  }
  const auto line = [&](std::string_view what, std::int64_t count) {
    if (count > 0) text += fmt::format("{}: {}\n", what, with_commas(count));
  };
  line("failures that the file expects", report.expected);
  line("cut short, for want of a row", report.cut_short);
  line("cancelled at the end", report.interrupted);
  line("connections lost and opened again", report.reconnects);
  line("due and not begun", report.unserved);
  text += stall_lines(report);
  if (!report.journal.empty()) {
    text += fmt::format("journal {}: {} writes acknowledged, {} with an unknown outcome\n", report.journal,
                        with_commas(report.acknowledged), with_commas(report.unknown));
  }
  return text;
}

Json to_json(const Report& report) {
  Json by_sqlstate = Json::object(), samples = Json::object(), stalls = Json::array(), statements = Json::array(),
       series = Json::array();
  for (const auto& [code, failure] : report.failures) {
    by_sqlstate[code] = failure.count;
    samples[code] = {{"statement", failure.statement}, {"message", failure.message}};
  }
  for (const auto& stall : report.stalls) {
    stalls.push_back({{"blocked_by", stall.blocked_by},
                      {"longest_ms", number(stall.longest_ms)},
                      {"at_most_ms", number(stall.at_most_ms)},
                      {"count", stall.count},
                      {"statement", stall.statement},
                      {"blocker", stall.blocker},
                      {"blocker_query", stall.blocker_query}});
  }
  for (const auto& one : report.by_statement) {
    statements.push_back({{"name", one.name},
                          {"count", one.count},
                          {"failed", one.failed},
                          {"expected", one.expected},
                          {"cut_short", one.cut_short},
                          {"latency", to_json(one.latency)}});
  }
  for (const auto& second : report.series) {
    series.push_back({{"second", second.second},
                      {"statements", second.statements},
                      {"failed", second.failed},
                      {"p99", number(second.p99)},
                      {"max", number(second.max)}});
  }
  return {{"traffic", report.traffic},
          {"seconds", number(report.seconds)},
          {"statements", report.statements},
          {"failed", report.failed},
          {"by_sqlstate", by_sqlstate},
          {"latency", to_json(report.latency)},
          {"stalls", stalls},
          {"acknowledged", report.acknowledged},
          {"unknown", report.unknown},
          {"journal", report.journal},
          {"protocol", report.protocol},
          {"connections", report.connections},
          {"rate", report.rate ? Json(*report.rate) : Json(nullptr)},
          {"queries", report.queries},
          {"expected", report.expected},
          {"cut_short", report.cut_short},
          {"interrupted", report.interrupted},
          {"reconnects", report.reconnects},
          {"unserved", report.unserved},
          {"stalls_watched", report.stalls_watched},
          {"samples", samples},
          {"by_statement", statements},
          {"series", series}};
}

}  // namespace segue::traffic
