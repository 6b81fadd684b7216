// Hooks, limits, windows, schedule, contacts; and values as JSON.
#include <fmt/format.h>

#include <charconv>

#include "migration/extract.h"

namespace segue::migration {
namespace {

AnyHook take_any_hook(const Fields& hook) {
  if (hook.has("http")) {
    const auto fields = hook.mapping("http");
    return HttpHook{fields.text("url"), fields.text_or("method", "POST"), fields.text("body"), fields.pairs("headers")};
  }
  if (hook.has("redis")) {
    const auto fields = hook.mapping("redis");
    return RedisHook{fields.text("url"), fields.texts("keys")};
  }
  if (hook.has("env")) {
    const auto fields = hook.mapping("env");
    return EnvHook{fields.text("file"), fields.pairs("rename")};
  }
  if (hook.has("map")) {
    const auto fields = hook.mapping("map");
    return MapHook{fields.text("table"), fields.text("column"), fields.value("from"), fields.value("to")};
  }
  if (hook.has("reindex")) return ReindexHook{hook.texts("reindex")};
  if (hook.has("refresh")) return RefreshHook{hook.texts("refresh")};
  return CommandHook{hook.texts("command")};
}

Setting<Allowance> take_allowance(const Fields& fields, std::string_view key, const Setting<Allowance>& otherwise) {
  const auto text = fields.text(key);
  const auto allowance = read_allowance(text);
  if (!allowance) return otherwise;
  return {*allowance, text.at};
}

// The whole text as a JSON number, the way YAML's core schema sees it.
bool put_number(const std::string& text, Json& json) {
  const char *from = text.data(), *to = from + text.size();
  const bool number_like = !text.empty() && text.find_first_not_of("+-.0123456789eE") == std::string::npos;
  if (!number_like) return false;
  std::int64_t whole = 0;
  if (const auto [end, error] = std::from_chars(from, to, whole); error == std::errc() && end == to) {
    json = whole;
    return true;
  }
  double number = 0;
  if (const auto [end, error] = std::from_chars(from, to, number); error == std::errc() && end == to) {
    json = number;
    return true;
  }
  return false;
}

}  // namespace

std::string_view kind_of(const Hook& hook) {
  static constexpr std::string_view kinds[] = {"http", "command", "redis", "reindex", "refresh", "env", "map"};
  static_assert(std::size(kinds) == std::variant_size_v<AnyHook>);
  return kinds[hook.what.index()];
}

Json to_json(const Node& node) {
  Json json;
  switch (node.kind) {
    case Node::Kind::empty:
      break;
    case Node::Kind::list:
      json = Json::array();
      for (const auto& item : node.items) json.push_back(to_json(item));
      break;
    case Node::Kind::map:
      json = Json::object();
      for (const auto& [key, value] : node.entries) json[key.text] = to_json(value);
      break;
    case Node::Kind::scalar:
      if (!node.quoted && (node.text == "true" || node.text == "false")) {
        json = node.text == "true";
      } else if (node.quoted || !put_number(node.text, json)) {
        json = node.text;
      }
      break;
  }
  return json;
}

Hook take_hook(const Fields& fields) {
  Hook hook;
  hook.at = fields.at();
  const bool before = fields.has("before");
  hook.when = {before ? Boundary::Side::before : Boundary::Side::after,
               fields.phase(before ? "before" : "after", Phase::switch_over)};
  hook.what = take_any_hook(fields);
  hook.stops = fields.text("on_failure").value != "warn";
  return hook;
}

Limits take_limits(const Fields& fields) {
  Limits limits;
  limits.warnings = take_allowance(fields, "warnings", limits.warnings);
  limits.failed_rows = take_allowance(fields, "failed_rows", limits.failed_rows);
  if (const auto wait = fields.duration("lock_wait")) limits.lock_wait = *wait;
  if (const auto deadline = fields.duration("lock_deadline")) limits.lock_deadline = *deadline;
  if (const auto batch = fields.count("batch")) limits.batch = *batch;
  if (const auto workers = fields.count("workers")) {
    if (workers->value > 64)
      fields.reading().problem("wrong-value", workers->at,
                               fmt::format("`workers` is {}: at most 64 can work", workers->value),
                               "write a smaller number, or auto");
    limits.workers = {static_cast<int>(std::min<std::int64_t>(workers->value, 64)), workers->at};
  }
  limits.wal_rate = fields.size("wal_rate");
  limits.replication_lag = fields.duration("replication_lag");
  limits.hold_while = fields.sql("hold_while");
  limits.hold_file = fields.text("hold_file");
  limits.hours = fields.hours("hours");
  if (limits.lock_wait.given() && limits.lock_wait.value.count() == 0) {
    fields.reading().problem("wrong-value", limits.lock_wait.at, "`lock_wait` is 0: no lock could ever be had",
                             "write for example 50ms");
  }
  if (limits.lock_deadline.value < limits.lock_wait.value) {
    const auto& at = limits.lock_deadline.given() ? limits.lock_deadline.at : limits.lock_wait.at;
    fields.reading().problem("wrong-value", at,
                             fmt::format("`lock_deadline` ({}) is shorter than `lock_wait` ({})",
                                         to_text(limits.lock_deadline.value), to_text(limits.lock_wait.value)),
                             "the deadline is for all tries together: make it longer");
  }
  return limits;
}

Windows take_windows(const Fields& fields) {
  Windows windows;
  if (const auto grace = fields.duration("grace")) windows.grace = *grace;
  if (const auto trash = fields.duration("trash")) windows.trash = *trash;
  return windows;
}

Schedule take_schedule(const Fields& fields) {
  Schedule schedule;
  schedule.start = fields.time("start");
  schedule.duration = fields.duration("duration");
  for (const auto& notice : fields.texts("notices")) {
    if (const auto before = read_duration(notice)) schedule.notices.push_back({*before, notice.at});
  }
  return schedule;
}

std::vector<Contact> take_contacts(const Fields& fields, std::string_view key) {
  std::vector<Contact> contacts;
  for (const auto* item : fields.items(key)) {
    if (item->kind == Node::Kind::scalar) {
      contacts.push_back({{}, fields.text_of(*item), {}});
      continue;
    }
    const Fields contact(fields.reading(), fields.source(), item);
    contacts.push_back({contact.text("name"), contact.text("address"), contact.text("role")});
  }
  return contacts;
}

}  // namespace segue::migration
