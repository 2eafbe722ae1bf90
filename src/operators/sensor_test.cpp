#include "operators/sensor.h"

#include <gmock/gmock.h>

#include <map>
#include <thread>

#include "base/time.h"
#include "operators/host.h"
#include "operators/outcome.h"
#include "operators/testing/fake_worker.h"

namespace venturi::operators::testing {
namespace {

namespace asio = boost::asio;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::map<std::string, int> pokes;  // by task; of the host's thread

// Done at the n-th poke; `how` says what one before that does.
asio::awaitable<Poke> count_pokes(OperatorTry& t, const Arguments& arguments) {
  const int count = ++pokes[t.facts.task_id];
  t.memory.take(10UL << 20U, "what a poke holds");
  if (count >= arguments.integer("n", 1)) co_return Poke{true, "seen"};
  const std::string how = arguments.string("how");
  if (how == "fails") throw TaskFailed("the disk burns");
  if (how == "fails for good") throw TaskFailedForGood("there is no disk");
  if (how == "skips") throw TaskSkipped("not today");
  co_return Poke{};
}

class SensorTest : public ::testing::Test {
 protected:
  SensorTest() {
    pokes.clear();
    registry.add(OperatorEntry{.task_type = "Counts",
                               .arguments = {{"n", ArgumentType::integer}, {"how", ArgumentType::string}},
                               .poke = count_pokes});
    thread = std::thread([this, end = std::make_shared<Fd>(worker.host_end())] {
      Host host(registry, std::move(*end));
      EXPECT_EQ(host.run(), 0);
    });
  }
  ~SensorTest() override {
    worker.hang_up();
    thread.join();
  }
  // How a sensor ends: the messages, and the reason.
  std::string end_of(Object op, const FakeWorker::Options& options) {
    Object whole{{"task_type", "Counts"}, {"poke_interval", 0.001}};
    for (const auto& [key, value] : op) whole.set(key, value);
    worker.start(++sequence, std::move(whole), options);
    const std::string error = worker.exit(sequence).get_string("error");
    std::string text;
    for (const std::string& type : worker.types(sequence)) text += type + " ";
    if (text == "TaskState ") text = worker.message(sequence, "TaskState").get_string("state") + " ";
    return text + error;
  }
  std::string end_of(Object op) { return end_of(std::move(op), {.should_retry = true}); }

