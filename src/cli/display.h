// What a person sees while a migration runs: on a terminal a line that moves, elsewhere plain lines, with --log json
// one JSON object an event.
#pragma once

#include <memory>

#include "engine/event.h"

namespace segue::cli {

class Display {
 public:
  explicit Display(bool json);
  ~Display();

  void take(const engine::Event& event);
  // Ends the moving line, so that what is printed next begins a line of its own.
  void settle();

  // The line for a backfill, at most `width` columns wide; for tests too.
  static std::string progress_line(const engine::Event& event, std::size_t width);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace segue::cli
