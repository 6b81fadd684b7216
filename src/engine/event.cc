#include "engine/event.h"

#include "base/json.h"

namespace segue::engine {

Json to_json(const Event& progress) {
  return {{"step", progress.step},           {"rows", progress.rows},       {"rows_total", progress.rows_total},
          {"share", progress.share},         {"rate", progress.rate},       {"least_s", progress.least_s},
          {"most_s", progress.most_s},       {"workers", progress.workers}, {"batch", progress.batch},
          {"comparing", progress.comparing}, {"held", progress.message}};
}

}  // namespace segue::engine
