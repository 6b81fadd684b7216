#include "hooks/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace segue::hooks {
namespace {

constexpr auto npos = std::string_view::npos;

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_scheme(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+'; };
  return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

// The text after the first colon that is no part of an IPv6 address; nothing where there is none.
std::optional<std::string_view> port_of(std::string_view authority) {
  const auto colon =
      authority.find(':', authority.starts_with('[') ? std::min(authority.find(']'), authority.size()) : 0);
  if (colon == npos) return std::nullopt;
  return authority.substr(colon + 1);
}

tl::unexpected<Error> no_url(const std::string& text, std::string what, std::string hint) {
  return usage_error(fmt::format("'{}' {}", shown_url(text), what), std::move(hint));
}

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// user[:password]; false where it is not well encoded.
bool read_user(std::string_view text, Url& url) {
  const auto colon = text.find(':');
  url.user = percent_decoded(text.substr(0, colon));
  if (!url.user) return false;
  if (colon == npos) return true;
  url.password = percent_decoded(text.substr(colon + 1));
  return url.password.has_value();
}

// host[:port]; false where the port is none.
bool read_host(std::string_view text, Url& url) {
  if (const auto port = port_of(text)) {
    const auto [end, problem] = std::from_chars(port->data(), port->data() + port->size(), url.port);
    if (!is_digits(*port) || problem != std::errc{} || url.port == 0) return false;
    text.remove_suffix(port->size() + 1);
  }
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  url.host = text;
  return true;
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      decoded += text[at];
      continue;
    }
    if (at + 2 >= text.size()) return std::nullopt;
    const auto high = hex_digit(text[at + 1]), low = hex_digit(text[at + 2]);
    if (!high || !low) return std::nullopt;
    decoded += static_cast<char>(*high * 16 + *low);
    at += 2;
  }
  return decoded;
}

Result<Url> read_url(const std::string& text) {
  const auto printable = [](char c) { return static_cast<unsigned char>(c) > ' ' && c != 0x7F; };
  if (!std::all_of(text.begin(), text.end(), printable)) {
    return usage_error("a URL holds a blank or a control character", "percent-encode it: a blank is %20");
  }
  Url url;
  const auto colon = text.find("://");
  url.scheme = colon == npos ? "" : lower(text.substr(0, colon));
  if (!is_scheme(url.scheme)) {
    return no_url(text, "is no URL", "a URL begins with its scheme, like https://");
  }
  std::string_view rest = std::string_view(text).substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  if (const auto mark = rest.find('?'); mark != npos) {
    url.query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  auto authority = rest.substr(0, rest.find('/'));
  const auto path = percent_decoded(rest.substr(authority.size()));
  const auto at = authority.rfind('@');
  const bool user_reads = at == npos || read_user(authority.substr(0, at), url);
  if (!path || !user_reads) {
    return no_url(text, "is not well encoded", "a percent sign itself is written %25");
  }
  url.path = *path;
  if (at != npos) authority = authority.substr(at + 1);
  if (!read_host(authority, url)) {
    return no_url(text, "names no port from 1 to 65535",
                  "check the port; in a password /, ?, # and @ are written %2F, %3F, %23 and %40");
  }
  return url;
}

std::string shown_url(std::string_view text) {
  const auto colon = text.find("://");
  const bool has_scheme = colon != npos && is_scheme(lower(text.substr(0, colon)));
  const auto start = has_scheme ? colon + 3 : 0;
  const std::string scheme(text.substr(0, start));
  auto rest = text.substr(start);
  const auto plain_end = std::min(rest.find_first_of("?#"), rest.size());
  const auto tail = plain_end == rest.size() ? "" : rest[plain_end] == '?' ? "?***" : "#***";
  const auto plain = rest.substr(0, plain_end);
  const auto authority = plain.substr(0, plain.find('/'));
  if (authority.find('@') != npos) {
    return fmt::format("{}***@{}{}", scheme, plain.substr(authority.rfind('@') + 1), tail);
  }
  const auto port = port_of(authority);
  if (port && !is_digits(*port)) return scheme + "***";  // what looks like a port may begin a password
  if (port && plain.find('@') != npos)
    return fmt::format("{}***@{}{}", scheme, plain.substr(plain.rfind('@') + 1), tail);
  return fmt::format("{}{}{}", scheme, plain, tail);
}

std::string host_and_port(const Url& url, std::uint16_t standard_port) {
  const auto host = url.host.find(':') == npos ? url.host : "[" + url.host + "]";
  return fmt::format("{}:{}", host, url.port == 0 ? standard_port : url.port);
}

}  // namespace segue::hooks
