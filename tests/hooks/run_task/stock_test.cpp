// Hooks under a supervisor that is not Venturi's: its first frame has no "host_calls".
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <unistd.h>

#include <thread>

#include "sdk/task_run.h"
#include "task/frame.h"
#include "venturi/hooks.h"

namespace venturi::inline sdk {
namespace {

void query_one(const Context& context) {
  PostgresHook(context).run("SELECT 1");
}
void get_one(const Context& context) {
  (void)HttpHook(context).get("/");
}
void mail_one(const Context& context) {
  SmtpHook(context).send_email_smtp({});
}
void object_one(const Context& context) {
  (void)S3Hook(context).check_for_key("s3://shop/a");
}
void rows_one(const Context& context) {
  (void)BigQueryHook(context).get_records("SELECT 1");
}
void render_one(const Context& context) {
  context.log().info(context.render("no template"));
  (void)context.render("{{ ds }}");
}

VENTURI_DAG(stock, {}) {
  dag.task<query_one>();
  dag.task<get_one>();
  dag.task<mail_one>();
  dag.task<object_one>();
  dag.task<rows_one>();
  dag.task<render_one>();
}

// Runs the task and returns its log; what it asks is answered with nothing.
std::string log_of(const char* task_id) {
  DagBag dags;
  internal::make_dags(dags);
  auto [mine, theirs] = make_socket_pair();
  std::thread supervisor([socket = std::move(mine)] {
    while (const auto frame = task::read_frame(socket.get())) {
      EXPECT_NE(frame->body.get_string("type"), "HostCall");
      task::write_frame(socket.get(), frame->id, {});
    }
  });
  const Fd log(::memfd_create("log", MFD_CLOEXEC));
  {
    internal::Comms comms(std::move(theirs));
    detail::LogSink sink(Fd(::dup(log.get())));
    (void)internal::TaskRun(
        dags, comms, sink,
        Object{{"type", "StartupDetails"},
               {"ti", Object{{"id", "i"}, {"task_id", task_id}, {"dag_id", "stock"}, {"run_id", "r"}, {"try_number", 1}}},
               {"ti_context", Object{{"dag_run", Object{}}}}})
        .run();
  }
  supervisor.join();
  std::string text(1UL << 16U, '\0');
  ::lseek(log.get(), 0, SEEK_SET);
  text.resize(static_cast<std::size_t>(::read(log.get(), text.data(), text.size())));
  return text;
}

constexpr const char* needs =
    " needs a worker of Venturi, whose operator host has the drivers; this task runs under another supervisor (a stock "
    "Airflow, or "
    "an older Venturi)";

TEST(StockSupervisor, HooksSayThatTheyNeedVenturi) {
  EXPECT_THAT(log_of("query_one"), ::testing::HasSubstr(std::string("PostgresHook") + needs));
  EXPECT_THAT(log_of("get_one"), ::testing::HasSubstr(std::string("HttpHook") + needs));
  EXPECT_THAT(log_of("mail_one"), ::testing::HasSubstr(std::string("SmtpHook") + needs));
  EXPECT_THAT(log_of("object_one"), ::testing::HasSubstr(std::string("S3Hook") + needs));
  EXPECT_THAT(log_of("rows_one"), ::testing::HasSubstr(std::string("BigQueryHook") + needs));
  EXPECT_THAT(log_of("render_one"), ::testing::HasSubstr("no template"));
  EXPECT_THAT(log_of("render_one"), ::testing::HasSubstr(std::string("rendering a template") + needs));
}

}  // namespace
}  // namespace venturi::inline sdk
