// Sessions and calls in the host, and the hook `render`.
#include <gmock/gmock.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fstream>
#include <thread>

#include "operators/host.h"
#include "operators/render.h"
#include "operators/testing/fake_worker.h"

namespace venturi::operators::testing {
namespace {

namespace asio = boost::asio;
using ::testing::HasSubstr;

struct Counter {
  int calls = 0;
  explicit Counter() = default;
};

asio::awaitable<Value> probe(HookSession& session, HookCall call) {
  const auto counter = session.state<Counter>("probe");
  if (call.method == "count") co_return ++counter->calls;
  if (call.method == "fail") {
    const Connection c = co_await session.host.connection(call.conn_id);
    throw HookFailed("no entry with " + c.password.value_or(""), Object{{"sqlstate", "28P01"}});
  }
  if (call.method == "memory") {
    session.memory.take(32UL << 20U, "the result");
    co_return nullptr;
  }
  asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  co_await never.async_wait(asio::use_awaitable);
  co_return nullptr;
}

class HookTest : public ::testing::Test {
 protected:
  HookTest() {
    registry.add(HookEntry{"probe", probe});
    register_render(registry);
    worker.connections["db"] =
        Object{{"type", "ConnectionResult"}, {"conn_id", "db"}, {"password", "hush-hush"}, {"host", "h"}};
    worker.variables["bucket"] = Object{{"type", "VariableResult"}, {"key", "bucket"}, {"value", "orders"}};
    worker.xcoms["extract.return_value"] = 17;
    thread = std::thread([this, end = std::make_shared<Fd>(worker.host_end())] {
      Host host(registry, std::move(*end));
      EXPECT_EQ(host.run(), 0);
    });
    (void)worker.wait_type("WarmReady");
  }
  ~HookTest() override {
    worker.hang_up();
    thread.join();
  }
  void open(std::int64_t session) {
    worker.send(0, Object{{"type", "OpenSession"},
                          {"session", session},
                          {"label", "a task"},
                          {"log_path", worker.folder / "log"},
                          {"secrets", Array{"pass-the-word"}}});
  }
  void close(std::int64_t session) { worker.send(0, Object{{"type", "CloseSession"}, {"session", session}}); }
  std::int64_t begin(std::int64_t session, const std::string& hook, const std::string& method, Value arguments = {}) {
    worker.send(--last, Object{{"type", "CallHook"},
                               {"session", session},
                               {"call", Object{{"type", "HostCall"},
                                               {"hook", hook},
                                               {"method", method},
                                               {"conn_id", "db"},
                                               {"arguments", std::move(arguments)}}}});
    return last;
  }
  std::string outcome(std::int64_t call) {
    const task::Frame frame = worker.answer(call);
    if (!frame.error.is_null()) return "error: " + to_json(frame.error.at("detail"));
    return to_json(frame.body.at("body"));
  }
  std::string call(std::int64_t session, const std::string& hook, const std::string& method, Value arguments = {}) {
    return outcome(begin(session, hook, method, std::move(arguments)));
  }
  std::string render(Value value, Array template_ext = {}) {
    return call(1, "render", "render",
                Object{{"value", std::move(value)},
                       {"name", "table"},
                       {"template_ext", std::move(template_ext)},
                       {"details", startup_details("load", false)},
                       {"operator",
                        Object{{"task_id", "load"},
                               {"_template_context",
                                Object{{"dag", Object{{"dag_id", "d"}, {"owner", "me"}, {"fileloc", worker.folder / "d.cpp"}}},
                                       {"params", Object{{"limit", 3}}}}}}}});
  }

  Registry registry;
  FakeWorker worker;
  std::thread thread;
  std::int64_t last = 0;
};

TEST_F(HookTest, ASessionKeepsWhatAHookKeepsUntilItIsClosed) {
  open(1);
  open(2);
  EXPECT_EQ(call(1, "probe", "count"), "1");
  EXPECT_EQ(call(1, "probe", "count"), "2");
  EXPECT_EQ(call(2, "probe", "count"), "1");
  close(1);
  open(1);
  EXPECT_EQ(call(1, "probe", "count"), "1");
}

TEST_F(HookTest, AnErrorHasItsDetailsAndNoSecret) {
  open(1);
  EXPECT_EQ(call(1, "probe", "fail"), R"(error: {"sqlstate":"28P01","message":"no entry with ***"})");
}

TEST_F(HookTest, WhatACallTookOfTheMemoryIsGivenBack) {
  open(1);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(call(1, "probe", "memory"), "null");
}

TEST_F(HookTest, AHookThatIsNotThereIsNamed) {
  open(1);
  EXPECT_EQ(
      call(1, "mongo", "find"),
      R"(error: {"message":"this worker has no hook 'mongo', there are probe, render; the DAG's program may be newer than )"
      R"(the worker"})");
}

TEST_F(HookTest, ClosingASessionCancelsItsCall) {
  open(1);
  const std::int64_t waiting = begin(1, "probe", "wait");
  close(1);
  EXPECT_EQ(outcome(waiting), R"(error: {"message":"it was cancelled"})");
}

TEST_F(HookTest, ATemplateIsRenderedInTheTasksContext) {
  open(1);
  EXPECT_EQ(render(Array{"{{ task.task_id }}_{{ ds }}", Object{{"a", "{{ var.value.bucket }}"}}, 7,
                         "{{ ti.xcom_pull(task_ids='extract') }}", "{{ conn.db.host }}", "{{ params.limit }} {{ dag.owner }}"}),
            R"({"value":["load_2026-01-02",{"a":"orders"},7,"17","h","3 me"]})");
}

TEST_F(HookTest, ATextMayNameAFileWithTheTemplate) {
  std::ofstream(worker.folder / "load.sql") << "SELECT {{ params.limit }}";
  open(1);
  EXPECT_EQ(render(Array{"load.sql", "as it is"}, {".hql", ".sql"}), R"({"value":["SELECT 3","as it is"]})");
  EXPECT_EQ(render("load.sql"), R"({"value":"load.sql"})");
  EXPECT_THAT(render("gone.sql", {".sql"}), HasSubstr("TemplateNotFound: gone.sql: there is no such file in "));
}

TEST_F(HookTest, AMistakeInATemplateIsNamed) {
  open(1);
  EXPECT_EQ(render("{{ nothing.there }}"),
            R"x(error: {"message":"UndefinedError: 'nothing' is undefined (template of table, line 1)"})x");
  EXPECT_THAT(render("{{ 1 + }}"), HasSubstr("TemplateSyntaxError: "));
  EXPECT_EQ(render("{{ conn.none.host }}").substr(0, 7), "error: ");
}

}  // namespace
}  // namespace venturi::operators::testing
