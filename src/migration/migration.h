// A migration as its file says it: plain values, nothing resolved against a database.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "migration/check.h"
#include "migration/gate.h"
#include "migration/hook.h"
#include "migration/limits.h"
#include "migration/move.h"
#include "migration/probe.h"
#include "migration/viewpoint.h"

namespace segue::migration {

struct Migration {
  std::filesystem::path folder;
  Text name;  // `migration:`
  Text about;
  std::vector<Text> prerequisites;  // `requires:`, a word of C++
  std::vector<Move> moves;
  std::vector<Check> checks;
  std::vector<Probe> probes;
  std::vector<Viewpoint> viewpoints;
  std::vector<Gate> gates;
  std::vector<Hook> hooks;
  Limits limits;
  Windows windows;
  Schedule schedule;
  std::vector<Contact> contacts;
  std::vector<Placeholder> placeholders;  // all of the file's and its SQL files', in that order

  // Every file that was read, migration.yaml first, relative to the folder, and its content's fingerprint.
  struct Source {
    std::string path;
    std::string fingerprint;
  };
  std::vector<Source> sources;
};

}  // namespace segue::migration