  Registry registry;
  FakeWorker worker;
  std::thread thread;
  std::int64_t sequence = 0;
};

TEST_F(SensorTest, ItPokesUntilItIsDone) {
  EXPECT_EQ(end_of({{"n", 20}}), "SetXCom SucceedTask ");  // what 20 pokes held together would be too much
  EXPECT_EQ(worker.message(1, "SetXCom").get_string("value"), "seen");
  EXPECT_EQ(pokes["task1"], 20);
  EXPECT_THAT(worker.log(1), HasSubstr("Success criteria met. Exiting."));
}

TEST_F(SensorTest, TimeOutsSpendNoRetry) {
  EXPECT_THAT(end_of({{"n", 1'000'000}, {"timeout", 0.05}}), StartsWith("failed Sensor has timed out; run duration of 0."));
  EXPECT_EQ(end_of({{"n", 1'000'000}, {"timeout", 0.01}, {"soft_fail", true}}), "skipped ");
  EXPECT_THAT(worker.log(2), HasSubstr("exceeds the specified timeout of 0.01."));
  EXPECT_THAT(end_of({{"n", 1'000'000}, {"timeout", 0.01}, {"never_fail", true}}), StartsWith("failed Sensor has timed out"));
}

// tests/oracle: soft_fail does not cover ordinary exceptions, never_fail does.
TEST_F(SensorTest, WhatAPokeThrows) {
  EXPECT_EQ(end_of({{"n", 3}, {"how", "fails"}}), "RetryTask the disk burns");
  EXPECT_EQ(end_of({{"n", 3}, {"how", "fails"}, {"soft_fail", true}}), "RetryTask the disk burns");
  EXPECT_EQ(end_of({{"n", 3}, {"how", "fails"}, {"never_fail", true}}), "skipped ");
  EXPECT_THAT(worker.log(3), HasSubstr("Skipping due to never_fail is set to True."));
  EXPECT_EQ(end_of({{"n", 3}, {"how", "fails"}, {"silent_fail", true}}), "SetXCom SucceedTask ");
  EXPECT_THAT(worker.log(4), HasSubstr("Sensor poke failed: the disk burns"));
  EXPECT_EQ(end_of({{"n", 3}, {"how", "fails for good"}}), "failed there is no disk");
  EXPECT_EQ(end_of({{"n", 3}, {"how", "fails for good"}, {"silent_fail", true}}), "failed there is no disk");
  EXPECT_EQ(end_of({{"n", 3}, {"how", "fails for good"}, {"soft_fail", true}}), "skipped ");
  EXPECT_EQ(end_of({{"n", 3}, {"how", "fails for good"}, {"never_fail", true}}), "skipped ");
  EXPECT_EQ(end_of({{"n", 3}, {"how", "skips"}, {"silent_fail", true}}), "skipped ");
}

TEST_F(SensorTest, ModeRescheduleGivesTheTryBack) {
  const Time before = SystemClock().now();
  EXPECT_EQ(end_of({{"n", 3}, {"mode", "reschedule"}, {"poke_interval", 90}}), "RescheduleTask ");
  const Value message = worker.message(1, "RescheduleTask");
  const Duration wait = parse_time(message.get_string("reschedule_date")).value() - before;
  EXPECT_GE(wait, std::chrono::seconds(90));
  EXPECT_LT(wait, std::chrono::seconds(110));
  EXPECT_EQ(pokes["task1"], 1);
  // The first start counts for the time-out, and for exponential_backoff.
  worker.reschedule_start = format_time(SystemClock().now() - std::chrono::hours(1));
  EXPECT_THAT(end_of({{"n", 3}, {"mode", "reschedule"}, {"timeout", 3000}}, {.reschedules = 1}),
              StartsWith("GetTaskRescheduleStartDate TaskState Sensor has timed out; run duration of 36"));
  EXPECT_EQ(end_of({{"n", 3}, {"mode", "reschedule"}, {"timeout", 4000}, {"exponential_backoff", true}, {"poke_interval", 900}},
                   {.reschedules = 1}),
            "GetTaskRescheduleStartDate RescheduleTask ");
  EXPECT_THAT(worker.log(3), ::testing::ContainsRegex("new reschedule interval is (400|3[0-9][0-9])"));
}

TEST_F(SensorTest, ASleepingSensorCanBeCancelled) {
  worker.start(++sequence, {{"task_type", "Counts"}, {"n", 5}, {"poke_interval", 1000}});
  worker.wait([](const task::Frame& f) { return f.body.get_string("type") == "OperatorStarted"; }, "its start");
  worker.cancel(sequence);
  EXPECT_EQ(worker.exit(sequence).get_string("kind"), "killed");
}

TEST_F(SensorTest, WhatIsWrongWithTheArguments) {
  EXPECT_EQ(end_of({{"poke_interval", -1}}), "failed the argument poke_interval must be a non-negative number of seconds");
  EXPECT_EQ(end_of({{"timeout", "soon"}}), "failed the argument timeout must be a number, not string");
  EXPECT_EQ(end_of({{"max_wait", -2}}), "failed the argument max_wait must be a non-negative number of seconds");
  EXPECT_EQ(end_of({{"mode", "sleep"}}), "failed the argument mode must be poke or reschedule, not 'sleep'");
  EXPECT_EQ(end_of({{"soft_fail", true}, {"never_fail", true}}),
            "failed soft_fail and never_fail are mutually exclusive, you can not provide both.");
}

}  // namespace
}  // namespace venturi::operators::testing
