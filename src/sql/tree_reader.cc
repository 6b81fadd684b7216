#include "sql/tree_reader.h"

#include <pg_query.h>
#include <pthread.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <utility>

#include "base/text.h"

namespace segue::sql {

namespace {

// Blocks between two uses. Trees are made by one thread and given back by another, which an allocator likes less.
struct Pool {
  std::mutex mutex;
  std::vector<std::unique_ptr<TreeValue[]>> blocks;
  static constexpr std::size_t most = 1024;
};
Pool& pool() {
  static Pool shared;
  return shared;
}

}  // namespace

Arena::Block Arena::take_block() {
  {
    Pool& shared = pool();
    const std::lock_guard guard(shared.mutex);
    if (!shared.blocks.empty()) {
      Block block = std::move(shared.blocks.back());
      shared.blocks.pop_back();
      return block;
    }
  }
  return std::make_unique<TreeValue[]>(block_size);
}

Arena::~Arena() {
  for (char* buffer : buffers_) std::free(buffer);
  Pool& shared = pool();
  const std::lock_guard guard(shared.mutex);
  while (!blocks_.empty() && shared.blocks.size() < Pool::most) {
    shared.blocks.push_back(std::move(blocks_.back()));
    blocks_.pop_back();
  }
}

void Arena::add_block() {
  blocks_.push_back(take_block());
  used_ = 0;
  std::fill_n(blocks_.back().get(), block_size, TreeValue{});
}

void Arena::own(char* from_parser) {
  buffers_.push_back(from_parser);
}

namespace {

// Reads the parser's JSON. It trusts the text, because the parser made it a moment ago; strings are unescaped where
// they stand and stay in that buffer.
class Reader {
 public:
  Reader(Arena& arena, char* json, std::string_view text, std::int64_t offset)
      : arena_(arena), at_(json), end_(json + std::strlen(json)), text_(text), offset_(offset) {}

  TreeValue* value() {
    switch (*at_) {
      case '{':
        return object();
      case '[':
        return list();
      case '"': {
        TreeValue* made = arena_.make();
        made->type = TreeValue::Type::text;
        made->set_words(string());
        return made;
      }
      case 't':
      case 'f': {
        TreeValue* made = arena_.make();
        made->type = TreeValue::Type::truth;
        made->number = *at_ == 't';
        at_ += *at_ == 't' ? 4 : 5;
        return made;
      }
      case 'n': {  // null: an object without fields
        at_ += 4;
        return arena_.make();
      }
      default:
        return number();
    }
  }

 private:
  TreeValue* object() {
    TreeValue* made = arena_.make();
    ++at_;
    const TreeValue** tail = &made->first;
    while (*at_ != '}') {
      if (*at_ == ',') ++at_;
      const std::string_view key = string();
      ++at_;  // the colon
      TreeValue* field = value();
      field->set_field(key);
      if (field->type == TreeValue::Type::number && is_location(key) && field->number >= 0) {
        field->number += offset_;
      }
      *tail = field;
      tail = &field->next;
      ++made->count;
    }
    ++at_;
    // {"ColumnDef": {…}} is the node itself with a tag.
    if (made->count == 1) {
      TreeValue* only = const_cast<TreeValue*>(made->first);
      if (only->type == TreeValue::Type::object && only->key[0] >= 'A' && only->key[0] <= 'Z') {
        only->set_words(only->field());
        only->set_field({});
        if (only->words() == "A_Const") add_lost_number(*only);
        return only;
      }
    }
    return made;
  }

  // The parser's JSON leaves out numbers that are not above 0, so that -1 looks like 0: it is read from the text.
  void add_lost_number(const TreeValue& constant) {
    const Node node(&constant);
    if (!node["ival"] || !node["ival"].empty()) return;
    std::size_t at = node.location(text_.size()) - static_cast<std::size_t>(offset_);
    if (at >= text_.size() || text_[at] != '-') return;
    at = text_.find_first_of("0123456789", at);
    if (at == std::string_view::npos) return;
    TreeValue* number = arena_.make();
    number->type = TreeValue::Type::number;
    std::from_chars(text_.data() + at, text_.data() + text_.size(), number->number);
    number->number = -number->number;
    number->set_field("ival");
    TreeValue* holder = nullptr;
    for (const TreeValue* each = constant.first; each != nullptr; each = each->next) {
      if (each->field() == "ival") holder = const_cast<TreeValue*>(each);
    }
    holder->first = number;
    holder->count = 1;
  }

  TreeValue* list() {
    TreeValue* made = arena_.make();
    made->type = TreeValue::Type::list;
    ++at_;
    const TreeValue** tail = &made->first;
    while (*at_ != ']') {
      if (*at_ == ',') ++at_;
      TreeValue* item = value();
      *tail = item;
      tail = &item->next;
      ++made->count;
    }
    ++at_;
    return made;
  }

