// What the crash tests run: tasks of all kinds that leave a line in a ledger when their body begins, and one when it ends.
// The ledger's path comes with the run's conf, {"ledger": ..., "csv": ...}; crash/ledger.py reads the lines:
//
//   dag_id <tab> run_id <tab> task_id <tab> try_number <tab> pid <tab> "body" or "end" <newline>      one write, synced
#include <fcntl.h>
#include <unistd.h>
#include <venturi/dag.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

using namespace venturi;
using namespace std::chrono_literals;

namespace {

void write_line(const Context& context, const char* what) {
  const std::string path = context.conf().get_string("ledger");
  if (path.empty()) fail_task("trigger this DAG with --conf '{\"ledger\": \"/a/file\", \"csv\": \"/a/file.csv\"}'");
  const std::string line = context.dag_id() + "\t" + context.run_id() + "\t" + context.task_id() + "\t" +
                           std::to_string(context.try_number()) + "\t" + std::to_string(::getpid()) + "\t" + what + "\n";
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), path);
  const bool written = ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (!written) throw std::system_error(error, std::generic_category(), path);
}

class Body {
 public:
  explicit Body(const Context& context) : context_(context) { write_line(context_, "body"); }
  void end() const { write_line(context_, "end"); }

 private:
  const Context& context_;
};

std::int64_t number_of(const Context& context) {
  std::int64_t number = 0;
  for (const char c : context.run_id()) number = (number * 31 + c) % 1'000'003;
  return number;
}

std::int64_t number(const Context& context) {
  const Body body(context);
  body.end();
  return number_of(context);
}

std::int64_t next(const Context& context, std::int64_t of) {
  const Body body(context);
  context.xcom_push("given", of);
  body.end();
  return of + 1;
}

// Long enough to be met while it runs.
void work(const Context& context) {
  const Body body(context);
  for (int i = 0; i < 20; ++i) {
    context.log().info("step ", i, " of ", context.run_id());
    std::this_thread::sleep_for(10ms);
  }
  body.end();
}

// The same lines from bash. Its last one, the run's id, becomes the XCom.
std::string command(const Context& context) {
  const Body body(context);
  const std::string ledger = context.conf().get_string("ledger");
  const auto line = [&](const char* what) {
    return "printf '%s\\t%s\\t%s\\t%s\\t%s\\t%s\\n' \"$AIRFLOW_CTX_DAG_ID\" \"$AIRFLOW_CTX_DAG_RUN_ID\" "
           "\"$AIRFLOW_CTX_TASK_ID\" "
           "\"$AIRFLOW_CTX_TRY_NUMBER\" $$ " +
           std::string(what) + " >> '" + ledger + "'\n";
  };
  body.end();
  return "set -e\n" + line("body") + "sleep 0.05\n" + line("end") + "sync -d '" + ledger +
         "'\necho \"$AIRFLOW_CTX_DAG_RUN_ID\"";
}

std::string csv(const Context& context) {
  const Body body(context);
  body.end();
  return context.conf().get_string("csv");
}

// More than [core] max_xcom_in_metadata: its XCom is a file.
std::string large(const Context& context) {
  const Body body(context);
  body.end();
  std::string text;
  while (text.size() < 80'000) text += context.run_id();
  return text;
}

// Everything that came over XComs is what was sent.
void check(const Context& context, std::int64_t after, std::int64_t seven, const std::string& from_bash, const RunFile& rows,
           const std::string& large_text) {
  const Body body(context);
  if (after != number_of(context) + 1) fail_task("next gave " + std::to_string(after));
  if (context.xcom_pull<std::int64_t>("next", "given") != number_of(context)) fail_task("next pushed something else");
  if (seven != 7) fail_task("the constant is " + std::to_string(seven));
  if (from_bash != context.run_id()) fail_task("bash gave " + from_bash);
  if (rows.row_count != 3) fail_task("the file has " + std::to_string(rows.row_count) + " rows");
  if (large_text.size() < 80'000 || !large_text.ends_with(context.run_id())) fail_task("large gave something else");
  body.end();
}

void last(const Context& context) {
  const Body body(context);
  body.end();
}

}  // namespace

VENTURI_DAG(crash_ledger, {.max_active_runs = 1000,
                           .max_active_tasks = 100,
                           .is_paused_upon_creation = false,
                           .default_args = {.retries = 2, .retry_delay = 20ms}}) {
  const TaskOptions once{.retries = 0};
  auto shell_command = dag.task<command>();
  auto shell = dag.add(BashOperator{.task_id = "shell", .bash_command = shell_command});
  auto shell_once = dag.add(BashOperator{.task_id = "shell_once", .bash_command = shell_command}, once);
  auto rows = dag.add(CsvToFileOperator{.task_id = "rows", .path = dag.task<csv>()});
  auto seven = dag.constant<std::int64_t>("seven", 7);
  auto after = dag.task<next>()(dag.task<number>(once));
  auto checked = dag.task<check>()(after, seven, shell, rows, dag.task<large>());
  auto worked = dag.task<work>("work");
  auto worked_once = dag.task<work>("work_once", once);
  const TaskOptions light{.light = true}, light_once{.retries = 0, .light = true};
  auto light_after = dag.task<next>("light_next", light)(dag.task<number>("light_number", light_once));
  auto light_worked = dag.task<work>("light_work", light);
  auto light_worked_once = dag.task<work>("light_work_once", light_once);
  auto end = dag.task<last>({.trigger_rule = TriggerRule::all_done});
  end << Tasks{checked, worked, worked_once, shell_once};
  end << Tasks{light_after, light_worked, light_worked_once};
}
