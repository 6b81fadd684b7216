// bench_data_fingerprint URL WORKERS: seconds of one data fingerprint of the whole database, with so many connections.
#include <cstdio>
#include <cstdlib>

#include "base/clock.h"
#include "catalog/data_fingerprint.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("bench_data_fingerprint URL WORKERS\n", stderr);
    return 2;
  }
  const segue::pg::ConnectOptions connect{.url = argv[1], .application_name = "segue bench", .settings = {}};
  const segue::Stopwatch watch;
  const auto data =
      segue::catalog::data_fingerprint(connect, {.schemas = {}, .tables = {}, .workers = std::atoi(argv[2])});
  if (!data) {
    std::fprintf(stderr, "%s\n", segue::to_text(data.error()).c_str());
    return 1;
  }
  std::printf("%.6f\n", watch.seconds());
  return 0;
}
