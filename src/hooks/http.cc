#include "hooks/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <cstring>

#include "base/clock.h"
#include "base/text.h"
#include "hooks/curl_library.h"
#include "hooks/http_error.h"
#include "hooks/stop.h"
#include "hooks/utf8.h"

namespace segue::hooks {
namespace {

constexpr std::size_t body_limit = 4096;
constexpr long most_redirects = 5;

bool is_token(std::string_view text) {
  const auto fits = [](char c) {
    return (std::isalnum(static_cast<unsigned char>(c)) != 0) || std::strchr("!#$%&'*+-.^_`|~", c) != nullptr;
  };
  return !text.empty() && text.find('\0') == std::string_view::npos && std::all_of(text.begin(), text.end(), fits);
}

Status check(const HttpRequest& request) {
  const auto url = TRY(read_url(request.url));
  if (url.scheme != "http" && url.scheme != "https") {
    return usage_error(fmt::format("'{}' is neither http nor https", shown_url(request.url)),
                       "give a URL that begins with http:// or https://");
  }
  if (url.host.empty())
    return usage_error(fmt::format("'{}' names no host", shown_url(request.url)), "write https://HOST/…");
  if (!is_token(request.method)) {
    return usage_error("the method is no HTTP method", "GET, POST, PUT, PATCH, DELETE or HEAD");
  }
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name))
      return usage_error("the name of a header holds a character that it may not hold", "letters, digits and hyphens");
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return usage_error(fmt::format("the value of the header '{}' holds a line end", name), "write it on one line");
    }
  }
  return {};
}

std::size_t keep_body(char* bytes, std::size_t, std::size_t count, void* body) {
  auto& text = *static_cast<std::string*>(body);
  text.append(bytes, std::min(count, outside_limit(body_limit) - text.size()));
  return count;
}

// One request: curl's handles, the memory that they point to, and their end.
class Exchange {
 public:
  Exchange(const CurlLibrary& curl, const HttpRequest& request)
      : curl_(curl), request_(request), easy_(curl.easy_init()), multi_(curl.multi_init()) {
    reason_.front() = '\0';
    body_.reserve(outside_limit(body_limit));
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange() {
    if (added_) curl_.multi_remove_handle(multi_, easy_);
    curl_.easy_cleanup(easy_);
    curl_.multi_cleanup(multi_);
    curl_.slist_free_all(headers_);
  }

  // False where this libcurl lacks something that must hold.
  bool prepare();
  Result<HttpAnswer> perform(const std::atomic<bool>* stop);

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    fits_ = fits_ && curl_.easy_setopt(easy_, option, value) == CURLE_OK;
  }
  void set_method();
  void set_headers();
  void add_header(const std::string& line);
  std::string answering_place() const;
  FailedExchange failed(CURLcode problem) const;

  const CurlLibrary& curl_;
  const HttpRequest& request_;
  CURL* easy_;
  CURLM* multi_;
  curl_slist* headers_ = nullptr;
  bool added_ = false, fits_ = true;
  std::array<char, CURL_ERROR_SIZE> reason_{};
  std::string body_;
};

void Exchange::add_header(const std::string& line) {
  auto* longer = curl_.slist_append(headers_, line.c_str());
  fits_ = fits_ && longer != nullptr;
  if (longer != nullptr) headers_ = longer;
}

void Exchange::set_headers() {
  bool has_type = false;
  for (const auto& [name, value] : request_.headers) {
    has_type = has_type || lower(name) == "content-type";
    add_header(trim(value).empty() ? name + ";" : name + ": " + value);  // curl's way to write an empty one
  }
  if (!has_type && !request_.body.empty()) {
    const auto start = trim(request_.body).substr(0, 1);
    add_header(start == "{" || start == "[" ? "Content-Type: application/json"
                                            : "Content-Type: text/plain; charset=utf-8");
  }
  add_header("Expect:");  // the body goes at once
  set(CURLOPT_HTTPHEADER, headers_);
}

