// Sensors of one's own: a function, a struct, and a coroutine. Options are those of Airflow's BaseSensorOperator.
#include <venturi/dag.h>
#include <venturi/own_sensor.h>

#include <filesystem>

using namespace venturi;
using namespace std::chrono_literals;

// Asked every ten seconds until it returns true. Between two pokes neither a process nor a slot of the pool is taken.
bool shop_is_open(const Context& context) { return context.params().get_string("shop") == "open"; }

// With a value for the XCom, and fields as an operator's.
struct FolderHasFiles {
  std::string folder;
  PokeReturnValue<std::string> poke(const Context&) const {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      return {.is_done = true, .xcom_value = entry.path()};
    }
    return {};  // not yet
  }
};
VENTURI_STRUCT(FolderHasFiles, folder);
VENTURI_TEMPLATE_FIELDS(FolderHasFiles, folder);

// Says itself how long it waits, and keeps what it has learned in between.
SensorTask<std::int64_t> grows_no_more(const Context& context, const std::string& file) {
  std::uintmax_t before = 0;
  for (std::int64_t looks = 1;; ++looks) {
    const std::uintmax_t now = std::filesystem::file_size(file);
    if (looks > 1 && now == before) co_return looks;
    context.log().info(file, " has ", now, " bytes");
    before = now;
    co_await 50ms;
  }
}

void load(const Context& context, std::int64_t looks) { context.log().info("complete after ", looks, " looks"); }

VENTURI_DAG(own_sensor, {.params = {{"shop", "open"}, {"folder", "/usr/share/common-licenses"}}}) {
  auto open = dag.sensor<shop_is_open>(
      {.poke_interval = 10s, .timeout = 2h, .mode = SensorMode::reschedule, .soft_fail = true});
  auto file =
      dag.sensor("new_file", FolderHasFiles{.folder = "{{ params.folder }}"}, {.poke_interval = 1min}, {.retries = 2});
  auto complete = dag.sensor<grows_no_more>({.timeout = 1h})(file);
  open >> file;
  dag.task<load>()(complete);
}