  TreeValue* number() {
    TreeValue* made = arena_.make();
    made->type = TreeValue::Type::number;
    const char* const from = at_;
    while (*at_ == '-' || *at_ == '+' || *at_ == '.' || *at_ == 'e' || *at_ == 'E' || (*at_ >= '0' && *at_ <= '9')) {
      ++at_;
    }
    if (at_ == from) ++at_;  // never stand still
    made->set_words({from, static_cast<std::size_t>(at_ - from)});
    std::from_chars(from, at_, made->number);
    return made;
  }

  std::string_view string() {
    char* const from = ++at_;
    skip_plain();
    if (*at_ == '"') return std::string_view(from, static_cast<std::size_t>(at_++ - from));
    char* to = at_;
    while (*at_ != '"') {
      if (*at_ != '\\') {
        *to++ = *at_++;
        continue;
      }
      ++at_;
      switch (*at_) {
        case 'n':
          *to++ = '\n';
          break;
        case 't':
          *to++ = '\t';
          break;
        case 'r':
          *to++ = '\r';
          break;
        case 'b':
          *to++ = '\b';
          break;
        case 'f':
          *to++ = '\f';
          break;
        case 'u': {  // the parser escapes only control signs this way: one byte
          unsigned code = 0;
          std::from_chars(at_ + 1, at_ + 5, code, 16);
          *to++ = static_cast<char>(code);
          at_ += 4;
          break;
        }
        default:
          *to++ = *at_;
      }
      ++at_;
    }
    ++at_;
    return std::string_view(from, static_cast<std::size_t>(to - from));
  }

  // To the next quote or backslash, eight signs at a time as long as there are so many.
  void skip_plain() {
    constexpr std::uint64_t each = 0x0101010101010101;
    // The lowest bit that is set marks the first such sign; those above it may be set in error.
    const auto found = [](std::uint64_t bytes, char sign) {
      const std::uint64_t other = bytes ^ each * static_cast<unsigned char>(sign);
      return (other - each) & ~other & each * 0x80;
    };
    for (std::uint64_t bytes = 0; end_ - at_ >= std::ptrdiff_t{sizeof bytes}; at_ += sizeof bytes) {
      std::memcpy(&bytes, at_, sizeof bytes);
      if (const std::uint64_t marks = found(bytes, '"') | found(bytes, '\\'); marks != 0) {
        if (std::endian::native == std::endian::little) at_ += std::countr_zero(marks) / 8;
        break;
      }
    }
    while (*at_ != '"' && *at_ != '\\') ++at_;
  }

  static bool is_location(std::string_view key) { return key.size() >= 8 && key.substr(key.size() - 8) == "location"; }

  Arena& arena_;
  char* at_;
  const char* end_;
  std::string_view text_;
  std::int64_t offset_;
};

// cursorpos counts characters from 1.
std::size_t byte_of_character(const std::string& text, int character) {
  std::size_t byte = 0;
  for (int left = character - 1; left > 0 && byte < text.size(); --left) {
    do {
      ++byte;
    } while (byte < text.size() && (static_cast<unsigned char>(text[byte]) & 0xC0) == 0x80);
  }
  return byte;
}

ReadTree read_here(Arena& arena, const std::string& text, std::int64_t offset) {
  PgQueryParseResult result = pg_query_parse(text.c_str());
  ReadTree read;
  if (result.error != nullptr) {
    const auto byte = static_cast<std::int64_t>(byte_of_character(text, result.error->cursorpos)) + offset;
    // A message quotes what it stopped at, which can be a megabyte.
    constexpr std::size_t longest = 160;
    read.error = ReadError{cut(result.error->message, longest), static_cast<std::size_t>(byte < 0 ? 0 : byte)};
    pg_query_free_parse_result(result);
    return read;
  }
  char* const json = std::exchange(result.parse_tree, nullptr);
  arena.own(json);
  pg_query_free_parse_result(result);
  read.statements = Node(Reader(arena, json, text, offset).value())["stmts"];
  return read;
}

constexpr std::size_t large_stack = std::size_t{512} << 20;  // address space; only what is used becomes memory

}  // namespace

ReadTree read_tree(Arena& arena, const std::string& text, std::int64_t offset, bool deep) {
  if (!deep) return read_here(arena, text, offset);
  ReadTree read;
  auto job = [&] { read = read_here(arena, text, offset); };
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, large_stack);
  pthread_t thread;
  const auto run = [](void* work) -> void* {
    (*static_cast<decltype(job)*>(work))();
    return nullptr;
  };
  const bool started = pthread_create(&thread, &attributes, run, &job) == 0;
  pthread_attr_destroy(&attributes);
  if (!started) {
    read.error = ReadError{"there is no memory for a statement that nests so deeply",
                           static_cast<std::size_t>(offset < 0 ? 0 : offset)};
    return read;
  }
  pthread_join(thread, nullptr);
  return read;
}

}  // namespace segue::sql
