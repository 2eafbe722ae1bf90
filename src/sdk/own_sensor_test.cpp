// Sensors of the program's own, seen from the supervisor. The table of what failures count for is in operators/sensor.h.
#include "venturi/own_sensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "sdk/serialize.h"
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
using namespace std::chrono_literals;

// How often it is asked until it is there, and what it does then: as a variable of the test says.
int pokes = 0;

bool third(const Context& context) {
  context.log().info("poke ", ++pokes);
  return pokes >= 3;
}
bool never() {
  ++pokes;
  return false;
}
PokeReturnValue<std::string> named(const Context&, const std::string& name, std::int64_t n) {
  return {.is_done = true, .xcom_value = name + std::to_string(n)};
}
bool throws() {
  if (++pokes < 3) throw std::runtime_error("no network");
  return true;
}
bool gives_up() {
  fail_task("it will never come");
}
bool skips() {
  skip_task("a holiday");
}
SensorTask<std::int64_t> counts(const Context& context, std::string name, const std::int64_t& to) {
  for (std::int64_t n = 0; n < to; ++n) {
    context.log().info(name, n);
    co_await 1ms;
  }
  co_return to;
}
SensorTask<> fails_once() {
  co_await 1ms;
  if (++pokes < 2) throw std::runtime_error("no network");
}
SensorTask<> waits_long() {
  co_await 24h;
  ++pokes;
}

struct Arrived {
  std::string path;
  Field<std::int64_t> files = 1;
  PokeReturnValue<std::int64_t> poke(const Context& context) {
    context.log().info("looking for ", *files, " at ", path);
    return {.is_done = ++seen >= *files, .xcom_value = seen};
  }
  std::int64_t seen = 0;
};
VENTURI_STRUCT(Arrived, path, files);

struct LongWait {
  std::int64_t minutes = 0;
  SensorTask<std::int64_t> poke(const Context&) {
    co_await std::chrono::milliseconds(minutes);
    co_return minutes;
  }
};
VENTURI_STRUCT(LongWait, minutes);

class OwnSensorTest : public testing::Test {
 protected:
  OwnSensorTest() {
    pokes = 0;
    Dag dag = bag_.add("d");
    const SensorOptions fast{.poke_interval = 1ms};
    dag.sensor<third>(fast);
    dag.sensor<third>("rescheduled", {.poke_interval = 90s, .mode = SensorMode::reschedule});
    dag.sensor<third>(
        "grows",
        {.poke_interval = 60s, .timeout = 1h, .max_wait = 40s, .mode = SensorMode::reschedule, .exponential_backoff = true});
    dag.sensor<never>({.poke_interval = 1ms, .timeout = 10ms});
    dag.sensor<never>("soft", {.timeout = 30min, .mode = SensorMode::reschedule, .soft_fail = true});
    dag.sensor<named>()("n", 7);
    dag.sensor<throws>(fast, {.retries = 1});
    dag.sensor<throws>("silent", {.poke_interval = 1ms, .silent_fail = true});
    dag.sensor<throws>("never_fails", {.never_fail = true});
    dag.sensor<gives_up>(SensorOptions{}, {.retries = 1});
    dag.sensor<gives_up>("softly", {.soft_fail = true});
    dag.sensor<skips>();
    auto two = dag.task("two", [] { return std::int64_t{2}; });
    dag.sensor<counts>()("n=", two);
    dag.sensor<fails_once>("silent_again", {.poke_interval = 1ms, .silent_fail = true});
    dag.sensor<waits_long>({.timeout = 10ms, .soft_fail = true});
    dag.sensor("arrived", Arrived{.path = "/in", .files = two}, fast, {.pool = "files"});
    dag.sensor("long_wait", LongWait{.minutes = 3});
    dag.sensor("lambda", [n = 0](const Context&) mutable { return ++n == 2; }, fast);
  }
  Try run(std::string_view task_id, const TryOptions& options = {}, internal::FakeSupervisor::Answers answers = {}) const {
    return try_of(bag_, "d", task_id, options, std::move(answers));
  }
  Value described(std::string_view task_id) const {
    return internal::serialize_task(*bag_.state().find("d")->find(task_id)).at("__var");
  }
  DagBag bag_;
};

