// One try, seen from the supervisor: which messages come in which order, and what they say.
#include "sdk/task_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdk/testing/try_of.h"

namespace venturi {
namespace {

using internal::Answer;
using internal::Try;
using internal::try_of;
using internal::TryOptions;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

struct Counts {
  std::int64_t bad = 0;
  std::string first;
};
VENTURI_STRUCT(Counts, bad, first);

std::int64_t one() {
  return 1;
}
std::string join(const Context& context, std::int64_t n, const std::optional<std::string>& text) {
  context.log().info("joining");
  return std::to_string(n) + text.value_or("nothing");
}
Counts count() {
  return {7, "x"};
}
void skip() {
  skip_task("nothing to do");
}
void fail() {
  fail_task("a bad file");
}
void throw_it() {
  throw std::runtime_error("the disk is full");
}
void throw_text() {
  throw "text alone";
}
void throw_number() {
  throw 7;
}
void ask(const Context& context) {
  (void)context.get_connection("absent");
}
std::int64_t defer(const Context& context) {
  const Resumption* resumed = context.resumed();
  try {
    if (resumed == nullptr)
      context.defer(DateTimeTrigger(Time(std::chrono::milliseconds(1'767'225'600'500))),
                    {.method_name = "goes_on", .kwargs = {{"job", 5}}, .timeout = std::chrono::milliseconds(90'500)});
  } catch (const std::exception&) {
    return -1;
  }
  return resumed->kwargs.get_int("job") + static_cast<std::int64_t>(resumed->event.as_string().size());
}
struct OwnError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
void throw_own() {
  throw OwnError("mine");
}

class TaskRunTest : public testing::Test {
 protected:
  TaskRunTest() {
    Dag dag = bag_.add("d");
    auto n = dag.task<one>();
    dag.task<join>()(n, std::optional<std::string>("!"));
    dag.task<join>("of_nothing")(n, dag.constant("nothing", std::optional<std::string>()));
    dag.task<join>("of_one_twice")(n, dag.task("text", [](std::int64_t) { return std::string("t"); })(n));
    dag.task<count>({.multiple_outputs = true});
    dag.task<skip>();
    dag.task<fail>();
    dag.task<throw_it>();
    dag.task("by_policy",
             [](const Context& context) {
               if (context.try_number() == 1) throw std::invalid_argument("bad");
               if (context.try_number() == 2) throw std::out_of_range("wait");
               if (context.try_number() == 3) fail_task("for good");
               throw std::runtime_error("other");
             },
             {.retries = 9,
              .retry_policy = {on_exception<std::invalid_argument>(RetryAction::fail, {}, "it stays bad"),
                               on_exception<std::logic_error>(RetryAction::retry, std::chrono::milliseconds(1500)),
                               on_exception<TaskFailedForGood>(RetryAction::retry)}});
    dag.task<throw_text>();
    dag.task<throw_number>();
    dag.task<throw_own>();
    dag.task<ask>();
    dag.task("void", [] {});
    dag.task("null", [] { return std::optional<std::int64_t>(); });
  }
  Try run(std::string_view task_id, const TryOptions& options = {}, internal::FakeSupervisor::Answers answers = {}) const {
    return try_of(bag_, "d", task_id, options, std::move(answers));
  }
  DagBag bag_;
};

Answer xcom(const Value& request) {
  if (request.get_string("type") != "GetXCom") return {};
  if (request.get_string("task_id") == "one") {
    return {Object{{"type", "XComResult"}, {"key", request.at("key")}, {"value", 41}}, {}};
  }
  return {Object{{"type", "XComResult"}, {"key", request.at("key")}, {"value", nullptr}}, {}};
}

TEST_F(TaskRunTest, AResultIsAnXComAndThenSuccess) {
  const Try t = run("one");
  EXPECT_EQ(t.exit_code, 0);
  EXPECT_THAT(t.types(), ElementsAre("SetXCom", "SucceedTask"));
  EXPECT_EQ(t.request("SetXCom"), Value(Object{{"type", "SetXCom"},
                                               {"key", "return_value"},
                                               {"value", 1},
                                               {"dag_id", "d"},
                                               {"run_id", "manual__2026-01-02"},
                                               {"task_id", "one"},
                                               {"map_index", -1}}));
  const Value end = t.request("SucceedTask");
  EXPECT_EQ(end.get_string("state"), "success");
  EXPECT_TRUE(parse_time(end.get_string("end_date")).has_value());
}

TEST_F(TaskRunTest, RulesSayWhichFailuresAreTriedAgain) {
  const Value bad = run("by_policy", {.try_number = 1, .should_retry = true}).request("TaskState");
  EXPECT_EQ(bad.get_string("state"), "failed");
  const Value wait = run("by_policy", {.try_number = 2, .should_retry = true}).request("RetryTask");
  EXPECT_EQ(wait.get_double("retry_delay_seconds"), 1.5) << "of a class that the rule's is the base of";
  EXPECT_EQ(run("by_policy", {.try_number = 3, .should_retry = true}).request("TaskState").get_string("state"), "failed")
      << "no rule is asked";
  EXPECT_EQ(run("by_policy", {.try_number = 4, .should_retry = true}).request("RetryTask").get("retry_delay_seconds"), nullptr);
  EXPECT_THAT(run("by_policy", {.try_number = 2, .should_retry = false}).types(), ElementsAre("TaskState"))
      << "a rule gives no more tries than there are";
}

TEST_F(TaskRunTest, WithoutAResultThereIsNoXCom) {
  EXPECT_THAT(run("void").types(), ElementsAre("SucceedTask"));
  EXPECT_THAT(run("null").types(), ElementsAre("SucceedTask"));
}

TEST_F(TaskRunTest, InputsAreAskedForAndGiven) {
  const Try t = run("join", {}, xcom);
  EXPECT_THAT(t.types(), ElementsAre("GetXCom", "SetXCom", "SucceedTask"));
  const Value asked = t.request("GetXCom");
  EXPECT_EQ(asked.get_string("task_id"), "one");
  EXPECT_EQ(asked.get_string("key"), "return_value");
  EXPECT_EQ(asked.get_string("run_id"), "manual__2026-01-02");
  EXPECT_EQ(t.xcom("return_value"), Value("41!"));
  EXPECT_THAT(t.events(), ElementsAre("joining"));
  EXPECT_EQ(run("of_nothing", {}, xcom).xcom("return_value"), Value("41nothing"));
}

TEST_F(TaskRunTest, AnInputThatIsMissingFailsTheTryByName) {
  const Try t = run("join");  // each GetXCom is answered with nothing
  EXPECT_EQ(t.exit_code, 0);
  EXPECT_THAT(t.types(), ElementsAre("GetXCom", "TaskState"));
  EXPECT_THAT(t.request("TaskState").get_string("error"),
              HasSubstr("result of one: there is none, since that task was skipped"));
}

TEST_F(TaskRunTest, AnInputOfAnotherTypeFailsTheTryByName) {
  const Try t = run("join", {}, [](const Value& request) {
    return request.get_string("type") == "GetXCom" ? Answer{Object{{"type", "XComResult"}, {"value", "no number"}}, {}}
                                                   : Answer{};
  });
  EXPECT_EQ(t.request("TaskState").get_string("error"), "result of one: expected int64, found string");
}

TEST_F(TaskRunTest, MembersOfAResultAreXComsOfTheirOwn) {
  const Try t = run("count");
  EXPECT_THAT(t.types(), ElementsAre("SetXCom", "SetXCom", "SetXCom", "SucceedTask"));
  EXPECT_EQ(t.xcom("bad"), Value(7));
  EXPECT_EQ(t.xcom("first"), Value("x"));
  EXPECT_EQ(t.xcom("return_value"), Value(Object{{"bad", 7}, {"first", "x"}}));
}

TEST_F(TaskRunTest, WhatAnEarlierTryLeftIsDeletedFirst) {
  const Try t = run("one", {.xcom_keys_to_clear = {"return_value", "bad"}});
  EXPECT_THAT(t.types(), ElementsAre("DeleteXCom", "DeleteXCom", "SetXCom", "SucceedTask"));
  EXPECT_EQ(t.requests[1].get_string("key"), "bad");
}

TEST_F(TaskRunTest, SkippingIsNoFailure) {
  const Try t = run("skip", {.should_retry = true});
  EXPECT_EQ(t.exit_code, 0);
  EXPECT_THAT(t.types(), ElementsAre("TaskState"));
  EXPECT_EQ(t.request("TaskState").get_string("state"), "skipped");
  ASSERT_EQ(t.log.size(), 1u);
  EXPECT_EQ(t.log[0].get_string("reason"), "nothing to do");
}

TEST_F(TaskRunTest, AnExceptionIsTriedAgainWhereTheSupervisorSaysSo) {
  const Try again = run("throw_it", {.should_retry = true});
  EXPECT_THAT(again.types(), ElementsAre("RetryTask"));
  EXPECT_EQ(again.request("RetryTask").get_string("retry_reason"), "the disk is full");
  EXPECT_EQ(again.request("RetryTask").get_string("state"), "up_for_retry");
  const Try last = run("throw_it");
  EXPECT_THAT(last.types(), ElementsAre("TaskState"));
  EXPECT_EQ(last.request("TaskState").get_string("state"), "failed");
  EXPECT_EQ(last.request("TaskState").get_string("error"), "the disk is full");
  ASSERT_EQ(last.log.size(), 1u);
  EXPECT_EQ(last.log[0].get_string("exception"), "std::runtime_error");
  EXPECT_EQ(last.log[0].get_string("level"), "error");
}

TEST_F(TaskRunTest, FailTaskIsNeverTriedAgain) {
  const Try t = run("fail", {.should_retry = true});
  EXPECT_THAT(t.types(), ElementsAre("TaskState"));
  EXPECT_EQ(t.request("TaskState").get_string("error"), "a bad file");
  EXPECT_EQ(t.log.at(0).get_string("exception"), "AirflowFailException");
}

TEST_F(TaskRunTest, WhateverIsThrownIsTold) {
  EXPECT_EQ(run("throw_text").request("TaskState").get_string("error"), "text alone");
  EXPECT_EQ(run("throw_number").request("TaskState").get_string("error"), "an exception of type int");
}

TEST_F(TaskRunTest, ExceptionsHaveTheNamesThatTheirUsersKnow) {
  EXPECT_EQ(run("throw_own").log.at(0).get_string("exception"), "OwnError");
  const Try t = run("ask", {}, [](const Value&) {
    return Answer{Object{{"type", "ErrorResponse"}, {"error", "CONNECTION_NOT_FOUND"}, {"detail", nullptr}}, {}};
  });
  EXPECT_EQ(t.log.at(0).get_string("exception"), "AirflowNotFoundException");
  EXPECT_THAT(t.log.at(0).get_string("event"), StartsWith("there is no connection absent"));
}

TEST_F(TaskRunTest, UnderAStockAirflowTheReasonIsNotInTheMessage) {
  const Try t = run("throw_it", {.of_venturi = false});
  EXPECT_FALSE(t.request("TaskState").as_object().contains("error")) << "its model forbids further members";
  EXPECT_THAT(t.events(), ElementsAre("the disk is full"));
}

TEST_F(TaskRunTest, AnEndThatIsRefusedIsTheExitCode) {
  const Try t = run("one", {}, [](const Value& request) {
    if (request.get_string("type") != "SucceedTask") return Answer{};
    return Answer{{},
                  Object{{"type", "ErrorResponse"}, {"error", "API_SERVER_ERROR"}, {"detail", Object{{"message", "gone"}}}}};
  });
  EXPECT_EQ(t.exit_code, 1);
  EXPECT_THAT(t.events(), ElementsAre("SucceedTask was refused: API_SERVER_ERROR: gone"));
}

TEST_F(TaskRunTest, WithoutItsXComASuccessBecomesAFailure) {
  const Try t = run("one", {.of_venturi = false}, [](const Value& request) {
    if (request.get_string("type") != "SetXCom") return Answer{};
    return Answer{{}, Object{{"type", "ErrorResponse"}, {"error", "API_SERVER_ERROR"}, {"detail", "too large"}}};
  });
  EXPECT_THAT(t.types(), ElementsAre("SetXCom", "TaskState"));
  EXPECT_EQ(t.request("TaskState").get_string("state"), "failed");
  EXPECT_THAT(t.events(), Contains("SetXCom was refused: API_SERVER_ERROR: too large"));
}

TEST_F(TaskRunTest, WhatTheProgramDoesNotDeclareFails) {
  for (const char* task : {"gone", "nothing"}) {  // the second is a built-in operator: it has no function
    const Try t = run(task, {.should_retry = true});
    EXPECT_THAT(t.types(), ElementsAre("TaskState")) << "the same program will not have it in a minute";
    EXPECT_THAT(t.request("TaskState").get_string("error"), HasSubstr(std::string("does not declare a task ") + task));
  }
  const Try t = try_of(bag_, "other", "one");
  EXPECT_THAT(t.request("TaskState").get_string("error"), HasSubstr("the program does not declare the DAG other"));
}

TEST_F(TaskRunTest, LogLinesSayWhoseTheyAre) {
  const Try t = run("join", {}, xcom);
  ASSERT_EQ(t.log.size(), 1u);
  EXPECT_EQ(t.log[0].get_string("dag_id"), "d");
  EXPECT_EQ(t.log[0].get_string("task_id"), "join");
  EXPECT_EQ(t.log[0].get_string("run_id"), "manual__2026-01-02");
  EXPECT_EQ(t.log[0].get_int("try_number"), 2);
  EXPECT_EQ(t.log[0].get_string("ti_id"), "01890a5d-ac96-774b-bcce-b302099a8057");
  EXPECT_TRUE(parse_time(t.log[0].get_string("timestamp")).has_value());
}

// Airflow's DeferTask, with the trigger's arguments as its serde writes them.
TEST(TaskRunDeferral, SaysUntilWhen) {
  DagBag bag;
  bag.add("d").task<defer>();
  const Try told = try_of(bag, "d", "defer");
  EXPECT_EQ(told.exit_code, 0);
  ASSERT_THAT(told.types(), ElementsAre("DeferTask"));
  const Value& message = told.requests[0];
  EXPECT_EQ(message.get_string("classpath"), "airflow.providers.standard.triggers.temporal.DateTimeTrigger");
  const Value moment = message.at("trigger_kwargs").at("moment");
  EXPECT_EQ(moment.get_string("__classname__"), "pendulum.datetime.DateTime");
  EXPECT_EQ(moment.at("__data__").at("timestamp").as_double(), 1'767'225'600.5);
  EXPECT_EQ(message.get_string("trigger_timeout"), "PT90.500000S");
  EXPECT_EQ(message.get_string("next_method"), "goes_on");
  EXPECT_EQ(message.at("next_kwargs"), Value(Object{{"job", 5}}));
}

TEST(TaskRunDeferral, GoesOnWithWhatItKept) {
  DagBag bag;
  bag.add("d").task<defer>();
  const Value event = Object{{"__classname__", "pendulum.datetime.DateTime"},
                             {"__version__", 2},
                             {"__data__", Object{{"timestamp", 1'767'225'600.0}, {"tz", "UTC"}}}};
  const Try told = try_of(bag, "d", "defer", {.next_method = "goes_on", .next_kwargs = Object{{"job", 5}, {"event", event}}});
  EXPECT_THAT(told.types(), ElementsAre("SetXCom", "SucceedTask"));
  EXPECT_EQ(told.xcom("return_value"), Value(5 + 20)) << "2026-01-01T00:00:00Z";
}

TEST(TaskRunDeferral, FailsWhenItsTimeIsOver) {
  DagBag bag;
  bag.add("d").task<defer>();
  const Try told =
      try_of(bag, "d", "defer",
             {.should_retry = true, .next_method = "__fail__", .next_kwargs = Object{{"error", "Trigger timeout"}}});
  EXPECT_THAT(told.types(), ElementsAre("RetryTask"));
  EXPECT_EQ(told.requests[0].get_string("retry_reason"), "Trigger timeout");
  EXPECT_EQ(told.log.back().get_string("exception"), "TaskDeferralTimeout");
}

}  // namespace
}  // namespace venturi
