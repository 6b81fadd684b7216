#include "pg/connect_string.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace segue::pg {
namespace {

bool is_url(std::string_view text) {
  return text.rfind("postgresql://", 0) == 0 || text.rfind("postgres://", 0) == 0;
}

// What could be (a piece of) a password: all between the first ':' after the scheme and the last '@', as it stands and
// cut at the signs at which a parser may have cut it.
void add_pieces(std::string_view url, std::vector<std::string>& secrets) {
  if (!is_url(url)) return;
  const auto from = url.find("://") + 3;
  const auto colon = url.find(':', from), at = url.rfind('@');
  if (colon == std::string_view::npos || at == std::string_view::npos || at <= colon) return;
  const std::string middle(url.substr(colon + 1, at - colon - 1));
  secrets.push_back(middle);
  std::string piece;
  for (const char c : middle + "/") {
    if (std::strchr("/@:?#&=", c) == nullptr) {
      piece += c;
      continue;
    }
    secrets.push_back(piece);
    piece.clear();
  }
}

constexpr const char* form = "write postgresql://user@host:port/database";

tl::unexpected<Error> bad_url(std::string message, std::string hint) {
  return tl::unexpected(Error{"bad-url", std::move(message), {}, std::move(hint), {}, Exit::usage});
}

tl::unexpected<Error> bad_url() {
  return bad_url("the connection string cannot be read",
                 std::string(form) + "; in a password write @ as %40, : as %3A, / as %2F, % as %25");
}

// "mysql" of mysql://…; empty where what stands there is not surely a scheme.
std::string_view scheme_of(std::string_view text) {
  const auto scheme = text.substr(0, std::min(text.find("://"), text.size()));
  const bool sure = scheme.size() < text.size() && scheme.size() < 16 &&
                    std::all_of(
                        scheme.begin(), scheme.end(),
                        [](char c) { return (c >= 'a' && c <= 'z') || c == '+' || c == '.' || c == '-'; });
  return sure ? scheme : std::string_view();
}

// The parameter that libpq does not know, where no piece of a password can have been taken for it.
std::string_view unknown_parameter(std::string_view url, std::string_view problem) {
  constexpr std::string_view says = "invalid URI query parameter: \"";
  const auto question = url.find('?'), at = url.rfind('@');
  const bool after_all = question != std::string_view::npos && (at == std::string_view::npos || at < question);
  if (!is_url(url) || !after_all || !problem.starts_with(says)) return {};
  const auto name = problem.substr(says.size());
  return name.substr(0, name.find('"'));
}

// Why libpq cannot read it, as far as that can be told without quoting what may be secret.
tl::unexpected<Error> unreadable(std::string_view url, std::string_view problem) {
  if (const auto name = unknown_parameter(url, problem); !name.empty()) {
    return bad_url(fmt::format("there is no connection parameter `{}`", name),
                   "sslmode, connect_timeout, application_name and others: those of libpq");
  }
  if (const auto scheme = scheme_of(url); !scheme.empty() && !is_url(url)) {
    return bad_url(fmt::format("{}:// is no PostgreSQL URL", scheme), form);
  }
  if (url.find_first_of("=:/@ ") == std::string_view::npos) {
    return bad_url("a single word is no connection string", "for a database on this machine: postgresql:///NAME");
  }
  return bad_url();
}

// libpq takes a password that holds '/' or '@' for a host, a port or a database; what it read then holds an '@', or no
// password although the text has a ':' before an '@'.
bool cut_wrongly(std::string_view url, const std::string& password, const std::string& others) {
  const auto before_options = url.substr(0, url.find('?'));
  const auto from = before_options.find("://") + 3;
  const auto colon = before_options.find(':', from), at = before_options.rfind('@');
  const bool has_password = at != std::string_view::npos && colon < at && colon + 1 < at;
  return others.find('@') != std::string::npos || (has_password && password.empty());
}

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

}  // namespace

Result<Target> read_connect_string(const std::string& url) {
  Target target;
  add_pieces(url, target.secrets);
  char* problem = nullptr;
  std::unique_ptr<PQconninfoOption, FreeOptions> options(url.empty() ? PQconndefaults()
                                                                     : PQconninfoParse(url.c_str(), &problem));
  const std::string why = problem == nullptr ? "" : problem;
  PQfreemem(problem);
  if (!options) return unreadable(url, why);
  std::string user, host, port, database, password;
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    const std::string_view key = option->keyword;
    const std::string value = option->val == nullptr ? "" : option->val;
    if (key == "user") user = value;
    if (key == "host" || (key == "hostaddr" && host.empty())) host = value;
    if (key == "port") port = value;
    if (key == "dbname") database = value;
    if (key == "password") password = value;
    if (key == "options") target.options = value;
    if (key == "password" || key == "sslpassword") target.secrets.push_back(value);
  }
  if (is_url(url) && cut_wrongly(url, password, host + port + database)) return bad_url();
  if (const char* from_environment = std::getenv("PGOPTIONS"); from_environment != nullptr && target.options.empty()) {
    target.options = from_environment;
  }
  if (const char* from_environment = std::getenv("PGPASSWORD")) target.secrets.emplace_back(from_environment);
  // Longest first, so that no piece is left of one that holds another.
  std::sort(target.secrets.begin(), target.secrets.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
  target.display = fmt::format("postgresql://{}{}{}{}/{}", user, user.empty() ? "" : "@", host,
                               port.empty() ? "" : ":" + port, database);
  return target;
}

std::string without_secrets(std::string text, const std::vector<std::string>& secrets) {
  for (const auto& secret : secrets) text = redact(std::move(text), secret);
  return text;
}

void hide_passwords(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    char* argument = argv[i];
    if (char* scheme = std::strstr(argument, "://");
        scheme != nullptr && std::strstr(argument, "postgres") != nullptr) {
      char* at = std::strrchr(scheme, '@');
      char* colon = std::strchr(scheme + 3, ':');
      if (at != nullptr && colon != nullptr && colon < at) std::fill(colon + 1, at, 'x');
    }
    if (char* key = std::strstr(argument, "password="); key != nullptr) {
      char* value = key + std::strlen("password=");
      std::fill(value, value + std::strcspn(value, "& "), 'x');
    }
  }
}

}  // namespace segue::pg
