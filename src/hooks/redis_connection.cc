#include "hooks/redis_connection.h"

#include <fmt/format.h>

#include <charconv>

#include "base/text.h"
#include "hooks/utf8.h"

namespace segue::hooks {
namespace {

constexpr std::chrono::milliseconds answer_limit{5000};
constexpr std::uint16_t standard_port = 6379;

std::optional<std::int64_t> read_database(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || problem != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

tl::unexpected<Error> no_database(const std::string& url) {
  return usage_error(fmt::format("'{}' names no database of Redis", shown_url(url)),
                     "a database is a number: redis://HOST:PORT/2, unix:///PATH?db=2");
}

struct Refusal {
  std::string_view start, code, hint;
};

// What the server says first, and what to do about it.
constexpr Refusal refusals[] = {
    {"NOAUTH", "redis-no-login", "the server wants a password: redis://:PASSWORD@HOST or redis://USER:PASSWORD@HOST"},
    {"WRONGPASS", "redis-no-login", "check user and password in the URL"},
    {"ERR invalid password", "redis-no-login", "check the password in the URL"},
    {"ERR AUTH", "redis-no-login", "the server wants no password, or knows no users: leave them out of the URL"},
    {"ERR Client sent AUTH", "redis-no-login", "the server wants no password: leave it out of the URL"},
    {"ERR wrong number of arguments for 'auth'", "redis-no-login",
     "a server before version 6 knows no users: redis://:PASSWORD@HOST"},
    {"NOPERM", "redis-no-rights", "the user needs the rights +select +scan +unlink (+del) and the keys: ACL SETUSER"},
    {"ERR DB index", "redis-no-database", "the server has fewer databases (`databases` in its configuration)"},
    {"ERR SELECT is not allowed", "redis-no-database", "a cluster has database 0 only"},
    {"READONLY", "redis-read-only", "this is a replica: name its primary in the URL"},
    {"LOADING", "redis-not-ready", "the server is still reading its data: try again in a while"},
    {"MASTERDOWN", "redis-not-ready", "this replica has lost its primary: name the primary in the URL"},
    {"MISCONF", "redis-not-ready", "the server cannot save its data and takes no changes: see its log"},
    {"CROSSSLOT", "redis-cluster", "this is a cluster: a command hook with redis-cli -c does it, once for each node"},
    {"MOVED", "redis-cluster", "this is a cluster: a command hook with redis-cli -c does it, once for each node"},
    {"CLUSTERDOWN", "redis-cluster", "this is a cluster that is not well: see CLUSTER INFO"},
};

}  // namespace

std::string RedisPlace::shown() const {
  if (host.empty()) return path;
  return fmt::format("{}:{}", host.find(':') == std::string::npos ? host : "[" + host + "]", port);
}

Result<RedisPlace> read_redis_url(const std::string& text) {
  const auto url = TRY(read_url(text));
  if (url.scheme == "rediss") {
    return refused("redis-no-tls",
                   fmt::format("'{}' asks for TLS, which segue does not speak with Redis", shown_url(text)),
                   "use a command hook: [\"redis-cli\", \"--tls\", …], or a tunnel and redis://");
  }
  RedisPlace place;
  place.user = url.user;
  place.password = url.password;
  if (url.user && !url.password) {
    return usage_error(fmt::format("'{}' names a user without a password", shown_url(text)),
                       "a password alone is written redis://:PASSWORD@HOST");
  }
  std::string database;
  if (url.scheme == "redis") {
    if (url.host.empty())
      return usage_error(fmt::format("'{}' names no host", shown_url(text)), "redis://HOST:PORT/DB");
    if (!url.query.empty()) {
      return usage_error(fmt::format("'{}' has options, which redis:// does not have here", shown_url(text)),
                         "a database is written redis://HOST:PORT/2");
    }
    place.host = url.host;
    place.port = url.port == 0 ? standard_port : url.port;
    database = url.path.substr(std::min<std::size_t>(1, url.path.size()));
  } else if (url.scheme == "unix" || url.scheme == "redis+unix") {
    place.path = url.host + url.path;
    if (place.path.empty() || url.port != 0) {
      return usage_error(fmt::format("'{}' names no socket", shown_url(text)), "unix:///PATH?db=0");
    }
    if (!url.query.empty() && !url.query.starts_with("db=")) return no_database(text);
    database = url.query.substr(std::min<std::size_t>(3, url.query.size()));
    if (!url.query.empty() && database.empty()) return no_database(text);
  } else {
    return usage_error(fmt::format("'{}' names no Redis server", shown_url(text)),
                       "redis://HOST:PORT/DB, or unix:///PATH?db=N for a socket");
  }
  if (database.empty()) return place;
  const auto number = read_database(database);
  if (!number) return no_database(text);
  place.database = *number;
  return place;
}

Result<RedisConnection> RedisConnection::open(const RedisPlace& place, const std::atomic<bool>* stop) {
  auto socket = place.host.empty() ? TRY(Socket::to_file(place.path, Patience(answer_limit, stop)))
                                   : TRY(Socket::to_host(place.host, place.port, Patience(answer_limit, stop)));
  RedisConnection connection(std::move(socket), place.shown(), stop);
  TRY(connection.log_in(place));
  return connection;
}

Status RedisConnection::log_in(const RedisPlace& place) {
  if (place.password) {
    std::vector<std::string_view> words{"AUTH"};
    if (place.user && !place.user->empty()) words.emplace_back(*place.user);
    words.emplace_back(*place.password);
    const auto reply = TRY(ask(words));
    if (reply->type == REDIS_REPLY_ERROR) return tl::unexpected(refusal(*reply));
  }
  const auto database = std::to_string(place.database);
  const auto reply = TRY(ask({"SELECT", database}));
  if (reply->type == REDIS_REPLY_ERROR) return tl::unexpected(refusal(*reply));
  return {};
}

Result<RedisReply> RedisConnection::ask(const std::vector<std::string_view>& words) {
  std::vector<const char*> starts;
  std::vector<std::size_t> sizes;
  for (const auto word : words) {
    starts.push_back(word.data());
    sizes.push_back(word.size());
  }
  char* bytes = nullptr;
  const int size = ::redisFormatCommandArgv(&bytes, static_cast<int>(words.size()), starts.data(), sizes.data());
  if (size < 0) return failure("redis-failed", "a command for Redis could not be written", {}, where_);
  const std::string command(bytes, static_cast<std::size_t>(size));
  ::redisFreeCommand(bytes);
  const Patience patience(answer_limit, stop_);
  TRY(socket_.send(command, patience));
  for (;;) {
    void* found = nullptr;
    if (::redisReaderGetReply(reader_.get(), &found) != REDIS_OK) {
      return failure("not-redis", "what answers there does not speak the protocol of Redis",
                     "check host and port in the URL; a server with TLS cannot be used here", where_);
    }
    if (found != nullptr) return RedisReply(static_cast<redisReply*>(found));
    const auto piece = TRY(socket_.receive(patience));
    ::redisReaderFeed(reader_.get(), piece.data(), piece.size());
  }
}

Error RedisConnection::refusal(const redisReply& reply) const {
  const auto words = clean_head({reply.str, reply.len}, 300);
  for (const auto& known : refusals) {
    if (!words.starts_with(known.start)) continue;
    return {std::string(known.code),
            fmt::format("Redis refuses: {}", words),
            where_,
            std::string(known.hint),
            {},
            Exit::failed};
  }
  return {
      "redis-refused", fmt::format("Redis refuses: {}", words), where_, "see the server's log and configuration", {},
      Exit::failed};
}

}  // namespace segue::hooks
