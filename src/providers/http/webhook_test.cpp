// Notifiers over HTTP, against a server that records what it is sent: tests/servers/http_server.py.
#include "providers/http/webhook.h"

#include <gmock/gmock.h>

#include "base/json.h"
#include "operators/outcome.h"
#include "providers/testing/host_program.h"
#include "servers/http_server.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* token = "T000/B000/SeCrEt123";

TEST(Webhook, Urls) {
  const auto url = [](const char* password, const char* host = nullptr, const char* schema = nullptr) -> std::string {
    Connection c;
    c.conn_id = "slack_default";
    if (password != nullptr) c.password = password;
    if (host != nullptr) c.host = host;
    if (schema != nullptr) c.schema = schema;
    try {
      return webhook_url(c, "hooks.slack.com/services");
    } catch (const operators::TaskFailed& e) {
      return e.what();
    }
  };
  EXPECT_EQ(url("T0/B0/X"), "https://hooks.slack.com/services/T0/B0/X");
  EXPECT_EQ(url(" /T0/B0/X/ "), "https://hooks.slack.com/services/T0/B0/X");
  EXPECT_EQ(url("https://other/hook?a=b"), "https://other/hook?a=b");
  EXPECT_EQ(url("X", "h/s", "http"), "http://h/s/X");
  EXPECT_EQ(url("X", "http://h/s/"), "http://h/s/X");
  EXPECT_EQ(url(" "), "Connection ID 'slack_default' does not contain password (the webhook's token, or its whole URL)");
  Connection bare;
  bare.conn_id = "teams_default";
  bare.password = "X";
  EXPECT_THROW((void)webhook_url(bare, ""), operators::TaskFailed);
}

class NotifierTest : public HostProgramTest {
 protected:
  void connect(const char* conn_id, const std::string& host, const char* password, const Object& extra = {}) {
    worker.connections[conn_id] = Object{{"type", "ConnectionResult"},
                                         {"conn_id", conn_id},
                                         {"conn_type", "slackwebhook"},
                                         {"host", host},
                                         {"schema", nullptr},
                                         {"login", nullptr},
                                         {"password", password},
                                         {"port", nullptr},
                                         {"extra", to_json(Value(extra))}};
  }
  std::string notify(const std::string& classpath, Object kwargs = {}) {
    const std::int64_t id = --sequence;
    worker.send(id, Object{{"type", "RunNotifier"},
                           {"no", 5},
                           {"key", "orders/manual__1/extract/-1/3/failure"},
                           {"classpath", "venturi.notifiers." + classpath},
                           {"kwargs", std::move(kwargs)},
                           {"context", Object{{"dag_id", "orders"},
                                              {"run_id", "manual__1"},
                                              {"task_id", "extract"},
                                              {"map_index", -1},
                                              {"try_number", 3},
                                              {"event", "failure"},
                                              {"state", "failed"},
                                              {"max_tries", 2},
                                              {"error", "<db> & co: refused"},
                                              {"log_path", "/home/v/logs/attempt=3.log"}}}});
    const Value result = worker.answer(id).body;
    return result.get_bool("ok") ? "ok" : result.get_string("error");
  }
  // The last request, and its body.
  Value request() { return server.requests().back(); }
  Value body() { return parse_json(request().get_string("body")).value(); }

  tests::HttpServer server;
  std::int64_t sequence = 0;
};

constexpr const char* slack = "slack.SlackWebhookNotifier";
constexpr const char* teams = "teams.TeamsWebhookNotifier";
constexpr const char* http = "http.HttpNotifier";

TEST_F(NotifierTest, Slack) {
  connect("slack_default", server.url("/echo"), token);
  EXPECT_EQ(notify(slack), "ok");
  EXPECT_EQ(request().get_string("method"), "POST");
  EXPECT_EQ(request().get_string("target"), std::string("/echo/") + token);
  EXPECT_EQ(request().at("headers").get_string("content-type"), "application/json;charset=utf-8");
  const std::string text = body().get_string("text");
  EXPECT_THAT(text, StartsWith("*[Venturi] DAG orders, task extract failed (run manual__1)*\n```\n"));
  for (const char* fact :
       {"orders", "manual__1", "extract", "3 of 3", "&lt;db&gt; &amp; co: refused", "/home/v/logs/attempt=3.log"})
    EXPECT_THAT(text, HasSubstr(fact));
  // What is sent twice has the same key.
  const std::string key = request().at("headers").get_string("idempotency-key");
  EXPECT_EQ(key.size(), 32U);
  EXPECT_EQ(notify(slack, {{"text", "own"}, {"blocks", Array{Object{{"type", "divider"}}}}, {"unfurl_links", false}}), "ok");
  EXPECT_EQ(request().at("headers").get_string("idempotency-key"), key);
  EXPECT_EQ(to_json(body()), R"({"text":"own","blocks":[{"type":"divider"}],"unfurl_links":false})");
}