Answer xcom_of_two(const Value& request) {
  if (request.get_string("type") != "GetXCom") return {};
  return {Object{{"type", "XComResult"}, {"key", request.at("key")}, {"value", 2}}, {}};
}

TEST_F(OwnSensorTest, IsAskedUntilItIsThere) {
  const Try t = run("third");
  EXPECT_THAT(t.types(), ElementsAre("SucceedTask"));
  EXPECT_THAT(t.events(), ElementsAre("poke 1", "poke 2", "poke 3", "Success criteria met. Exiting."));
  EXPECT_THAT(run("lambda").types(), ElementsAre("SucceedTask"));
}

TEST_F(OwnSensorTest, TakesInputsAndGivesAnXCom) {
  EXPECT_EQ(run("named").xcom("return_value"), Value("n7"));
  const Try t = run("arrived", {}, xcom_of_two);
  EXPECT_THAT(t.types(), ElementsAre("GetXCom", "SetXCom", "SucceedTask"));
  EXPECT_THAT(t.events(), ElementsAre("looking for 2 at /in", "looking for 2 at /in", "Success criteria met. Exiting."));
  EXPECT_EQ(t.xcom("return_value"), Value(2));
}

TEST_F(OwnSensorTest, GoesBetweenPokesInModeReschedule) {
  const Time before = internal::RealClock().now();
  const Try t = run("rescheduled");
  EXPECT_EQ(t.exit_code, 0);
  ASSERT_THAT(t.types(), ElementsAre("RescheduleTask"));
  const Value message = t.request("RescheduleTask");
  EXPECT_EQ(message.get_string("state"), "up_for_reschedule");
  const Time next = parse_time(message.get_string("reschedule_date")).value();
  EXPECT_GE(next, before + 90s);
  EXPECT_LE(next, internal::RealClock().now() + 90s);
  EXPECT_THAT(t.events(), ElementsAre("poke 1", "Rescheduling task, marking task as UP_FOR_RESCHEDULE"));
  EXPECT_THAT(run("rescheduled").types(), ElementsAre("RescheduleTask"));
  EXPECT_THAT(run("rescheduled", {.reschedules = 2}).types(), ElementsAre("GetTaskRescheduleStartDate", "SucceedTask"));
}

// Its interval depends on its name and start: as recorded in tests/oracle/tables/sensor_waits.json, but for the limit.
TEST_F(OwnSensorTest, IntervalsGrowUpToMaxWait) {
  const Try t = run("grows");
  EXPECT_THAT(t.events(), ElementsAre("poke 1", HasSubstr("new reschedule interval is "), HasSubstr("Rescheduling")));
  const Time next = parse_time(t.request("RescheduleTask").get_string("reschedule_date")).value();
  EXPECT_LE(next, internal::RealClock().now() + 40s);
}

TEST_F(OwnSensorTest, TimesOutWithoutARetry) {
  const Try t = run("never", {.should_retry = true});
  EXPECT_THAT(t.types(), ElementsAre("TaskState"));
  EXPECT_EQ(t.request("TaskState").get_string("state"), "failed");
  EXPECT_THAT(t.request("TaskState").get_string("error"),
              testing::MatchesRegex(
                  R"(Sensor has timed out; run duration of 0\.[0-9]+ seconds exceeds the specified timeout of 0\.01\.)"));
}

// The time-out counts from the first poke, over all reschedules.
TEST_F(OwnSensorTest, TimeOutCountsOverReschedules) {
  const auto began = [](Duration ago) {
    return [ago](const Value& request) -> Answer {
      if (request.get_string("type") != "GetTaskRescheduleStartDate") return {};
      EXPECT_EQ(request.get_int("try_number"), 2);
      return {Object{{"type", "TaskRescheduleStartDate"}, {"start_date", format_time(internal::RealClock().now() - ago)}}, {}};
    };
  };
  EXPECT_THAT(run("soft", {.reschedules = 1}, began(29min)).types(),
              ElementsAre("GetTaskRescheduleStartDate", "RescheduleTask"));
  const Try t = run("soft", {.reschedules = 1}, began(31min));
  EXPECT_EQ(t.request("TaskState").get_string("state"), "skipped");
  EXPECT_THAT(t.events(), Contains("Skipping task."));
  EXPECT_THAT(to_json(Array(t.log.begin(), t.log.end())), HasSubstr("exceeds the specified timeout of 1800."));
}

