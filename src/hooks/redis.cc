#include "hooks/redis.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "hooks/redis_connection.h"
#include "hooks/stop.h"
#include "hooks/utf8.h"

namespace segue::hooks {
namespace {

constexpr std::string_view every_key = "*!";
constexpr std::string_view scan_count = "1000";
constexpr std::size_t group_size = 1000;
constexpr int whole_class = 128;  // a class of so many bytes names nothing in particular

// The class that begins at `at` ("[a-z]"): whether it is narrow, and `at` set to its last byte.
bool narrow_class(std::string_view pattern, std::size_t& at) {
  const bool turned = at + 1 < pattern.size() && pattern[at + 1] == '^';
  int bytes = 0;
  for (at += turned ? 2 : 1; at < pattern.size() && pattern[at] != ']'; ++at) {
    if (pattern[at] == '\\' && at + 1 < pattern.size()) {
      ++at;
      ++bytes;
    } else if (at + 2 < pattern.size() && pattern[at + 1] == '-') {
      bytes += std::abs(static_cast<unsigned char>(pattern[at + 2]) - static_cast<unsigned char>(pattern[at])) + 1;
      at += 2;
    } else {
      ++bytes;
    }
  }
  return !turned && bytes < whole_class;
}

bool names_something(std::string_view pattern) {
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const char sign = pattern[at];
    if (sign == '*' || sign == '?') continue;
    if (sign != '[') return true;
    if (narrow_class(pattern, at)) return true;
  }
  return false;
}

// A walk over the keys of one pattern.
class Forgetting {
 public:
  explicit Forgetting(RedisConnection& connection) : connection_(connection) {}

  Status forget(std::string_view pattern) {
    std::string cursor = "0";
    do {
      const auto reply = TRY(accepted({"SCAN", cursor, "MATCH", pattern, "COUNT", scan_count}));
      const bool fits = reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
                        reply->element[0]->type == REDIS_REPLY_STRING && reply->element[1]->type == REDIS_REPLY_ARRAY;
      if (!fits)
        return failure("not-redis", "SCAN answers what Redis does not answer", "check host and port in the URL");
      cursor.assign(reply->element[0]->str, reply->element[0]->len);
      TRY(remove(*reply->element[1]));
    } while (cursor != "0");
    return {};
  }

  std::int64_t keys() const { return keys_; }

 private:
  Result<RedisReply> accepted(const std::vector<std::string_view>& words) {
    auto reply = TRY(connection_.ask(words));
    if (reply->type == REDIS_REPLY_ERROR) return tl::unexpected(connection_.refusal(*reply));
    return reply;
  }

  Status remove(const redisReply& found) {
    for (std::size_t first = 0; first < found.elements; first += group_size) {
      std::vector<std::string_view> words{remover_};
      for (std::size_t at = first; at < std::min(first + group_size, found.elements); ++at) {
        const auto& key = *found.element[at];
        if (key.type == REDIS_REPLY_STRING) words.emplace_back(key.str, key.len);
      }
      auto reply = TRY(connection_.ask(words));
      const bool unknown =
          reply->type == REDIS_REPLY_ERROR && lower({reply->str, reply->len}).starts_with("err unknown command");
      if (unknown && remover_ != "DEL") {
        words.front() = remover_ = "DEL";
        reply = TRY(connection_.ask(words));
      }
      if (reply->type == REDIS_REPLY_ERROR) return tl::unexpected(connection_.refusal(*reply));
      keys_ += reply->integer;
    }
    return {};
  }

  RedisConnection& connection_;
  std::string_view remover_ = "UNLINK";
  std::int64_t keys_ = 0;
};

}  // namespace

Status check_key_pattern(const std::string& pattern) {
  if (pattern == every_key) return {};
  if (pattern.empty()) {
    return refused("redis-every-key", "a pattern of keys is empty", "name the beginning of the keys: deals:*");
  }
  if (names_something(pattern)) return {};
  return refused("redis-every-key", fmt::format("the pattern '{}' matches every key, or nearly", clean_utf8(pattern)),
                 "other applications, sessions and queues may be in the same database: name the beginning of the keys "
                 "(deals:*), or write *! if every key is meant");
}

Result<Forgotten> forget_keys(const std::string& url, const std::vector<std::string>& patterns,
                              const std::atomic<bool>* stop) {
  const auto place = TRY(read_redis_url(url));
  if (patterns.empty())
    return usage_error("there is no pattern of keys to forget", "name the beginning of the keys: deals:*");
  for (const auto& pattern : patterns) TRY(check_key_pattern(pattern));
  auto connection = TRY(RedisConnection::open(place, stop));
  Forgetting forgetting(connection);
  for (const auto& pattern : patterns) {
    const auto done = forgetting.forget(pattern == every_key ? "*" : std::string_view(pattern));
    if (done) continue;
    auto error = done.error();
    error.message += fmt::format("; {} keys are forgotten so far", with_commas(forgetting.keys()));
    if (error.where.empty()) error.where = place.shown();
    return tl::unexpected(std::move(error));
  }
  return Forgotten{forgetting.keys()};
}

}  // namespace segue::hooks
