// What a person sees while a migration runs: on a terminal a line that moves, elsewhere plain lines, with --log json
// one JSON object an event.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/event.h"

namespace segue::cli {

class Display {
 public:
  // `beside` gives a few words that stand beside the moving line and after each phase: how the applications fare.
  explicit Display(bool json, std::function<std::string()> beside = {});
  ~Display();

  void take(const engine::Event& event);
  // Ends the moving line, so that what is printed next begins a line of its own.
  void settle();
  // A line of its own, between those of the events.
  void say(const std::string& text);
  void headline(const std::string& text);  // the same in bold, after an empty line
  // On a terminal what stands on the moving line now; elsewhere nothing.
  void show(const std::string& text);

  // The line for a backfill, at most `width` columns wide; for tests too.
  static std::string progress_line(const engine::Event& event, std::size_t width);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace segue::cli