TEST_F(OwnSensorTest, FailuresOfAPoke) {
  Try t = run("throws", {.should_retry = true});
  EXPECT_EQ(t.request("RetryTask").get_string("retry_reason"), "no network");
  pokes = 0;
  t = run("silent");
  EXPECT_THAT(t.types(), ElementsAre("SucceedTask"));
  EXPECT_THAT(t.events(), ElementsAre("Sensor poke failed: no network", "Sensor poke failed: no network",
                                      "Success criteria met. Exiting."));
  pokes = 0;
  t = run("never_fails", {.should_retry = true});
  EXPECT_EQ(t.request("TaskState").get_string("state"), "skipped");
  EXPECT_EQ(t.log.back().get_string("reason"), "Skipping due to never_fail is set to True.");
  t = run("gives_up", {.should_retry = true});
  EXPECT_EQ(t.request("TaskState").get_string("error"), "it will never come");
  t = run("softly", {.should_retry = true});
  EXPECT_EQ(t.request("TaskState").get_string("state"), "skipped");
  EXPECT_EQ(t.log.back().get_string("reason"), "Skipping due to soft_fail is set to True.");
  EXPECT_EQ(run("skips").log.back().get_string("reason"), "a holiday");
}

TEST_F(OwnSensorTest, CoroutinesWaitAsLongAsTheySay) {
  const Try t = run("counts", {}, xcom_of_two);
  EXPECT_THAT(t.events(), ElementsAre("n=0", "n=1", "Success criteria met. Exiting."));
  EXPECT_EQ(t.xcom("return_value"), Value(2));
  EXPECT_EQ(run("long_wait").xcom("return_value"), Value(3));
}

TEST_F(OwnSensorTest, ACoroutineThatFailedSilentlyBeginsAnew) {
  EXPECT_THAT(run("silent_again").events(), ElementsAre("Sensor poke failed: no network", "Success criteria met. Exiting."));
}

TEST_F(OwnSensorTest, ACoroutineDoesNotWaitBeyondItsTimeOut) {
  const Try t = run("waits_long");
  EXPECT_EQ(t.request("TaskState").get_string("state"), "skipped");
  EXPECT_EQ(pokes, 0);
}

TEST_F(OwnSensorTest, IsDescribedAsASensor) {
  Value v = described("rescheduled");
  EXPECT_EQ(v.get_string("task_type"), "CppSensor");
  EXPECT_EQ(v.get_string("_task_module"), "venturi.program");
  EXPECT_EQ(v.at("_is_sensor"), Value(true));
  EXPECT_EQ(v.at("poke_interval"), Value(90));
  EXPECT_EQ(v.at("mode"), Value("reschedule"));
  v = described("arrived");
  EXPECT_EQ(v.get_string("task_type"), "Arrived");
  EXPECT_EQ(v.at("path"), Value("/in"));
  EXPECT_EQ(to_json(v.at("files")), R"({"__type":"xcomref","__var":{"task_id":"two","key":"return_value"}})");
  EXPECT_EQ(v.at("pool"), Value("files"));
  EXPECT_EQ(to_json(described("two").at("downstream_task_ids")), R"(["arrived","counts"])");
}

TEST(OwnSensorMistakes, OptionsThatMakeNoSense) {
  DagBag bag;
  Dag dag = bag.add("d");
  dag.sensor<never>({.poke_interval = -1s, .soft_fail = true, .never_fail = true});
  dag.sensor<waits_long>({.max_wait = 1s, .mode = SensorMode::reschedule, .exponential_backoff = true});
  const auto why = [](const std::string& option) {
    return "task waits_long: " + option +
           " is not for a sensor that is a coroutine: it waits in its process, as long as it says itself; take the option "
           "away, or "
           "let a function return whether it is there";
  };
  EXPECT_THAT(bag.state().find("d")->mistakes,
              ElementsAre("task never: poke_interval has to be at least 0",
                          "task never: soft_fail and never_fail exclude each other: take one away", why("mode reschedule"),
                          why("max_wait"), why("exponential_backoff")));
}

}  // namespace
}  // namespace venturi
