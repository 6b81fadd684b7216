// Makes an application's cache in Redis forget the keys of a pattern.
//
// SCAN finds them and UNLINK removes them (DEL where the server has no UNLINK), in groups, so that the server is held
// up by neither; never KEYS, never FLUSH. Keys that come while this runs may stay. Done twice is as good as done once.
//
// A pattern that matches every key is refused; `*!` says that this is meant. Keys may be of any bytes. Neither user nor
// password is in a message. No TLS: for rediss:// a command hook with redis-cli --tls does it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace segue::hooks {

struct Forgotten {
  std::int64_t keys = 0;  // that were there and are gone
};

// `url`: redis://[[user]:password@]host[:port][/db], unix://[[user]:password@]/path[?db=n], or redis+unix:// in its
// place. The server has 5 s for the connection and for each answer. `stop` ends it within 100 ms (error "stopped"),
// between two groups or in one; it may be null.
Result<Forgotten> forget_keys(const std::string& url, const std::vector<std::string>& patterns,
                              const std::atomic<bool>* stop);

// Whether the pattern is one that forget_keys takes; `segue check` can ask without a server.
Status check_key_pattern(const std::string& pattern);

}  // namespace segue::hooks
