#include "providers/standard/sensors.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "base/json.h"
#include "base/time.h"
#include "providers/testing/host_program.h"

namespace venturi::providers::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class StandardSensorsTest : public HostProgramTest {
 protected:
  // "done", "not yet", or the error. What else the try's details say is in `run` (of dag_run) and `start_date`.
  std::string poke(const char* type, Object op, const Object& run = {}, const char* start_date = nullptr) {
    Object whole{{"task_type", type}, {"mode", "reschedule"}};
    for (const auto& [key, value] : op) whole.set(key, value);
    Value message = FakeWorker::start_message(++sequence, std::move(whole), {}, worker.folder.path());
    Object& details = message.as_object().find("details")->as_object();
    for (const auto& [key, value] : run) details.find("ti_context")->as_object().find("dag_run")->as_object().set(key, value);
    if (start_date != nullptr) details.set("start_date", start_date);
    worker.send(-sequence, message);
    const std::string error = worker.exit(sequence).get_string("error");
    if (!error.empty()) return error;
    return worker.types(sequence).back() == "SucceedTask" ? "done" : "not yet";
  }
  using FakeWorker = operators::testing::FakeWorker;
  static std::string in(std::chrono::seconds distance) { return format_time(SystemClock().now() + distance); }
  static Value timedelta(double seconds) { return Object{{"__type", "timedelta"}, {"__var", seconds}}; }

  std::int64_t sequence = 0;
};

TEST(FsConnection, IsGoodWhereItsPathIs) {
  const tests::TestFolder folder;
  const auto test = [](const Value& extra) {
    Connection connection;
    connection.conn_id = "fs_default";
    connection.conn_type = "fs";
    connection.extra = to_json(extra);
    const operators::ConnectionTest result = test_fs(connection);
    return (result.is_good ? "good: " : "bad: ") + result.message;
  };
  EXPECT_EQ(test(Object{{"path", folder.path()}}), "good: Path " + folder.path() + " is existing.");
  EXPECT_EQ(test(Object{{"path", folder / "no"}}),
            "bad: Path " + (folder / "no") + " does not exist: make it, or correct path in the connection's extra");
  EXPECT_EQ(test(Object{}), "bad: File Path is undefined: give it as path in the connection's extra");
  EXPECT_EQ(test(Object{{"path", 7}}), "bad: extra: path must be a string");
}

TEST_F(StandardSensorsTest, Files) {
  const tests::TestFolder folder;
  const auto look = [&](const std::string& path, bool recursive = false) {
    return poke("FileSensor", {{"filepath", path}, {"recursive", recursive}});
  };
  EXPECT_EQ(look(folder / "x"), "not yet");
  std::filesystem::create_directories(folder / "x/y");
  EXPECT_EQ(look(folder / "x"), "not yet");  // a folder without files is nothing
  folder.write("x/y/z.csv", "");
  EXPECT_EQ(look(folder / "x"), "done");
  EXPECT_EQ(look(folder / "x/*.csv"), "not yet");
  EXPECT_EQ(look(folder / "x/**/*.csv", true), "done");
  EXPECT_THAT(worker.log(sequence),
              AllOf(HasSubstr("Poking for file "), HasSubstr("Found File " + (folder / "x/y/z.csv") + " last modified: ")));
  worker.connections["fs_default"] = Object{{"type", "ConnectionResult"},
                                            {"conn_id", "fs_default"},
                                            {"conn_type", "fs"},
                                            {"extra", to_json(Value(Object{{"path", folder.path()}}))}};
  EXPECT_EQ(look("x/y/z.csv"), "done");
  EXPECT_EQ(poke("FileSensor", {{"filepath", folder / "x"}, {"fs_conn_id", "other"}}),
            "there is no connection other (add it: venturi connections add other --conn-uri ...)");
  worker.connections["fs_default"] = Object{{"type", "ConnectionResult"}, {"conn_id", "fs_default"}, {"conn_type", "fs"}};
  EXPECT_EQ(look("x/y"),
            "the argument filepath ('x/y') is relative, and the connection has no path in its extra: give one of them");
}

