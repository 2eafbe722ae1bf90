// Operators, sensors and notifiers of the program's own, for tests/e2e/own_test.py.
#include <venturi/dag.h>
#include <venturi/own_notifier.h>
#include <venturi/own_operator.h>
#include <venturi/own_sensor.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

using namespace venturi;
using namespace std::chrono_literals;

namespace {

std::string folder_of(const Context& context) {
  return context.params().get_string("folder");
}
void note(const std::string& folder, const std::string& line) {
  std::ofstream(folder + "/notes", std::ios::app) << line << std::endl;
}

struct Archive {
  std::string target;
  Field<std::vector<std::string>> tables;
  std::map<std::string, std::string> labels{};
  std::string login = "as-is {{ ds }}";  // no template field
  std::string execute(const Context& context) const {
    std::string all;
    for (const std::string& table : *tables) all += table + " ";
    context.log().info("archiving ", all, "to ", target, " by ", labels.at("by"), ", ", login);
    return target;
  }
};
VENTURI_STRUCT(Archive, target, tables, labels, login);
VENTURI_TEMPLATE_FIELDS(Archive, target, tables, labels);

struct Forever {
  std::string name;
  std::string folder{};
  void execute(const Context& context) {
    folder = folder_of(context);
    for (;;) ::pause();
  }
  void on_kill() const { note(folder, "on_kill of " + name); }
};
VENTURI_STRUCT(Forever, name);
VENTURI_TEMPLATE_FIELDS(Forever, name);

bool is_open(const Context& context) {
  context.log().info("is it open?");
  return std::filesystem::exists(folder_of(context) + "/open");
}
bool never() {
  return false;
}

struct Arrived {
  std::string path;
  PokeReturnValue<std::string> poke(const Context&) const {
    return {.is_done = std::filesystem::exists(path), .xcom_value = path};
  }
};
VENTURI_STRUCT(Arrived, path);
VENTURI_TEMPLATE_FIELDS(Arrived, path);

SensorTask<std::int64_t> ticks(const Context& context, const std::string& path) {
  std::int64_t n = 0;
  for (; !std::filesystem::exists(path); ++n) {
    context.log().info("tick ", n);
    co_await 50ms;
  }
  co_return n;
}

struct Note {
  std::string text;
  void notify(const CallbackContext& context) const { note(folder_of(context), text); }
};
VENTURI_STRUCT(Note, text);
VENTURI_TEMPLATE_FIELDS(Note, text);

}  // namespace

VENTURI_DAG(e2e_own, {.is_paused_upon_creation = false, .params = {{"folder", "/nowhere"}, {"unit", "EUR"}}}) {
  auto tables = dag.task("tables", [] { return std::vector<std::string>{"orders", "{{ params.unit }}"}; });
  dag.add("archive",
          Archive{.target = "{{ run_id }}/{{ conn.shop.password }}", .tables = tables, .labels = {{"by", "{{ ti.task_id }}"}}});
  dag.add("bad", Archive{.target = "{{ nothing }}", .tables = {"x"}}, {.retries = 1, .retry_delay = 10ms});
  const SensorOptions often{.poke_interval = 200ms, .timeout = 60s, .mode = SensorMode::reschedule};
  auto open = dag.sensor<is_open>(often);
  auto arrived = dag.sensor("arrived", Arrived{.path = "{{ params.folder }}/open"}, often);
  dag.task("open", [](const Context& context, const std::string& path) { context.log().info("found ", path); })(arrived)
      << open;
  dag.sensor<never>("soft", {.poke_interval = 100ms, .timeout = 300ms, .mode = SensorMode::reschedule, .soft_fail = true});
  dag.sensor<ticks>({.timeout = 60s})("/");
}

VENTURI_DAG(e2e_own_alarms,
            {.is_paused_upon_creation = false,
             .params = {{"folder", "/nowhere"}},
             .on_failure_callback = Note{.text = "the run {{ run_id }} failed, last {{ ti.task_id }} of {{ dag.dag_id }}"}}) {
  auto given = dag.task("given", [] { return std::string("a gift"); });
  auto late =
      dag.sensor<never>("late", {.poke_interval = 50ms, .timeout = 200ms},
                        {.retries = 3,
                         .on_failure_callback = {
                             Note{.text = "{{ ti.task_id }}: {{ exception }}"},
                             SmtpNotifier{.to = {"{{ ti.task_id }}@example.com"},
                                          .subject = "{{ dag.dag_id }} {{ run_id }}",
                                          .text_content = "{{ exception }}, {{ ti.xcom_pull('given') }} ({{ params.folder }})",
                                          .from_email = "venturi@example.com"}}});
  // Its process is gone when its callback runs.
  dag.add("killed", Forever{.name = "{{ task.task_id }}"},
          {.execution_timeout = 500ms,
           .on_failure_callback = Note{.text = "{{ ti.task_id }} was ended, {{ ti.xcom_pull('given') }}"}})
      << given;
  given >> late;
}
