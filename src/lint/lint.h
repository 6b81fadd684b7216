// SQL files and migration folders judged: run(options) reads them in order, follows what they make, and tells what goes
// wrong, with the lock, who waits and the safe form.
//
// It never stops at what it cannot read: that is a finding of its own. It connects to nothing; a schema loaded from a
// database (load_schema.h) makes the answers exact.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "lint/finding.h"
#include "lint/schema.h"
#include "lint/settings.h"
#include "lint/visit.h"

namespace segue::lint {

struct Input {
  std::string path;  // shown in findings
  std::string text;
};

struct Options {
  Settings settings;
  // What exists before the first file; nothing known: an empty one.
  Schema schema;
  int workers = 0;  // threads that read and parse; 0: as many as there are cores
};

struct Report {
  std::vector<File> files;        // without trees
  std::vector<Finding> findings;  // by file and place
  // The schema and what the rules remembered: given back with the report, so that no answer waits for it.
  std::shared_ptr<const void> judged_with;

  std::size_t count(Severity at_least) const;
};

// Reads the files as files_of() lists them.
Result<Report> run(Options options, const std::vector<std::string>& paths);

// Judges texts that are in memory.
Report run(Options options, std::vector<Input> inputs);

}  // namespace segue::lint
