#include "hooks/http_error.h"

#include <fmt/format.h>

#include <cstdlib>
#include <cstring>

#include "base/text.h"

namespace segue::hooks {
namespace {

bool uses_proxy() {
  for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return true;
  }
  return false;
}

std::string in_brackets(const std::string& reason) {
  return reason.empty() ? "" : " (" + reason + ")";
}

std::string system_words(int number) {
  return number == 0 ? "" : std::strerror(number);
}

}  // namespace

Error http_error(const FailedExchange& failed) {
  const auto error = [&](std::string code, std::string message, std::string hint) {
    return Error{std::move(code), std::move(message), failed.where, std::move(hint), {}, Exit::failed};
  };
  const std::string proxy =
      uses_proxy() ? "; a proxy is set (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY): NO_PROXY takes a host out" : "";
  switch (failed.problem) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return error("http-no-host", "the name of the host is not known here",
                   "check the host in the URL, and this machine's name service");
    case CURLE_COULDNT_RESOLVE_PROXY:
      return error("http-no-proxy", "the name of the proxy is not known here",
                   "check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or put the host into NO_PROXY");
    case CURLE_COULDNT_CONNECT:
      return error("http-no-connection", "no connection" + in_brackets(system_words(failed.system_error)),
                   "check that the server runs, and host and port in the URL" + proxy);
    case CURLE_OPERATION_TIMEDOUT:
      return error("http-timeout",
                   fmt::format("{} within {}", failed.status == 0 ? "no answer" : "the answer did not end",
                               duration_text(static_cast<double>(failed.timeout.count()) / 1000)),
                   "the server may still be at it: look there, and give it a longer timeout if it needs one" + proxy);
    case CURLE_SSL_CONNECT_ERROR:
      return error("http-tls", "no TLS connection" + in_brackets(failed.reason),
                   "check that the server speaks TLS on this port; if it does not, the URL begins with http://");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      return error("http-tls", "the server's certificate is not trusted" + in_brackets(failed.reason),
                   "check the host's name; an authority of your own belongs into the system's store "
                   "(update-ca-certificates) or into the file that SSL_CERT_FILE names");
    case CURLE_SSL_CACERT_BADFILE:
      return error("http-tls", "the file of trusted authorities cannot be read",
                   "check CURL_CA_BUNDLE and SSL_CERT_FILE, and that the package ca-certificates is installed");
    case CURLE_TOO_MANY_REDIRECTS:
      return error("http-redirects", "the server sends on to another place more than 5 times",
                   "give the URL where it ends; it may be a circle");
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return error("http-not-http", "what answers does not speak HTTP, or sends on to something else",
                   "check the port in the URL, and where the server sends on to");
    case CURLE_URL_MALFORMAT:
      return {"usage", "the URL cannot be read", failed.where, "write it as https://HOST:PORT/PATH", {}, Exit::usage};
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return error("http-broken",
                   failed.status == 0
                       ? "the connection broke off before an answer"
                       : fmt::format("the connection broke off in the answer (status {})", failed.status),
                   "see the server's log; it may have done what was asked");
    default:
      return error("http-failed", fmt::format("the request failed ({})", failed.general_reason),
                   "see the server's log; it may have done what was asked");
  }
}

}  // namespace segue::hooks
