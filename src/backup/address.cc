#include "backup/address.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "base/text.h"
#include "pg/connect_string.h"

namespace segue::backup {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

std::string word(const std::string& key, const std::string& value) {
  std::string text = key + "='";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}

bool is_secret(const std::string& key) {
  return key == "password" || key == "sslpassword";
}

std::string environment_value(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

Result<Address> Address::read(const std::string& url) {
  const std::string text = url.empty() ? environment_value("DATABASE_URL") : url;
  Address address;
  address.secrets_ = TRY(pg::read_connect_string(text)).secrets;
  if (text.empty()) return address;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconninfoParse(text.c_str(), nullptr));
  if (!options) return usage_error("the connection string cannot be read");
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    address.words_.emplace_back(option->keyword, option->val);
    if (std::string_view(option->keyword) == "password") address.password_ = option->val;
    if (std::string_view(option->keyword) == "sslpassword") {
      return refused(
          "secret-in-arguments",
          "`sslpassword` in the connection string cannot be handed to pg_dump without showing it to everybody "
          "on this machine",
          "use a key without a passphrase, in a file that only you can read");
    }
  }
  return address;
}

std::string Address::text(const std::string& database, const std::string& settings, bool with_secrets) const {
  std::vector<std::string> parts;
  // PGOPTIONS counts only where no options stand in the string, so it has to be taken along.
  std::string options = environment_value("PGOPTIONS");
  for (const auto& [key, value] : words_) {
    if (is_secret(key) && !with_secrets) continue;
    if (key == "dbname" && !database.empty()) continue;
    if (key == "options" && !settings.empty()) {
      options = value;
      continue;
    }
    parts.push_back(word(key, value));
  }
  if (!database.empty()) parts.push_back(word("dbname", database));
  if (!settings.empty()) parts.push_back(word("options", options.empty() ? settings : options + " " + settings));
  return join(parts, " ");
}

std::string Address::url(const std::string& database, const std::string& settings) const {
  return text(database, settings, true);
}

std::string Address::argument(const std::string& database, const std::string& settings) const {
  return text(database, settings, false);
}

std::vector<std::string> Address::environment() const {
  std::vector<std::string> words;
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string_view entry = *one;
    const bool ours = entry.starts_with("LC_ALL=") || entry.starts_with("LC_MESSAGES=") ||
                      entry.starts_with("LANGUAGE=") || (entry.starts_with("PGPASSWORD=") && !password_.empty());
    if (!ours) words.emplace_back(entry);
  }
  words.emplace_back("LC_ALL=C");  // its messages are looked into
  if (!password_.empty()) words.push_back("PGPASSWORD=" + password_);
  return words;
}

}  // namespace segue::backup
