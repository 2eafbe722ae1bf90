#include "venturi/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "sdk/dag_node.h"
#include "sdk/serialize.h"
#include "venturi/dag.h"

namespace venturi {
namespace {

using namespace std::chrono_literals;
using internal::serialize_task;
using testing::ElementsAre;

class HttpOperatorsTest : public testing::Test {
 protected:
  // The operator's own fields, without those of every task.
  template <class Op>
  std::string fields_of(const Op& op) {
    return to_json(Value(dag_.add(op).node().fields));
  }
  const std::vector<std::string>& mistakes() const { return bag_.state().find("d")->mistakes; }
  DagBag bag_;
  Dag dag_ = bag_.add("d", {.timezone = "Europe/Berlin"});
};

TEST_F(HttpOperatorsTest, FieldsHaveAirflowsNames) {
  EXPECT_EQ(fields_of(HttpOperator{.task_id = "a",
                                   .endpoint = "v1/x",
                                   .method = "GET",
                                   .data = Object{{"q", 1}},
                                   .headers = {{"X-A", "b"}},
                                   .pagination = Object{{"next_link", "/next"}},
                                   .response_filter = "/items"}),
            R"({"endpoint":"v1/x","method":"GET","data":{"__type":"dict","__var":{"q":1}},)"
            R"("headers":{"__type":"dict","__var":{"X-A":"b"}},"pagination":{"__type":"dict","__var":{"next_link":"/next"}},)"
            R"("response_filter":"/items"})");
  EXPECT_EQ(
      fields_of(HttpSensor{.task_id = "b",
                           .endpoint = "ready",
                           .response_error_codes_allowlist = {"404", "503"},
                           .poke_interval = 1500ms,
                           .timeout = 1h,
                           .max_wait = 10min,
                           .mode = SensorMode::reschedule,
                           .soft_fail = true,
                           .exponential_backoff = true}),
      R"({"endpoint":"ready","response_error_codes_allowlist":["404","503"],"poke_interval":1.5,"timeout":3600.0,)"
      R"("max_wait":{"__type":"timedelta","__var":600.0},"mode":"reschedule","soft_fail":true,"exponential_backoff":true,)"
      R"("_is_sensor":true})");
  EXPECT_EQ(fields_of(HttpToFileOperator{.task_id = "c", .endpoint = "f", .path = "/x", .max_bytes = 5}),
            R"({"endpoint":"f","path":"/x","max_bytes":5})");
  EXPECT_EQ(to_json(serialize_task(dag_.add(HttpOperator{.task_id = "d"}).node()).at("__var").at("template_fields")),
            R"(["endpoint","data","headers","http_conn_id"])");
}

TEST_F(HttpOperatorsTest, Sensors) {
  EXPECT_EQ(fields_of(FileSensor{.task_id = "a", .filepath = "/in/*.csv", .recursive = true}),
            R"({"filepath":"/in/*.csv","recursive":true,"_is_sensor":true})");
  EXPECT_EQ(fields_of(TimeSensor{.task_id = "b", .target_time = "07:30"}),
            R"({"target_time":"07:30","timezone":"Europe/Berlin","_is_sensor":true})");
  EXPECT_EQ(fields_of(TimeDeltaSensor{.task_id = "c", .delta = 90s, .deferrable = true}),
            R"({"delta":{"__type":"timedelta","__var":90.0},"deferrable":true,"_is_sensor":true})");
  EXPECT_EQ(fields_of(DateTimeSensor{.task_id = "d", .target_time = "{{ data_interval_end }}"}),
            R"({"target_time":"{{ data_interval_end }}","_is_sensor":true})");
  EXPECT_EQ(fields_of(DayOfWeekSensor{.task_id = "e", .week_day = {"Saturday", "sunday"}, .use_task_logical_date = true}),
            R"({"week_day":["Saturday","sunday"],"use_task_logical_date":true,"_is_sensor":true})");
  EXPECT_EQ(fields_of(BashSensor{.task_id = "f", .bash_command = "test -e x", .retry_exit_code = 1}),
            R"({"bash_command":"test -e x","retry_exit_code":1,"_is_sensor":true})");
  EXPECT_EQ(fields_of(WaitSensor{.task_id = "g", .time_to_wait = 5s}),
            R"({"time_to_wait":{"__type":"timedelta","__var":5.0}})");
  EXPECT_THAT(mistakes(), ElementsAre());
}

TEST_F(HttpOperatorsTest, Mistakes) {
  dag_.add(HttpSensor{.task_id = "a", .poke_interval = -1s, .soft_fail = true, .never_fail = true});
  dag_.add(HttpToFileOperator{.task_id = "b", .endpoint = "x", .path = "/x", .file_name = "y"});
  dag_.add(TimeSensor{.task_id = "c", .target_time = "half past seven"});
  dag_.add(TimeDeltaSensor{.task_id = "d"});
  dag_.add(DateTimeSensor{.task_id = "e", .target_time = "tomorrow"});
  dag_.add(DayOfWeekSensor{.task_id = "f", .week_day = {"Freitag"}});
  dag_.add(DayOfWeekSensor{.task_id = "g"});
  dag_.add(WaitSensor{.task_id = "h"});
  EXPECT_THAT(
      mistakes(),
      ElementsAre("task a: HttpSensor needs .endpoint: give it", "task a: poke_interval has to be at least 0",
                  "task a: soft_fail and never_fail exclude each other: take one away",
                  "task b: HttpToFileOperator takes either .path or .file_name: take one away",
                  "task c: TimeSensor needs .target_time: a time of day like \"07:30\"",
                  "task d: TimeDeltaSensor needs .delta: give it",
                  "task e: target_time has to be a date and time like \"2026-01-31T07:30:00+01:00\"",
                  "task f: week_day: there is no 'Freitag'; the days are Monday, Tuesday, ...",
                  "task g: DayOfWeekSensor needs .week_day: give it", "task h: WaitSensor needs .time_to_wait: give it"));
}

TEST_F(HttpOperatorsTest, AnOutputIsAnEndpoint) {
  const auto path = dag_.add(HttpToFileOperator{.task_id = "download", .endpoint = "f"});
  dag_.add(CsvToFileOperator{.task_id = "load", .path = path});
  EXPECT_THAT(mistakes(), ElementsAre());
}

std::string kwargs_of(const Callback& callback) {
  return callback.notifier().classpath + " " + to_json(Value(callback.notifier().kwargs));
}

TEST(Notifiers, AreCallbacks) {
  const TaskOptions options{
      .on_failure_callback = {slack_to("ops"), SlackWebhookNotifier{.text = "x", .unfurl_links = false, .timeout = 2s},
                              TeamsWebhookNotifier{.title = "t"}, webhook_to("alarm", "v1")},
      .on_retry_callback = teams_to(),
      .on_skipped_callback = HttpNotifier{.json = Object{{"a", 1}}}};
  ASSERT_EQ(options.on_failure_callback.list().size(), 4U);
  EXPECT_EQ(kwargs_of(options.on_failure_callback.list()[0]),
            R"(venturi.notifiers.slack.SlackWebhookNotifier {"slack_webhook_conn_id":"ops"})");
  EXPECT_EQ(kwargs_of(options.on_failure_callback.list()[1]),
            R"(venturi.notifiers.slack.SlackWebhookNotifier )"
            R"({"slack_webhook_conn_id":"slack_default","text":"x","unfurl_links":false,"timeout":2.0})");
  EXPECT_EQ(kwargs_of(options.on_failure_callback.list()[2]),
            R"(venturi.notifiers.teams.TeamsWebhookNotifier {"teams_webhook_conn_id":"teams_default","title":"t"})");
  EXPECT_EQ(kwargs_of(options.on_failure_callback.list()[3]),
            R"(venturi.notifiers.http.HttpNotifier {"http_conn_id":"alarm","method":"POST","endpoint":"v1"})");
  EXPECT_EQ(kwargs_of(options.on_retry_callback.list()[0]),
            R"(venturi.notifiers.teams.TeamsWebhookNotifier {"teams_webhook_conn_id":"teams_default"})");
  EXPECT_EQ(kwargs_of(options.on_skipped_callback.list()[0]),
            R"(venturi.notifiers.http.HttpNotifier {"http_conn_id":"http_default","method":"POST","json":{"a":1}})");
}

}  // namespace
}  // namespace venturi