TEST_F(StandardSensorsTest, TimesOfTheDay) {
  const auto at = [&](const char* time, const char* zone, const std::string& start) {
    return poke("TimeSensor", {{"target_time", time}, {"timezone", zone}}, {}, start.c_str());
  };
  // A try that began yesterday waits for yesterday's time.
  EXPECT_EQ(at("23:59:59", "UTC", in(-48h)), "done");
  EXPECT_EQ(at("00:00:01", "UTC", in(48h)), "not yet");
  EXPECT_EQ(at("07:30", "Europe/Berlin", "2026-01-02T23:30:00Z"), "done");
  EXPECT_THAT(worker.log(sequence), HasSubstr("Checking if the time (2026-01-03T06:30:00Z) has come"));
  EXPECT_EQ(at("7 Uhr", "UTC", in(0s)), "the argument target_time must be a time of day like 07:30 or 07:30:15, not '7 Uhr'");
  EXPECT_THAT(at("07:30", "Europe/Berln", in(0s)), StartsWith("the argument timezone: "));
}

TEST_F(StandardSensorsTest, Distances) {
  const auto after = [&](Value delta, const Object& run) {
    return poke("TimeDeltaSensor", {{"delta", std::move(delta)}}, run);
  };
  EXPECT_EQ(after(timedelta(90), {{"data_interval_end", in(-60s)}}), "not yet");
  EXPECT_EQ(after(timedelta(30), {{"data_interval_end", in(-60s)}}), "done");
  EXPECT_EQ(after(2, {{"run_after", in(-60s)}}), "not yet");  // minutes
  EXPECT_EQ(after("1", {{"run_after", in(-61s)}}), "done");
  EXPECT_EQ(after("soon", {{"run_after", in(0s)}}),
            "the argument delta must be a timedelta or a number of minutes, not \"soon\"");
  EXPECT_EQ(after(1, {}), "the run has neither a data interval nor run_after: the server is too old for this worker");
  EXPECT_EQ(poke("WaitSensor", {{"time_to_wait", timedelta(0.05)}}), "done");
}

TEST_F(StandardSensorsTest, Dates) {
  const auto at = [&](const std::string& time) { return poke("DateTimeSensor", {{"target_time", time}}); };
  EXPECT_EQ(at("2026-01-02 03:04:05+02:00"), "done");
  EXPECT_EQ(at("2199-01-01"), "not yet");
  EXPECT_EQ(at("tomorrow"), "the argument target_time must be a date and time like 2026-01-31T07:30:00+01:00, not 'tomorrow'");
  // Airflow's names for waiting without a process: they end at their time, not at the next poke.
  EXPECT_EQ(poke("DateTimeSensorAsync", {{"target_time", format_time(SystemClock().now() + 50ms)}}), "done");
  EXPECT_EQ(poke("DateTimeSensor", {{"target_time", format_time(SystemClock().now() + 50ms)}, {"deferrable", true}}), "done");
}

TEST_F(StandardSensorsTest, DaysOfTheWeek) {
  const auto on = [&](Value days, bool logical = true) {
    return poke("DayOfWeekSensor", {{"week_day", std::move(days)}, {"use_task_logical_date", logical}});
  };
  EXPECT_EQ(on("Friday"), "done");  // 2026-01-02
  EXPECT_EQ(on(Object{{"__type", "set"}, {"__var", Array{"MONDAY", "friday"}}}), "done");
  EXPECT_EQ(on("Saturday"), "not yet");
  EXPECT_EQ(on(Array{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}, false), "done");
  EXPECT_THAT(on("Freitag"), StartsWith("Invalid Week Day passed: \"Freitag\" (there are MONDAY, TUESDAY, "));
}

TEST_F(StandardSensorsTest, Commands) {
  const std::string path = worker.folder / "there";
  const auto sense = [&](Object op) {
    Object whole{{"task_type", "BashSensor"}, {"poke_interval", 0.01}};
    for (const auto& [key, value] : op) whole.set(key, value);
    worker.start_command(++sequence, std::move(whole));
    return worker.exit(sequence).get_string("error");
  };
  // The second poke's output comes too.
  EXPECT_EQ(sense({{"bash_command", "echo looking; test -e " + path + " || { touch " + path + "; exit 1; }"}}), "");
  EXPECT_EQ(worker.out(sequence), "looking\nlooking\n");
  EXPECT_THAT(worker.log(sequence), HasSubstr("Non-zero return code and no retry code set, will retry later"));
  EXPECT_EQ(sense({{"bash_command", "exit 3"}, {"retry_exit_code", 4}}), "Command exited with return code 3");
  EXPECT_THAT(sense({{"bash_command", "exit 4"}, {"retry_exit_code", 4}, {"timeout", 0.01}}),
              StartsWith("Sensor has timed out; "));
}

}  // namespace
}  // namespace venturi::providers::testing
