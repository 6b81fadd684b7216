#include "base/error.h"

#include <fmt/format.h>

namespace segue {

std::string to_text(const Error& error) {
  std::string text = error.where.empty() ? error.message : fmt::format("{}: {}", error.where, error.message);
  if (!error.sqlstate.empty()) text += fmt::format(" (SQLSTATE {})", error.sqlstate);
  if (!error.hint.empty()) text += fmt::format("\n  {}", error.hint);
  return text;
}

std::string redact(std::string text, const std::string& secret) {
  if (secret.size() < 3) return text;
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3)) {
    text.replace(at, secret.size(), "***");
  }
  return text;
}

}  // namespace segue
