#include "engine/event.h"

#include "base/json.h"

namespace segue::engine {

Json to_json(const Event& progress) {
  return {{"step", progress.step},           {"rows", progress.rows},       {"rows_total", progress.rows_total},
          {"share", progress.share},         {"rate", progress.rate},       {"least_s", progress.least_s},
          {"most_s", progress.most_s},       {"workers", progress.workers}, {"batch", progress.batch},
          {"comparing", progress.comparing}, {"held", progress.message},    {"slowed", progress.slowed}};
}

std::optional<Event> progress_from(const std::string& json) {
  const auto told = Json::parse(json, nullptr, false);
  if (!told.is_object()) return std::nullopt;
  Event event;
  event.kind = Event::Kind::progress;
  event.step = told.value("step", std::string());
  event.rows = told.value("rows", std::int64_t{0});
  event.rows_total = told.value("rows_total", std::int64_t{0});
  event.share = told.value("share", 0.0);
  event.rate = told.value("rate", 0.0);
  event.least_s = told.value("least_s", 0.0);
  event.most_s = told.value("most_s", 0.0);
  event.workers = told.value("workers", 0);
  event.batch = told.value("batch", std::int64_t{0});
  event.comparing = told.value("comparing", false);
  event.message = told.value("held", std::string());
  event.slowed = told.value("slowed", std::string());
  return event;
}

}  // namespace segue::engine
