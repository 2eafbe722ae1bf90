// Callbacks of tries whose process is gone, and of DAG runs, as the server asks for them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdk/program.h"
#include "sdk/testing/fake_supervisor.h"

namespace venturi {
namespace {

using internal::FakeSupervisor;
using testing::ElementsAre;
using testing::HasSubstr;

void tell(const CallbackContext& c) {
  c.log().info(c.event(), " of ", c.dag_id(), ".", c.task_id(), " in ", c.run_id(), ", try ", c.try_number(), ": ", c.error(),
               ", limit ", c.params().get_int("limit"));
}

class CallbackRequestsTest : public testing::Test {
 protected:
  CallbackRequestsTest() {
    Dag dag = bag_.add("d", {.params = {{"limit", 10}}, .on_success_callback = tell, .on_failure_callback = tell});
    dag.empty("t", {.on_failure_callback = tell,
                    .on_retry_callback = [](const CallbackContext&) { throw std::runtime_error("no mail today"); }});
  }
  // Exit code and log of a program that is asked for them.
  std::pair<int, std::vector<std::string>> run(Array requests) {
    FakeSupervisor supervisor;
    supervisor.start(Object{{"type", "DagFileParseRequest"}, {"file", "/dags/x"}, {"callback_requests", std::move(requests)}});
    const int code = internal::serve_request(bag_, supervisor.take_program_end(), supervisor.take_program_log());
    return {code, supervisor.log_events()};
  }
  static Object of_task(std::string_view task_id, std::string_view kind) {
    return Object{{"type", "TaskCallbackRequest"},
                  {"msg", "killed by signal 9"},
                  {"task_callback_type", kind},
                  {"ti", Object{{"id", "x"}, {"dag_id", "d"}, {"task_id", task_id}, {"run_id", "r"}, {"try_number", 3}}},
                  {"context_from_server", Object{{"dag_run", Object{{"conf", Object{{"limit", 5}}}}}, {"max_tries", 3}}}};
  }
  DagBag bag_;
};

TEST_F(CallbackRequestsTest, OfATask) {
  const auto [code, log] = run({of_task("t", "failed")});
  EXPECT_EQ(code, 0);
  EXPECT_THAT(log, ElementsAre("failure of d.t in r, try 3: killed by signal 9, limit 5"));
}

TEST_F(CallbackRequestsTest, OfADag) {
  const Object last{{"dag_id", "d"}, {"task_id", "last"}, {"run_id", "r"}, {"try_number", 1}};
  const auto [code, log] =
      run({Object{{"type", "DagCallbackRequest"},
                  {"dag_id", "d"},
                  {"run_id", "r"},
                  {"is_failure_callback", true},
                  {"msg", "task_failure"},
                  {"context_from_server", Object{{"last_ti", last}}}},
           Object{{"type", "DagCallbackRequest"}, {"dag_id", "d"}, {"run_id", "r"}, {"is_failure_callback", false}}});
  EXPECT_EQ(code, 0);
  EXPECT_THAT(log,
              ElementsAre("failure of d.last in r, try 1: task_failure, limit 10", "success of d. in r, try 0: , limit 10"));
}

TEST_F(CallbackRequestsTest, OneThatFailsIsTheExitCodeAndTheOthersRun) {
  const auto [code, log] =
      run({of_task("t", "up_for_retry"), of_task("gone", "failed"), Object{{"type", "EmailRequest"}}, of_task("t", "failed")});
  EXPECT_EQ(code, 1);
  EXPECT_THAT(log, ElementsAre("the on_retry_callback failed: no mail today",
                               HasSubstr("of task gone in DAG d, which the program does not declare any more"),
                               "a callback of the unknown type \"EmailRequest\" was asked for", HasSubstr("failure of d.t")));
}

TEST_F(CallbackRequestsTest, WithoutAnyTheProgramDescribesItsDags) {
  FakeSupervisor supervisor;
  supervisor.start(
      Object{{"type", "DagFileParseRequest"}, {"file", "/dags/x"}, {"bundle_path", "/dags"}, {"callback_requests", Array{}}});
  EXPECT_EQ(internal::serve_request(bag_, supervisor.take_program_end(), {}), 0);
  EXPECT_THAT(supervisor.request_types(), ElementsAre("DagFileParsingResult"));
}

TEST_F(CallbackRequestsTest, AnUnknownFirstFrameIsRefused) {
  FakeSupervisor supervisor;
  supervisor.start(Object{{"type", "StartTriggerer"}});
  EXPECT_EQ(internal::serve_request(bag_, supervisor.take_program_end(), supervisor.take_program_log()), 2);
  EXPECT_THAT(supervisor.log_events(), ElementsAre(HasSubstr("the supervisor began with \"StartTriggerer\"")));
}

}  // namespace
}  // namespace venturi
