// What a try that waits takes in the operator host's memory: thousands may wait at once. The bounds leave room for other
// libraries than today's; docs/benchmarks.md has the figures.
#include <fstream>
#include <functional>

#include "base/json.h"
#include "base/sanitized.h"
#include "providers/testing/host_program.h"
#include "servers/http_server.h"

namespace venturi::providers::testing {
namespace {

constexpr int before = 300, more = 600;

class WaitsTest : public HostProgramTest {
 protected:
  void connect(const Value& login) {
    worker.connections["http_default"] =
        Object{{"type", "ConnectionResult"}, {"conn_id", "http_default"}, {"conn_type", "http"},
               {"host", "127.0.0.1"},        {"schema", nullptr},         {"login", login},
               {"password", login},          {"port", server.port()},     {"extra", nullptr}};
  }
  // Its own: what it shares with other processes counts for more when they end.
  [[nodiscard]] double private_kib() const {
    std::ifstream smaps("/proc/" + std::to_string(pid) + "/smaps_rollup");
    for (std::string name; smaps >> name;) {
      if (name != "Private_Dirty:") continue;
      double kib = 0;
      smaps >> kib;
      return kib;
    }
    ADD_FAILURE() << "no memory of process " << pid;
    return 0;
  }
  // KiB that each of `more` tries takes beside those that wait already; all_wait(n) returns when n tries wait.
  double kib_of_one(const std::function<Object()>& op, const std::function<void(int)>& all_wait) {
    for (int i = 0; i < before; ++i) worker.start(++sequence, op());
    all_wait(before);
    const double few = private_kib();
    for (int i = 0; i < more; ++i) worker.start(++sequence, op());
    all_wait(before + more);
    return (private_kib() - few) / more;
  }
  double kib_of_long_poll() {
    return kib_of_one([] { return Object{{"task_type", "HttpOperator"}, {"endpoint", "poll/bell"}, {"method", "GET"}}; },
                      [this](int n) {
                        worker.start(++sequence, {{"task_type", "HttpSensor"},
                                                  {"endpoint", "waiting/bell"},
                                                  {"poke_interval", 0.05},
                                                  {"response_check", Object{{"text_contains", std::to_string(n)}}}});
                        EXPECT_EQ(worker.exit(sequence).get_string("error"), "");
                      });
  }

  tests::HttpServer server;
  std::int64_t sequence = 0;
};

TEST_F(WaitsTest, ALongPollIsSmall) {
  if (sanitized) GTEST_SKIP() << "sanitizers take memory of their own";
  connect(nullptr);
  EXPECT_LT(kib_of_long_poll(), 24);
}

// They share what masks the password.
TEST_F(WaitsTest, ALoginMakesItHardlyLarger) {
  if (sanitized) GTEST_SKIP() << "sanitizers take memory of their own";
  connect("a-password-of-some-length");
  EXPECT_LT(kib_of_long_poll(), 25);
}

TEST_F(WaitsTest, ASensorWithATemplateIsSmall) {
  if (sanitized) GTEST_SKIP() << "sanitizers take memory of their own";
  const Value shown =
      Object{{"dag", Object{{"dag_id", "d"}, {"owner", "airflow"}, {"timezone", "UTC"}, {"fileloc", "/dags/d.cpp"}}},
             {"params", Object{{"at", "2100-01-01T00:00:00+00:00"}, {"unit", "EUR"}}}};
  const double kib = kib_of_one(
      [&] {
        return Object{{"task_type", "DateTimeSensor"},
                      {"target_time", "{{ params.at }}"},
                      {"deferrable", true},
                      {"template_fields", Array{"target_time"}},
                      {"_template_context", shown}};
      },
      [this](int n) {
        for (std::int64_t i = 1; i <= n; ++i) worker.message(i, "SetRenderedFields");
      });
  EXPECT_LT(kib, 8);
}

}  // namespace
}  // namespace venturi::providers::testing
