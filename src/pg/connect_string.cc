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

tl::unexpected<Error> bad_url() {
  return tl::unexpected(
      Error{"bad-url",
            "the connection string cannot be read",
            {},
            "write postgresql://user@host:port/database; in a password write @ as %40, : as %3A, / as %2F, % as %25",
            {},
            Exit::usage});
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
  PQfreemem(problem);
  if (!options) return bad_url();
  std::string user, host, port, database, password;
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    const std::string_view key = option->keyword;
    const std::string value = option->val == nullptr ? "" : option->val;
    if (key == "user") user = value;
    if (key == "host" || (key == "hostaddr" && host.empty())) host = value;
    if (key == "port") port = value;
    if (key == "dbname") database = value;
    if (key == "password") password = value;
    if (key == "password" || key == "sslpassword") target.secrets.push_back(value);
  }
  if (is_url(url) && cut_wrongly(url, password, host + port + database)) return bad_url();
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
