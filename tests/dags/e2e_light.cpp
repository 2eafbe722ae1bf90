// Light tasks of all kinds; one that crashes, with another one beside it; one that is late. e2e/light_test.py.
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include <venturi/dag.h>
using namespace venturi;
using namespace std::chrono_literals;

namespace {

std::vector<std::int64_t> list_items() {
  return {1, 2, 3, 4, 5, 6, 7, 8};
}
std::int64_t pid_of(const Context& context, std::int64_t item) {
  context.log().info("item ", item, " as ", context.map_index());
  return ::getpid();
}
std::int64_t isolated_pid() {
  return ::getpid();
}
std::string compare(const std::vector<std::int64_t>& pids, std::int64_t isolated) {
  for (const std::int64_t pid : pids) {
    if (pid != pids.front()) return "there are several light processes";
  }
  return pids.front() == isolated ? "nothing is isolated" : "one light process, and one isolated";
}
std::string choose() {
  return "chosen";
}
RunFile write_rows(const Context& context) {
  RunFileWriter writer = context.create_run_file("rows_" + std::to_string(context.map_index()), {{"n", ColumnType::int64}});
  for (std::int64_t i = 0; i < 1000; ++i) {
    writer.int64(i);
    writer.end_row();
  }
  return writer.finish();
}
std::int64_t count_rows(const RunFile& rows) {
  return rows.row_count;
}

// Of the run: the first try leaves it.
std::string began(const Context& context) {
  std::filesystem::create_directories(context.run_dir());
  return context.run_dir() + "/began";
}
void stand_by(const Context& context) {
  const std::string file = began(context);
  if (std::filesystem::exists(file)) return;  // after the crash
  std::ofstream(file) << "x" << std::flush;
  for (;;) std::this_thread::sleep_for(1s);
}
void crash(const Context& context) {
  while (!std::filesystem::exists(began(context))) std::this_thread::sleep_for(2ms);
  std::raise(SIGSEGV);
}
void be_late(const Context& context) {
  while (!context.is_cancelled()) std::this_thread::sleep_for(2ms);
  (void)context.get_variable("anything", "");  // throws
}

}  // namespace

VENTURI_DAG(e2e_light, {.is_paused_upon_creation = false, .default_args = {.light = true}}) {
  auto pids = dag.task<pid_of>()(expand(dag.task<list_items>()));
  dag.task<compare>()(pids, dag.task<isolated_pid>({.light = false}));
  auto choice = dag.branch<choose>();
  choice >> dag.task("chosen", [] {});
  choice >> dag.task("other", [] {});
  dag.short_circuit("go_on", [] { return false; }) >> dag.empty("below");
  dag.task<count_rows>()(dag.task<write_rows>());
}

VENTURI_DAG(e2e_light_crash, {.is_paused_upon_creation = false, .default_args = {.light = true}}) {
  dag.task<stand_by>({.retry_delay = 0s, .retries_on_loss = 1});
  dag.task<crash>();
}

VENTURI_DAG(e2e_light_late, {.is_paused_upon_creation = false, .default_args = {.light = true}}) {
  dag.task<be_late>({.execution_timeout = 100ms});
}
