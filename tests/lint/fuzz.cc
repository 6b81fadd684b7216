// libFuzzer on the splitter, the parser's trees, the facts, every rule, the fixes and the outputs.
#include <cstddef>
#include <cstdint>
#include <string>

#include "lint/fix.h"
#include "lint/lint.h"
#include "lint/output.h"
#include "sql/undo.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  segue::lint::Options options;
  options.settings.in_transaction = size % 2 == 0;
  const segue::lint::Report report = segue::lint::run(options, std::vector<segue::lint::Input>{{"x.sql", text}});
  segue::lint::write_json(report, [](std::string_view) {});
  segue::lint::as_text(report, segue::Paint(-1));
  const segue::sql::Source source(text);
  for (const segue::sql::Statement& statement : source.statements()) segue::sql::conditional_inverse_of(statement);
  if (size < 2000) segue::lint::fix(options, {{"x.sql", text}});
  return 0;
}
