#include "lint/finding.h"

namespace segue::lint {

const char* name_of(Severity severity) {
  switch (severity) {
    case Severity::off:
      return "off";
    case Severity::note:
      return "note";
    case Severity::warning:
      return "warning";
    case Severity::error:
      break;
  }
  return "error";
}

std::optional<Severity> severity_of(std::string_view word) {
  for (const Severity each : {Severity::off, Severity::note, Severity::warning, Severity::error}) {
    if (word == name_of(each)) return each;
  }
  return std::nullopt;
}

}  // namespace segue::lint
