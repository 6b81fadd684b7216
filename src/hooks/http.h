// One HTTP request around a migration: a webhook, a health check.
//
// An answer of any status is an answer; what it means is the caller's business. No connection, no answer in time,
// trouble with TLS are errors that name host and port and never show user, password, query or headers.
//
// http and https only, also where the server sends on to another place. GET and HEAD follow at most five such answers;
// every other method takes the first answer, since asking twice could do a thing twice. A user and password, and the
// headers Authorization and Cookie, do not go along to another host; other headers do. Certificates are verified
// against the system's authorities, or against the file that CURL_CA_BUNDLE or SSL_CERT_FILE names. HTTP(S)_PROXY,
// ALL_PROXY and NO_PROXY hold as for curl. A body without a Content-Type header is application/json where it begins
// like JSON, otherwise text/plain.
//
// Does not retry. After an error the server may have done what was asked. Safe to call from several threads.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "hooks/url.h"

namespace segue::hooks {

struct HttpRequest {
  std::string url;
  std::string method = "GET";
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};
  std::chrono::milliseconds timeout{10'000};  // for the whole of it
};

struct HttpAnswer {
  int status = 0;
  std::string body;  // the first 4 KB, valid UTF-8; the rest is read and dropped
  double ms = 0;
};

// `stop` ends it within 100 ms (error "stopped"); it may be null.
Result<HttpAnswer> ask(const HttpRequest& request, const std::atomic<bool>* stop);

}  // namespace segue::hooks
