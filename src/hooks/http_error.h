// What kept a request from being answered, in our words.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <string>

#include "base/error.h"

namespace segue::hooks {

struct FailedExchange {
  CURLcode problem;
  std::string where;  // host:port
  std::chrono::milliseconds timeout;
  int status;                          // of the answer, if one began; otherwise 0
  int system_error;                    // errno, if the system spoke; otherwise 0
  std::string reason, general_reason;  // curl's words
};

// Of curl's own words only those about TLS are shown.
Error http_error(const FailedExchange& failed);

}  // namespace segue::hooks