TEST_F(NotifierTest, WhatSlackDoesNotTake) {
  connect("slack_default", server.url("/status"), "404?body=no_team");
  EXPECT_EQ(notify(slack),
            "the message was not taken: Slack's webhook of the connection slack_default: Response body: 'no_team', "
            "Status Code: 404");
  connect("slack_default", server.url("/hang"), token, {{"timeout", 0.1}});
  EXPECT_EQ(notify(slack),
            "the message was not sent: Slack's webhook of the connection slack_default: no answer within 0.1 s (timeout "
            "says how long a silence is waited for)");
  connect("slack_default", "http://127.0.0.1:" + std::to_string(tests::free_port()), token);
  EXPECT_THAT(notify(slack), AllOf(HasSubstr("it cannot be reached: Connection refused"), Not(HasSubstr("SeCrEt123"))));
  connect("slack_default", server.url(), token, {{"timeout", "never"}});
  EXPECT_EQ(notify(slack), "connection slack_default, extra: timeout must be a number of seconds above 0");
  connect("slack_default", server.url(), "");
  EXPECT_EQ(notify(slack), "Connection ID 'slack_default' does not contain password (the webhook's token, or its whole URL)");
  EXPECT_THAT(notify(slack, {{"slack_webhook_conn_id", "other"}}), StartsWith("there is no connection other"));
  EXPECT_EQ(notify(slack, {{"blocks", "x"}}), "the argument blocks must be a list, not string");
}

TEST_F(NotifierTest, Teams) {
  connect("teams_default", "", server.url("/echo/hook?sig=SeCrEt123").c_str());
  EXPECT_EQ(notify(teams), "ok");
  EXPECT_EQ(request().get_string("target"), "/echo/hook?sig=SeCrEt123");
  EXPECT_EQ(body().get_string("type"), "message");
  const Value card = body().at("attachments").as_array().at(0).at("content");
  EXPECT_EQ(card.get_string("type"), "AdaptiveCard");
  EXPECT_EQ(card.at("body").as_array().at(0).get_string("text"), "[Venturi] DAG orders, task extract failed (run manual__1)");
  EXPECT_THAT(card.at("body").as_array().at(1).get_string("text"), HasSubstr("<db> & co: refused\n\n"));
  EXPECT_EQ(notify(teams, {{"title", "t"}, {"text", "x"}}), "ok");
  EXPECT_EQ(body().at("attachments").as_array().at(0).at("content").at("body").as_array().at(1).get_string("text"), "x");
  EXPECT_EQ(notify(teams, {{"card", Object{{"type", "AdaptiveCard"}}}}), "ok");
  EXPECT_EQ(to_json(body().at("attachments").as_array().at(0).at("content")), R"({"type":"AdaptiveCard"})");
}

TEST_F(NotifierTest, AnyService) {
  worker.connections["http_default"] = Object{{"type", "ConnectionResult"},
                                              {"conn_id", "http_default"},
                                              {"conn_type", "http"},
                                              {"host", server.url()},
                                              {"extra", R"({"X-Team": "data"})"}};
  EXPECT_EQ(notify(http, {{"endpoint", "echo/alarm"}}), "ok");
  EXPECT_EQ(request().get_string("target"), "/echo/alarm");
  EXPECT_EQ(request().at("headers").get_string("x-team"), "data");
  EXPECT_EQ(request().at("headers").get_string("idempotency-key").size(), 32U);
  EXPECT_EQ(body().get_string("event"), "failure");
  EXPECT_EQ(body().get_int("try_number"), 3);
  EXPECT_EQ(body().get_string("key"), "orders/manual__1/extract/-1/3/failure");
  EXPECT_THAT(body().get_string("message"), StartsWith("[Venturi] DAG orders, task extract failed (run manual__1)\n\n"));
  EXPECT_EQ(notify(http, {{"endpoint", "echo"}, {"json", Object{{"a", 1}}}}), "ok");
  EXPECT_EQ(to_json(body()), R"({"a":1})");
  EXPECT_EQ(notify(http, {{"endpoint", "echo"}, {"data", Object{{"a", "b c"}}}, {"method", "PUT"}}), "ok");
  EXPECT_EQ(request().get_string("body"), "a=b+c");
  EXPECT_EQ(request().get_string("method"), "PUT");
  EXPECT_EQ(notify(http, {{"endpoint", "status/500"}}), "500:Because (POST " + server.url() + "/status/500)");
}

}  // namespace
}  // namespace venturi::providers::testing
