#include "testing/server.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <stdexcept>

#include "pg/embedded/cluster.h"
#include "pg/quote.h"

namespace segue::testing {
namespace {

pg::Cluster& cluster() {
  static pg::Cluster shared = [] {
    pg::ClusterOptions options;
    if (const char* bin_dir = std::getenv("SEGUE_TEST_BIN_DIR")) options.bin_dir = bin_dir;
    auto started = pg::Cluster::start(options);
    if (!started) throw std::runtime_error(to_text(started.error()));
    return std::move(*started);
  }();
  return shared;
}

pg::Connection open(const std::string& url, const std::string& application_name) {
  auto connection = pg::Connection::open({.url = url, .application_name = application_name, .settings = {}});
  if (!connection) throw std::runtime_error(to_text(connection.error()));
  return std::move(*connection);
}

void run_on(const std::string& url, std::string_view sql) {
  auto connection = open(url, "test");
  if (const auto done = connection.script(sql); !done) throw std::runtime_error(to_text(done.error()));
}

std::string with_database(std::string url, const std::string& name) {
  const auto path = url.find('/', url.find("://") + 3);
  const auto query = url.find('?', path);
  return url.replace(path + 1, query == std::string::npos ? query : query - path - 1, name);
}

}  // namespace

Database::Database() {
  static std::atomic<int> counter = 0;
  name_ = "t" + std::to_string(::getpid()) + "_" + std::to_string(++counter);
  run_on(server_url(), "CREATE DATABASE " + pg::quote_name(name_));
  url_ = with_database(server_url(), name_);
}

Database::~Database() {
  try {
    run_on(server_url(), "DROP DATABASE IF EXISTS " + pg::quote_name(name_) + " WITH (FORCE)");
  } catch (const std::exception&) {
    // A test that took the server down has nothing left to drop.
  }
}

pg::Connection Database::connect(const std::string& application_name) const {
  return open(url_, application_name);
}

void Database::run(std::string_view sql) const {
  run_on(url_, sql);
}

std::string Database::value(std::string_view sql) const {
  auto connection = connect();
  const auto found = connection.value(sql);
  if (!found) throw std::runtime_error(to_text(found.error()));
  return *found;
}

std::string server_url() {
  return cluster().url();
}

std::string server_bin_dir() {
  return cluster().programs().bin_dir;
}

int server_version() {
  return open(server_url(), "test").server_version();
}

}  // namespace segue::testing
