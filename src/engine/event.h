// What the engine tells while it works. It knows neither a terminal nor a mail server: whoever wants to know listens.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/json_fwd.h"

namespace segue::engine {

struct Event {
  enum class Kind {
    phase_begins,  // phase
    phase_done,    // phase, seconds
    step_begins,   // step, title
    step_done,     // step, title, seconds, rows
    progress,      // step, title, rows, share, rate
    lock_wait,     // step, message: who is in the way
    check,         // title, ok, message
    probe,         // title, ok, message
    gate,          // title, message: what it waits for
    hook,          // title, phase: its boundary, ok, message: what it answered
    kept,          // rows set aside or brought back: title, rows
    busy,          // title, message, share: something that takes its time, a few times a second
    note,          // message
  };
  Kind kind = Kind::note;
  std::string phase;
  std::string step;
  std::string title;
  std::string message;
  bool ok = true;
  bool down = false;    // on the way back
  bool values = false;  // of kept: values of a column, whose rows stay
  std::int64_t rows = 0;
  std::int64_t rows_total = 0;  // estimated; 0: not known
  double share = 0;
  double rate = 0;
  double seconds = 0;
  // Of progress: what is left takes between the two (0: not known yet), with so many workers; message: why it holds
  // still.
  double least_s = 0, most_s = 0;
  int workers = 0;
  std::int64_t batch = 0;
  bool comparing = false;  // what was carried is looked at again
  std::string slowed;      // why it is slower than it could be
};

// What somebody who looks from elsewhere is told of a backfill.
Json to_json(const Event& progress);
// The same read back; nothing where the text is none.
std::optional<Event> progress_from(const std::string& json);

using Listener = std::function<void(const Event&)>;

}  // namespace segue::engine