void Exchange::set_method() {
  const bool reads_only = request_.method == "GET" || request_.method == "HEAD";
  if (request_.method == "POST" || !request_.body.empty()) {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    set(CURLOPT_POSTFIELDS, request_.body.data());
  }
  if (request_.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else if (request_.method != "POST" && (request_.method != "GET" || !request_.body.empty())) {
    set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  }
  set(CURLOPT_FOLLOWLOCATION, reads_only ? 1L : 0L);
  set(CURLOPT_MAXREDIRS, most_redirects);
}

bool Exchange::prepare() {
  if (easy_ == nullptr || multi_ == nullptr) return false;
  set(CURLOPT_URL, request_.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  for (const char* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
    if (const char* file = std::getenv(name); file != nullptr && *file != '\0') {
      set(CURLOPT_CAINFO, file);
      break;
    }
  }
  set(CURLOPT_NOSIGNAL, 1L);    // the program has threads
  set(CURLOPT_QUICK_EXIT, 1L);  // a stop does not wait for the name service
  const auto ms = std::max<long>(1, static_cast<long>(request_.timeout.count()));
  set(CURLOPT_TIMEOUT_MS, ms);
  set(CURLOPT_CONNECTTIMEOUT_MS, ms);
  set(CURLOPT_USERAGENT, "segue/" SEGUE_VERSION);
  set(CURLOPT_ERRORBUFFER, reason_.data());
  set(CURLOPT_WRITEFUNCTION, &keep_body);
  set(CURLOPT_WRITEDATA, &body_);
  set_method();
  set_headers();
  return fits_;
}

// Host and port of whom we talked to last: the server may have sent us on.
std::string Exchange::answering_place() const {
  const char* last = nullptr;
  curl_.easy_getinfo(easy_, CURLINFO_EFFECTIVE_URL, &last);
  const auto url = read_url(last == nullptr ? request_.url : last);
  return url ? host_and_port(*url, url->scheme == "https" ? 443 : 80) : std::string();
}

FailedExchange Exchange::failed(CURLcode problem) const {
  long system_error = 0, status = 0;
  curl_.easy_getinfo(easy_, CURLINFO_OS_ERRNO, &system_error);
  curl_.easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  return {problem,
          answering_place(),
          request_.timeout,
          static_cast<int>(status),
          static_cast<int>(system_error),
          reason_.data(),
          curl_.easy_strerror(problem)};
}

Result<HttpAnswer> Exchange::perform(const std::atomic<bool>* stop) {
  const Stopwatch watch;
  added_ = curl_.multi_add_handle(multi_, easy_) == CURLM_OK;
  for (int running = 1; added_;) {
    if (asked_to_stop(stop)) return stopped("stopped while waiting for an answer", answering_place());
    if (curl_.multi_perform(multi_, &running) != CURLM_OK) break;
    int left = 0;
    if (const CURLMsg* news = curl_.multi_info_read(multi_, &left); news != nullptr && news->msg == CURLMSG_DONE) {
      if (news->data.result != CURLE_OK) return tl::unexpected(http_error(failed(news->data.result)));
      long status = 0;
      curl_.easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
      return HttpAnswer{static_cast<int>(status), clean_head(body_, body_limit), watch.seconds() * 1000};
    }
    if (curl_.multi_poll(multi_, nullptr, 0, static_cast<int>(stop_interval.count()), nullptr) != CURLM_OK) break;
  }
  return tl::unexpected(http_error(failed(CURLE_FAILED_INIT)));
}

}  // namespace

Result<HttpAnswer> ask(const HttpRequest& request, const std::atomic<bool>* stop) {
  TRY(check(request));
  const auto* curl = TRY(curl_library());
  Exchange exchange(*curl, request);
  if (!exchange.prepare()) {
    return failure("no-libcurl", "this machine's libcurl is too old to be asked safely",
                   "install libcurl 7.87 or newer");
  }
  return exchange.perform(stop);
}

}  // namespace segue::hooks
