// What can go wrong, as a value.
//
// A function that can fail returns Result<T> (or Status where there is nothing to give back). Exceptions are for bugs
// and stay at the edges of libraries. An Error answers four questions in the words of the person who reads it: what
// happened (message), where (where: file:line:column, an object, a server), why (message or sqlstate), what to do
// (hint). It never holds a password: whoever makes one from outside text passes it through redact() first.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <type_traits>
#include <utility>

namespace segue {

// Exit codes of the program (CONTRACT, section 3); an error knows which one it leads to.
enum class Exit {
  done = 0,
  findings = 1,
  usage = 2,    // bad usage, file or name, or refused before anything ran
  waiting = 3,  // at a gate
  stopped = 4,  // can go on with the same command
  failed = 5,   // a step failed, no server, no rights
};

struct Error {
  std::string code;      // stable kebab-case name, e.g. "no-server"
  std::string message;   // one sentence
  std::string where;     // file:line:column, object or server; may be empty
  std::string hint;      // what to do; may be empty
  std::string sqlstate;  // of the server, if it spoke
  Exit exit = Exit::failed;
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

// An error that the user can mend by typing something else.
inline tl::unexpected<Error> usage_error(std::string message, std::string hint = {}, std::string where = {}) {
  return tl::unexpected(Error{"usage", std::move(message), std::move(where), std::move(hint), {}, Exit::usage});
}

// Refused before anything was done.
inline tl::unexpected<Error> refused(std::string code, std::string message, std::string hint = {},
                                     std::string where = {}) {
  return tl::unexpected(Error{std::move(code), std::move(message), std::move(where), std::move(hint), {}, Exit::usage});
}

inline tl::unexpected<Error> failure(std::string code, std::string message, std::string hint = {},
                                     std::string where = {}) {
  return tl::unexpected(
      Error{std::move(code), std::move(message), std::move(where), std::move(hint), {}, Exit::failed});
}

// The error in one paragraph: "where: message (SQLSTATE)\n  hint: …".
std::string to_text(const Error& error);

// `text` with every occurrence of a secret replaced by "***". Secrets shorter than three bytes are left alone: to
// replace them would garble the text and hide nothing.
std::string redact(std::string text, const std::string& secret);

// The value out of a Result that has one; nothing out of a Status.
template <class T>
T take_value(Result<T>&& result) {
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}
template <class T>
T take_value(const Result<T>& result) {
  if constexpr (!std::is_void_v<T>) return *result;
}
template <class T>
T take_value(Result<T>& result) {
  return take_value(std::as_const(result));
}

}  // namespace segue

// TRY(expression): the value of a Result, or return its error to the caller.
#define TRY(...)                                                                     \
  ({                                                                                 \
    auto&& segue_try_result = (__VA_ARGS__);                                         \
    if (!segue_try_result) return tl::unexpected(segue_try_result.error());          \
    ::segue::take_value(std::forward<decltype(segue_try_result)>(segue_try_result)); \
  })
