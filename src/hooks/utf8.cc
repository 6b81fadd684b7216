#include "hooks/utf8.h"

#include <cstdint>

namespace segue::hooks {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

bool continues(std::string_view bytes, std::size_t at) {
  return at < bytes.size() && (byte_at(bytes, at) & 0xC0) == 0x80;
}

// Bytes of the valid character at `at`; 0 where there is none (also for overlong forms, surrogates, over U+10FFFF).
std::size_t character_size(std::string_view bytes, std::size_t at) {
  const auto first = byte_at(bytes, at);
  if (first < 0x80) return first == 0 ? 0 : 1;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return 0;
  for (std::size_t next = 1; next < size; ++next) {
    if (!continues(bytes, at + next)) return 0;
  }
  const auto second = byte_at(bytes, at + 1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool outside = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return overlong || outside ? 0 : size;
}

}  // namespace

std::string clean_utf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) {
    const auto size = character_size(bytes, at);
    text += size == 0 ? replacement : bytes.substr(at, size);
    at += size == 0 ? 1 : size;
  }
  return text;
}

std::string clean_head(std::string_view bytes, std::size_t limit) {
  auto text = clean_utf8(bytes.substr(0, outside_limit(limit)));
  if (text.size() <= limit) return text;
  while (limit > 0 && continues(text, limit)) --limit;
  text.resize(limit);
  return text;
}

std::string clean_tail(std::string_view bytes, std::size_t limit) {
  const auto kept = outside_limit(limit);
  auto text = clean_utf8(bytes.size() > kept ? bytes.substr(bytes.size() - kept) : bytes);
  if (text.size() <= limit) return text;
  auto from = text.size() - limit;
  while (continues(text, from)) ++from;
  return text.substr(from);
}

}  // namespace segue::hooks
