// Prints how many rows the SQLite store commits: whole rows of task instances with their transitions and, for those that
// succeed, an XCom each, as a server writes them. Arguments: folder to write in (default: the temporary one), rows a case.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "store/sqlite/sqlite_store.h"

namespace {

using namespace venturi;
using Clock = std::chrono::steady_clock;

class NoCipher final : public store::Cipher {
 public:
  std::string encrypt(std::string_view clear) const override { return std::string(clear); }
  Result<std::string> decrypt(std::string_view token) const override { return std::string(token); }
};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

template <class T>
T need(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().text().c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

constexpr int run_size = 1000;

struct World {
  store::Batch batch;
  std::int64_t rows = 0;
  Time now{std::chrono::microseconds(1'790'000'000'000'000)};

  void add_run(RunNo no) {
    DagRun run;
    run.no = no;
    run.dag_id = "order_quality";
    run.run_id = "manual__2026-11-24T04:43:57.123456+00:00_" + std::to_string(no);
    run.state = RunState::running;
    run.run_after = run.queued_at = now;
    run.dag_version_id = "0193592e-3c5d-7000-8000-000000000001";
    run.first_task_instance = (no - 1) * run_size + 1;
    run.created_task_instances = run_size;
    batch.runs.push_back(run);
    ++rows;
  }
  void add(TaskInstanceNo no, TaskState from, TaskState to, const char* cause) {
    TaskInstance ti;
    ti.no = no;
    ti.run = (no - 1) / run_size + 1;
    ti.task_id = "extract_orders_" + std::to_string(no % run_size);
    ti.state = to;
    ti.try_number = 1;
    ti.max_tries = 2;
    ti.id = make_uuid7(now, 42, static_cast<std::uint64_t>(no));
    ti.token = {0x7123456789abcdef, static_cast<std::uint64_t>(no)};
    ti.queued_at = ti.start_date = now;
    if (to == TaskState::success) ti.end_date = now;
    ti.pid = 12345;
    batch.task_instances.push_back(std::move(ti));
    batch.transitions.push_back({no, from, to, RunState::queued, 1, cause});
    batch.transition_runs.push_back((no - 1) / run_size + 1);
    ++rows;
    if (to == TaskState::success) {
      batch.xcoms.push_back({{"", "", "extract_orders_" + std::to_string(no % run_size), -1, "return_value"},
                             R"({"path": "extract_orders/orders.run", "rows": 100000})",
                             (no - 1) / run_size + 1});
      ++rows;
    }
  }
};

void measure(const std::string& folder, int batch_size, std::int64_t row_target) {
  const std::string path = folder + "/batch_" + std::to_string(batch_size) + ".db";
  const NoCipher cipher;
  const auto store = need(store::open_sqlite(path, cipher));
  World world;
  std::vector<double> milliseconds;
  const auto commit = [&] {
    world.now += std::chrono::milliseconds(1);
    world.batch.now = world.now;
    const auto begin = Clock::now();
    need(store->commit(world.batch));
    milliseconds.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    world.batch = {};
  };

  const double cpu_before = cpu_seconds();
  const auto begin = Clock::now();
  for (RunNo run = 1; world.rows < row_target; ++run) {
    const TaskInstanceNo first = (run - 1) * run_size + 1;
    world.add_run(run);
    for (const auto& [from, to, cause] : {std::tuple{TaskState::none, TaskState::scheduled, "the run began"},
                                          std::tuple{TaskState::scheduled, TaskState::queued, "all upstreams succeeded"},
                                          std::tuple{TaskState::queued, TaskState::running, "the worker started it"},
                                          std::tuple{TaskState::running, TaskState::success, "it succeeded"}}) {
      for (TaskInstanceNo no = first; no < first + run_size && world.rows < row_target; ++no) {
        world.add(no, from, to, cause);
        if (static_cast<int>(world.batch.task_instances.size()) == batch_size) commit();
      }
    }
  }
  const double wall = std::chrono::duration<double>(Clock::now() - begin).count();
  const double cpu = cpu_seconds() - cpu_before;
  std::ranges::sort(milliseconds);
  const auto at = [&](double share) {
    return milliseconds[static_cast<std::size_t>(share * static_cast<double>(milliseconds.size() - 1))];
  };
  const auto slow = std::ranges::count_if(milliseconds, [](double ms) { return ms > 5; });
  std::printf(
      "batch %4d: %8.0f rows/s, %8.0f rows/CPU s; commit median %.3f ms, p99 %.3f ms, longest %.2f ms; over 5 ms: %ld of %zu\n",
      batch_size, static_cast<double>(world.rows) / wall, static_cast<double>(world.rows) / cpu, at(0.5), at(0.99),
      milliseconds.back(), static_cast<long>(slow), milliseconds.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::string folder =
      (argc > 1 ? std::string(argv[1]) : std::filesystem::temp_directory_path().string()) + "/venturi-store-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    std::perror(folder.c_str());
    return 1;
  }
  const std::int64_t rows = argc > 2 ? std::atoll(argv[2]) : 100'000;
  measure(folder, 1, rows / 20);
  measure(folder, 10, rows / 4);
  measure(folder, 100, rows);
  measure(folder, 1000, rows);
  if (!getenv("KEEP")) std::filesystem::remove_all(folder);
}
