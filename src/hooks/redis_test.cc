#include "hooks/redis.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "hooks/redis_connection.h"
#include "hooks/test_help.h"

namespace segue::hooks {
namespace {

using testing::Folder;

// A server of its own on a unix socket, and a client of hiredis's own that fills and reads it.
class RedisServer {
 public:
  explicit RedisServer(const std::vector<std::string>& options = {})
      : program_(words(options)), output_(program_.output_with("eady to accept connections")) {
    client_.reset(::redisConnectUnix(socket().c_str()));
    if (client_ == nullptr || client_->err != 0) ADD_FAILURE() << "no Redis server: " << output_;
  }

  std::string socket() const { return folder_.file("redis.sock"); }
  std::string url(const std::string& rest = "") const { return "unix://" + socket() + rest; }

  RedisReply ask(const std::vector<std::string>& command) {
    std::vector<const char*> starts;
    std::vector<std::size_t> sizes;
    for (const auto& word : command) {
      starts.push_back(word.data());
      sizes.push_back(word.size());
    }
    RedisReply reply(static_cast<redisReply*>(
        ::redisCommandArgv(client_.get(), static_cast<int>(command.size()), starts.data(), sizes.data())));
    if (!reply || reply->type == REDIS_REPLY_ERROR)
      ADD_FAILURE() << command[0] << ": " << (reply ? reply->str : "lost");
    return reply;
  }
  void set(const std::string& key) { ask({"SET", key, "value"}); }
  bool has(const std::string& key) { return ask({"EXISTS", key})->integer == 1; }
  std::int64_t size() { return ask({"DBSIZE"})->integer; }

 private:
  struct FreeClient {
    void operator()(redisContext* client) const { ::redisFree(client); }
  };
  std::vector<std::string> words(const std::vector<std::string>& options) const {
    std::vector<std::string> all{"redis-server", "--port", "0",     "--unixsocket", socket(),
                                 "--save",       "",       "--dir", folder_.path()};
    all.insert(all.end(), options.begin(), options.end());
    return all;
  }

