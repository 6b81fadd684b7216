// What a session does while it builds an index concurrently: how far it is, whom it waits for; and it is ended when the
// run is asked to stop.
//
// It looks with a session of its own, from a thread of its own, for as long as it lives; the session that builds is
// busy all the time and tells nothing itself.
#pragma once

#include <memory>

#include "engine/work.h"

namespace segue::engine {

class IndexWatch {
 public:
  IndexWatch(Work& work, const plan::Step& step);
  ~IndexWatch();
  IndexWatch(const IndexWatch&) = delete;
  IndexWatch& operator=(const IndexWatch&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace segue::engine
