// What this machine can do at best: the limits that the benchmark compares with (docs/benchmarks.md), measured by one thread
// of one small static program. Prints a JSON object.
//
//   bench_limits FOLDER SECONDS [SHELL-COMMAND]
//
// Writes into FOLDER, which must be empty, on the file system that is measured; each limit is measured for SECONDS.
// SHELL-COMMAND is what the bash tasks run; without one it is `true`.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "commits.h"
#include "disk.h"
#include "processes.h"

namespace {

using namespace venturi::bench;

// Resident at most, so far; ru_maxrss would be that of who started us.
long peak_kib() {
  long kib = 0;
  if (std::FILE* status = std::fopen("/proc/self/status", "r")) {
    char line[256];
    while (kib == 0 && std::fgets(line, sizeof line, status) != nullptr) std::sscanf(line, "VmHWM: %ld", &kib);
    std::fclose(status);
  }
  if (kib == 0) throw std::runtime_error("/proc/self/status has no VmHWM");
  return kib;
}

// Tasks a transaction: as many as are under way at once with the settings of the rows about throughput (bench/measure/home.py),
// since no commit can decide about more.
constexpr int group = 64;

void measure(const std::string& folder, Seconds time, const std::string& shell_command) {
  const Seconds sync = fdatasync_4k(folder, time);
  const double forks = rate(time, fork_and_wait);
  const double spawns = rate(time, [] { spawn_and_wait({"/bin/true"}); });
  const double shells = rate(time, [&] { spawn_and_wait({"/bin/bash", "-c", shell_command}); });
  Commits single(folder, "single.db");
  const auto bases = repeat(time, [&] {
    single.one_row();
    single.one_row();
    fork_and_wait();
  });
  const long peak_while_forking = peak_kib();
  Commits groups(folder, "groups.db");
  const double batches = rate(time, [&] { groups.tasks(group); });
  const auto print = [](const char* name, double value, const char* end = ", ") {
    std::printf("\"%s\": %.4f%s", name, value, end);
  };
  std::printf("{");
  print("fdatasync_ms", 1e3 * sync);
  print("forks_per_s", forks);
  print("spawns_per_s", spawns);
  print("bash_spawns_per_s", shells);
  print("chain_base_ms", 1e3 * median(bases));
  print("chain_base_p99_ms", 1e3 * bases[bases.size() * 99 / 100]);
  print("group_commit_tasks_per_s", batches * group);
  print("peak_kib", static_cast<double>(peak_while_forking), "}\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4 || std::atof(argv[2]) <= 0) {
    std::fprintf(stderr, "usage: bench_limits FOLDER SECONDS [SHELL-COMMAND]\n");
    return 2;
  }
  try {
    measure(argv[1], std::atof(argv[2]), argc > 3 ? argv[3] : "true");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_limits: %s\n", error.what());
    return 1;
  }
  return 0;
}
