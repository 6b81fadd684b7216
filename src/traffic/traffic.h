// Drives a database with an application's statements, as a traffic file says, and reports what came of it.
//
//   auto traffic = TRY(Traffic::load("old.traffic.yaml"));
//   TRY(traffic.start({.connect = {.url = url}, .journal = "old.journal"}));
//   … traffic.now() for a live line …
//   auto report = TRY(traffic.stop());
//
// It runs in threads of its own, one connection each. A lost connection is opened again, without end. A statement that
// fails never ends a run; a journal that cannot be written does.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/error.h"
#include "pg/connection.h"
#include "traffic/file.h"
#include "traffic/report.h"

namespace segue::traffic {

// What is left out is as the file says.
struct TrafficOptions {
  pg::ConnectOptions connect = {};  // its application_name and settings are those of the file
  std::optional<int> connections = {};
  std::optional<double> rate = {};  // statements a second; 0: closed loop
  std::optional<Protocol> protocol = {};
  std::optional<double> seconds = {};  // until stopped, without
  std::string journal = {};            // a path; empty: none
  std::uint64_t seed = 1;
  bool watch_stalls = true;
  double drain_seconds = 5;   // at a stop: how long what is being run may take before it is cancelled
  std::stop_token stop = {};  // stops it as stop() does, but for the report
};

class Traffic {
 public:
  static Result<Traffic> load(const std::string& path);
  static Result<Traffic> parse(const std::string& text, const std::string& path);
  Traffic(Traffic&&) noexcept;
  Traffic& operator=(Traffic&&) noexcept;
  ~Traffic();  // stops it

  const File& file() const;

  // Asks pools and variables, opens all connections, begins. Once only.
  Status start(const TrafficOptions& options);
  Snapshot now() const;
  bool running() const;
  // Until the duration is over or a stop was asked for.
  Result<Report> wait();
  // No statement begins any more; those that run are waited for.
  Result<Report> stop();

 private:
  class Run;
  explicit Traffic(File file);
  std::unique_ptr<File> file_;
  std::unique_ptr<Run> run_;
};

}  // namespace segue::traffic
