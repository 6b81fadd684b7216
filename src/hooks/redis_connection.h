// A session with a Redis server: connect, log in, choose the database, ask.
//
// Used inside this room only; redis.h is the way to it. hiredis writes and reads the protocol; waiting is ours, since
// it has to look at the stop flag.
#pragma once

#include <hiredis/hiredis.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "hooks/socket.h"
#include "hooks/url.h"

namespace segue::hooks {

struct RedisPlace {
  std::string host;  // empty: `path`
  std::uint16_t port = 6379;
  std::string path;
  std::optional<std::string> user, password;
  std::int64_t database = 0;

  std::string shown() const;  // host:port or path
};

Result<RedisPlace> read_redis_url(const std::string& url);

struct FreeReply {
  void operator()(redisReply* reply) const { ::freeReplyObject(reply); }
};
using RedisReply = std::unique_ptr<redisReply, FreeReply>;

class RedisConnection {
 public:
  static Result<RedisConnection> open(const RedisPlace& place, const std::atomic<bool>* stop);

  // The server's answer; what it refuses is in it, as REDIS_REPLY_ERROR.
  Result<RedisReply> ask(const std::vector<std::string_view>& words);

  // An answer that is a refusal, as an error that says what to do.
  Error refusal(const redisReply& reply) const;

 private:
  struct FreeReader {
    void operator()(redisReader* reader) const { ::redisReaderFree(reader); }
  };
  RedisConnection(Socket socket, std::string where, const std::atomic<bool>* stop)
      : socket_(std::move(socket)), where_(std::move(where)), stop_(stop), reader_(::redisReaderCreate()) {}
  Status log_in(const RedisPlace& place);

  Socket socket_;
  std::string where_;
  const std::atomic<bool>* stop_;
  std::unique_ptr<redisReader, FreeReader> reader_;
};

}  // namespace segue::hooks