  Folder folder_;
  testing::Program program_;
  std::string output_;
  std::unique_ptr<redisContext, FreeClient> client_;
};

std::int64_t forgotten(const std::string& url, const std::vector<std::string>& patterns) {
  const auto done = forget_keys(url, patterns, nullptr);
  if (done) return done->keys;
  ADD_FAILURE() << to_text(done.error());
  return -1;
}

Error error_of(const std::string& url, const std::vector<std::string>& patterns) {
  const auto done = forget_keys(url, patterns, nullptr);
  if (done) {
    ADD_FAILURE() << done->keys << " keys are gone";
    return {};
  }
  EXPECT_EQ(to_text(done.error()).find("Zq1secret"), std::string::npos) << to_text(done.error());
  EXPECT_NE(done.error().hint, "") << to_text(done.error());
  return done.error();
}

TEST(Redis, ForgetsTheKeysOfItsPatternsAndNoOthers) {
  RedisServer server;
  for (const std::string key : {"deals:1", "deals:2", "deal", "clients:1", "stages:a", "stages:b"}) server.set(key);
  EXPECT_EQ(forgotten(server.url(), {"deals:*", "stages:[a]"}), 3);
  EXPECT_FALSE(server.has("deals:1"));
  EXPECT_TRUE(server.has("deal"));
  EXPECT_TRUE(server.has("clients:1"));
  EXPECT_TRUE(server.has("stages:b"));
  EXPECT_EQ(forgotten(server.url(), {"deals:*", "stages:[a]"}), 0);
  EXPECT_EQ(forgotten(server.url(), {"*!"}), 3);
  EXPECT_EQ(server.size(), 0);
}

TEST(Redis, TakesKeysOfAnyBytes) {
  RedisServer server;
  std::string every = "deals:";
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  server.set(every);
  server.set(std::string("deals:\0\r\n$1", 11));
  server.set(std::string("other\0deals:", 12));
  EXPECT_EQ(forgotten(server.url(), {"deals:*"}), 2);
  EXPECT_EQ(server.size(), 1);
  EXPECT_EQ(forgotten(server.url(), {std::string("other\0*", 7)}), 1);
}

TEST(Redis, Forgets100000KeysInGroups) {
  RedisServer server;
  server.ask({"EVAL", "for i = 1, 100000 do redis.call('SET', 'deals:' .. i, i) end", "0"});
  server.ask({"EVAL", "for i = 1, 5000 do redis.call('SET', 'clients:' .. i, i) end", "0"});
  server.ask({"CONFIG", "RESETSTAT"});
  const Stopwatch watch;
  EXPECT_EQ(forgotten(server.url(), {"deals:*"}), 100'000);
  fmt::print("100,000 keys in {:.0f} ms\n", watch.seconds() * 1000);
  EXPECT_LT(watch.seconds(), 10);
  EXPECT_EQ(server.size(), 5000);
  const auto info = server.ask({"INFO", "commandstats"});
  const std::string used(info->str, info->len);
  EXPECT_NE(used.find("cmdstat_unlink"), std::string::npos);
  EXPECT_EQ(used.find("cmdstat_keys"), std::string::npos);
  EXPECT_EQ(used.find("cmdstat_flush"), std::string::npos);
}

TEST(Redis, TakesDelWhereTheServerHasNoUnlink) {
  RedisServer server({"--rename-command", "UNLINK", ""});
  server.set("deals:1");
  server.set("deals:2");
  EXPECT_EQ(forgotten(server.url(), {"deals:*"}), 2);
}

TEST(Redis, WorksInTheDatabaseThatTheUrlNames) {
  RedisServer server;
  server.set("deals:1");
  server.ask({"SELECT", "3"});
  server.set("deals:1");
  EXPECT_EQ(forgotten(server.url("?db=3"), {"deals:*"}), 1);
  EXPECT_FALSE(server.has("deals:1"));
  server.ask({"SELECT", "0"});
  EXPECT_TRUE(server.has("deals:1"));
  EXPECT_EQ(error_of(server.url("?db=99"), {"deals:*"}).code, "redis-no-database");
}

TEST(Redis, LogsIn) {
  RedisServer server;
  server.ask({"ACL", "SETUSER", "cache", "on", ">Zq1secret/@", "~*", "+@all"});
  server.ask({"ACL", "SETUSER", "reader", "on", ">Zq1secret", "~*", "+select", "+scan"});
  server.ask({"CONFIG", "SET", "requirepass", "Zq1secret"});
  server.set("deals:1");
  const auto with = [&](const std::string& user) { return "unix://" + user + server.socket(); };
  EXPECT_EQ(error_of(with(""), {"deals:*"}).code, "redis-no-login");
  EXPECT_EQ(error_of(with(":Zq1secretwrong@"), {"deals:*"}).code, "redis-no-login");
  EXPECT_EQ(error_of(with("cache:Zq1secret@"), {"deals:*"}).code, "redis-no-login");
  EXPECT_EQ(error_of(with("reader:Zq1secret@"), {"deals:*"}).code, "redis-no-rights");
  EXPECT_EQ(forgotten(with(":Zq1secret@"), {"deals:*"}), 1);
  server.set("deals:1");
  EXPECT_EQ(forgotten(with("cache:Zq1secret%2F%40@"), {"deals:*"}), 1);
}

TEST(Redis, GoesOverTcp) {
  // A port that was free a moment ago.
  const auto place = testing::Listener([](int) {}).place();
  EXPECT_EQ(error_of("redis://:Zq1secret@" + place, {"deals:*"}).code, "no-connection");
  RedisServer server({"--port", place.substr(place.find(':') + 1), "--bind", "127.0.0.1"});
  server.set("deals:1");
  EXPECT_EQ(forgotten("redis://" + place + "/0", {"deals:*"}), 1);
}

TEST(Redis, SaysThatAClusterIsNone) {
  const auto port = [] {
    const auto place = testing::Listener([](int) {}).place();
    return place.substr(place.find(':') + 1);
  };
  RedisServer node({"--cluster-enabled", "yes", "--port", port(), "--cluster-port", port(), "--bind", "127.0.0.1"});
  node.ask({"CLUSTER", "ADDSLOTSRANGE", "0", "16383"});
  for (std::string info; info.find("cluster_state:ok") == std::string::npos;) {
    const auto reply = node.ask({"CLUSTER", "INFO"});
    info.assign(reply->str, reply->len);
  }
  for (int key = 0; key < 20; ++key) node.set("deals:" + std::to_string(key));
  EXPECT_EQ(error_of(node.url(), {"deals:*"}).code, "redis-cluster");
  EXPECT_EQ(error_of(node.url("?db=1"), {"deals:*"}).code, "redis-no-database");
}

TEST(Redis, SaysThatAReplicaIsNone) {
  RedisServer replica({"--replicaof", "127.0.0.1", "1", "--replica-serve-stale-data", "yes"});
  EXPECT_EQ(forgotten(replica.url(), {"deals:*"}), 0);
  replica.ask({"REPLICAOF", "NO", "ONE"});
  replica.set("deals:1");
  replica.ask({"REPLICAOF", "127.0.0.1", "1"});
  EXPECT_EQ(error_of(replica.url(), {"deals:*"}).code, "redis-read-only");
}

TEST(Redis, RefusesAPatternThatMatchesEveryKey) {
  for (const std::string pattern : {"", "*", "**", "?*", "*?", "*?*", "???", "[^_]*", "[\x01-\xFF]*", "*[^a][^b]*"}) {
    const auto error = error_of("unix:///no/such/socket", {"deals:*", pattern});
    EXPECT_EQ(error.code, "redis-every-key") << pattern;
    EXPECT_EQ(error.exit, Exit::usage);
  }
  for (const std::string pattern : {"a*", "*a", "[ab]*", "\\**", "*:*", "deals:?", "*!", "[a", "*[a-z]"}) {
    EXPECT_TRUE(check_key_pattern(pattern)) << pattern;
  }
}

TEST(Redis, TakesNoUrlThatIsNone) {
  const auto tls = error_of("rediss://:Zq1secret@cache:6380/0", {"a*"});
  EXPECT_EQ(tls.code, "redis-no-tls");
  EXPECT_NE(tls.hint.find("--tls"), std::string::npos);
  for (const std::string url :
       {"cache", "http://cache", "redis://", "redis://:Zq1secret@/0", "redis://cache/x", "redis://cache/-1",
        "redis://cache/0/1", "redis://Zq1secret@cache", "redis://:Zq1secret/x@cache", "unix://", "unix:///a?Zq1secret",
        "unix:///a?db=", "unix:///a?db=1x", "redis://cache?db=1", "redis://cache:70000"}) {
    EXPECT_EQ(error_of(url, {"a*"}).exit, Exit::usage) << url;
  }
  EXPECT_EQ(error_of("redis://cache", {}).exit, Exit::usage);
  const auto place = read_redis_url("redis://me:p%3A@[::1]:70/2");
  ASSERT_TRUE(place);
  EXPECT_EQ(place->shown(), "[::1]:70");
  EXPECT_EQ(place->user, "me");
  EXPECT_EQ(place->password, "p:");
  EXPECT_EQ(place->database, 2);
  EXPECT_EQ(read_redis_url("redis+unix:///run/r.sock")->path, "/run/r.sock");
  EXPECT_EQ(read_redis_url("redis://cache")->port, 6379);
}

TEST(Redis, SaysWhatKeepsItFromAnAnswer) {
  EXPECT_EQ(error_of("unix:///no/such/socket", {"a*"}).where, "/no/such/socket");
  EXPECT_EQ(error_of("redis://:Zq1secret@no-such-host.invalid", {"a*"}).code, "no-host");
  testing::Listener other([](int connection) {
    ::send(connection, "220 mail\r\n", 10, MSG_NOSIGNAL);
    testing::wait_for_hang_up(connection);
  });
  EXPECT_EQ(error_of("redis://:Zq1secret@" + other.place(), {"a*"}).code, "not-redis");
  testing::Listener closing([](int) {});
  EXPECT_EQ(error_of("redis://" + closing.place(), {"a*"}).code, "connection-lost");
}

TEST(Redis, EndsAtAStop) {
  std::atomic<bool> stop = false;
  testing::Listener silent([&](int connection) {
    stop = true;
    testing::wait_for_hang_up(connection);
  });
  const auto done = forget_keys("redis://" + silent.place(), {"a*"}, &stop);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, "stopped");
  EXPECT_EQ(done.error().exit, Exit::stopped);
}

TEST(Redis, WaitsNoLongerThanItIsTold) {
  testing::Listener silent([](int connection) { testing::wait_for_hang_up(connection); });
  const auto port = std::stoi(silent.place().substr(silent.place().find(':') + 1));
  auto socket =
      Socket::to_host("127.0.0.1", static_cast<std::uint16_t>(port), Patience(std::chrono::seconds(5), nullptr));
  ASSERT_TRUE(socket) << to_text(socket.error());
  const auto answer = socket->receive(Patience(std::chrono::milliseconds(50), nullptr));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "no-answer");
  EXPECT_EQ(answer.error().message, "no answer within 50 ms");
}

}  // namespace
}  // namespace segue::hooks
