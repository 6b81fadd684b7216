// Checks, probes, viewpoints, gates.
#include <fmt/format.h>

#include <cstdlib>

#include "base/text.h"
#include "migration/extract.h"

namespace segue::migration {
namespace {

void take_boundaries(const Fields& fields, std::string_view key, Boundary::Side side, std::vector<Boundary>& when) {
  for (const auto* item : fields.items(key)) {
    if (item->text == "each") {
      for (const auto phase : all_phases) when.push_back({side, phase});
    } else if (const auto phase = phase_named(item->text)) {
      when.push_back({side, *phase});
    }
  }
}

// The number that the whole text is, if it is one.
std::optional<double> number_in(const std::optional<Value>& value) {
  if (!value || value->text.empty()) return std::nullopt;
  char* end = nullptr;
  const double number = std::strtod(value->text.value.c_str(), &end);
  if (*end != '\0') return std::nullopt;
  return number;
}

Expectation take_expectation(const Fields& fields) {
  Expectation expect;
  const auto* node = fields.find("expect");
  if (node == nullptr) return expect;
  if (node->kind == Node::Kind::list) {
    for (const auto& item : node->items) expect.values.push_back(fields.value_of(item));
  } else if (node->kind != Node::Kind::map) {
    expect.values.push_back(fields.value_of(*node));
  } else {
    expect.is_range = true;
    const auto range = fields.mapping("expect");
    if (range.has("min")) expect.min = range.value("min");
    if (range.has("max")) expect.max = range.value("max");
    const auto least = number_in(expect.min), most = number_in(expect.max);
    if (least && most && *least > *most) {
      fields.reading().problem(
          "wrong-range", expect.max->text.at,
          fmt::format("max {} is less than min {}", expect.max->text.value, expect.min->text.value), "exchange them");
    }
  }
  return expect;
}

Sight sight_of(const Text& text) {
  return text.value == "same"          ? Sight::same
         : text.value == "none"        ? Sight::none
         : text.value.starts_with('+') ? Sight::more
                                       : Sight::query;
}

}  // namespace

void Names::add(const Text& name) {
  if (name.empty()) return;
  const auto [first, is_new] = seen_.emplace(name.value, name.at);
  if (is_new) return;
  const bool same_file = first->second.file == name.at.file;
  reading_.problem(
      "duplicate-name", name.at,
      fmt::format("two {} are called {}; the first stands {} {}", noun_, shown(name), same_file ? "on line" : "at",
                  same_file ? std::to_string(first->second.line) : to_text(first->second)),
      "give one another name");
}

std::string to_text(const Boundary& boundary) {
  const std::string_view side = boundary.side == Boundary::Side::before  ? "before"
                                : boundary.side == Boundary::Side::after ? "after"
                                                                         : "after rollback of";
  return fmt::format("{} {}", side, to_text(boundary.phase));
}

Check take_check(const Fields& fields) {
  Check check;
  check.at = fields.at();
  check.name = fields.text("name");
  take_boundaries(fields, "before", Boundary::Side::before, check.when);
  take_boundaries(fields, "after", Boundary::Side::after, check.when);
  take_boundaries(fields, "after_rollback", Boundary::Side::after_rollback, check.when);
  check.query = fields.sql("query");
  check.expect = take_expectation(fields);
  if (fields.has("no_rows")) {
    check.kind = CheckKind::no_rows;
    check.query = fields.sql("no_rows");
  } else if (fields.has("same_as")) {
    check.kind = CheckKind::same_as;
    check.same_as = fields.sql("same_as");
  } else if (fields.has("unchanged")) {
    check.kind = CheckKind::unchanged;
    check.query = fields.sql("unchanged");
  }
  check.severity = fields.choice("severity", {"error", "warning"}, Severity::error);
  return check;
}

Probe take_probe(const Fields& fields) {
  Probe probe;
  probe.at = fields.at();
  probe.name = fields.text("name");
  probe.before = fields.sql("before");
  probe.after = fields.sql("after");
  probe.slower_by_at_most = fields.percent("slower_by_at_most");
  probe.at_most = fields.duration("at_most");
  probe.uses = fields.texts("uses");
  probe.no_seq_scan = fields.flag("no_seq_scan", false);
  if (const auto runs = fields.count("runs")) {
    if (runs->value > 1000)
      fields.reading().problem("wrong-value", runs->at,
                               fmt::format("`runs` is {}: more than 1,000 prove nothing more", runs->value),
                               "write 5, or up to 1000");
    probe.runs = {static_cast<int>(std::min<std::int64_t>(runs->value, 1000)), runs->at};
  }
  return probe;
}

Viewpoint take_viewpoint(const Fields& fields) {
  Viewpoint viewpoint;
  viewpoint.at = fields.at();
  viewpoint.name = fields.text("name");
  viewpoint.role = fields.text("role");
  const auto* claims = fields.find("claims");
  viewpoint.claims = claims != nullptr && claims->kind == Node::Kind::map ? to_json(*claims) : Json::object();
  viewpoint.claims_at = fields.at("claims");
  viewpoint.settings = fields.pairs("settings");
  viewpoint.tables = fields.texts("tables");
  if (const auto* expect = fields.find("expect")) {
    for (const auto& [table, value] : expect->entries) {
      SightOf sight{fields.text_of(table), Sight::same, 0, {}};
      const auto text = fields.text_of(value);
      sight.kind = sight_of(text);
      if (sight.kind == Sight::more) sight.more = read_count(text.value.substr(1)).value_or(0);
      if (sight.kind == Sight::query) sight.query = fields.sql_of(value);
      viewpoint.expect.push_back(std::move(sight));
    }
  }
  return viewpoint;
}

Gate take_gate(const Fields& fields) {
  Gate gate;
  gate.at = fields.at();
  gate.before = fields.phase("before", Phase::enforce);
  gate.name = fields.text("name");
  if (gate.name.empty()) gate.name = fields.text("before");
  gate.approvals = fields.texts("approvals");
  gate.four_eyes = fields.flag("four_eyes", false);
  gate.health = fields.text("health");
  gate.not_before = fields.time("not_before");
  gate.wait = fields.duration("wait");
  gate.old_shape_unused_for = fields.duration("old_shape_unused_for");
  gate.command = fields.texts("command");
  if (gate.wait && gate.before < Phase::grace && fields.has("before")) {
    fields.reading().problem(
        "never-opens", gate.wait->at,
        fmt::format("`wait` counts from the switch: before {} it never ends", to_text(gate.before)),
        "put it before grace or contract, or say `not_before: TIME`");
  }
  return gate;
}

}  // namespace segue::migration
