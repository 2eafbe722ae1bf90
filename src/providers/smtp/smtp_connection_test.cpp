// What a connection of type smtp has beside the server: OAuth 2.0, templates, and the ways to ask for them.
#include <gmock/gmock.h>

#include "providers/smtp/smtp.h"
#include "providers/testing/smtp_host.h"
#include "servers/certificate.h"
#include "servers/http_server.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* token = "ya29.a-token/+=";
constexpr const char* secret = "s3cret~value&more";

class SmtpConnectionTest : public SmtpTest {
 protected:
  void connect(int port, Object more, const char* login = nullptr) {
    Value made = connection(port, plain(std::move(more)));
    if (login != nullptr) made.as_object().set("login", login);
    worker.connections["smtp_default"] = made;
  }
  std::string notify(Object kwargs, Object more = {}) {
    Object context{{"dag_id", "orders"}, {"run_id", "r1"},     {"task_id", "load"}, {"map_index", -1},
                   {"try_number", 1},    {"event", "failure"}, {"state", "failed"}, {"error", "the disk is <full>"}};
    for (const auto& [key, value] : more) context.set(key, value);
    const std::int64_t id = --notification;
    worker.send(id, Object{{"type", "RunNotifier"},
                           {"no", 5},
                           {"key", "orders/r1/load/-1/1/failure"},
                           {"classpath", "venturi.notifiers.smtp.SmtpNotifier"},
                           {"kwargs", std::move(kwargs)},
                           {"context", std::move(context)}});
    const Value result = worker.answer(id).body;
    return result.get_bool("ok") ? std::string("ok") : result.get_string("error");
  }
  // What the server sends with an operator or notification whose templates may come from its connection.
  static Value template_context() { return Object{{"dag", Object{{"dag_id", "orders"}}}, {"params", Object{{"unit", "EUR"}}}}; }

  std::int64_t notification = -1000;  // ids of frames: those of tries are above
};

TEST_F(SmtpConnectionTest, ATokenLogsIn) {
  tests::SmtpServer server({.user = "robot@firm.example", .token = token});
  connect(server.port(), {{"auth_type", "oauth2"}, {"access_token", token}}, "robot@firm.example");
  EXPECT_EQ(send(email()), "");
  // Without a login the mailbox of from_email.
  connect(server.port(), {{"auth_type", "oauth2"}, {"access_token", token}, {"from_email", "Robot <robot@firm.example>"}});
  EXPECT_EQ(send(email()), "");
  ASSERT_THAT(server.mails(), SizeIs(2));
  EXPECT_THAT(server.mails()[1].envelope, HasSubstr("\"login\": \"robot@firm.example\""));

  connect(server.port(), {{"auth_type", "oauth2"}, {"access_token", "an-old-token"}}, "robot@firm.example");
  EXPECT_THAT(
      send(email()),
      HasSubstr("it refused the login of robot@firm.example: 535 5.7.8 Authentication credentials invalid "
                "({\"status\": \"401\", \"schemes\": \"bearer\"}) (is the access token of this mailbox, not expired, and of "
                "a scope that may send mail?) (connection smtp_default)"));
  for (int i = 1; i <= 3; ++i) EXPECT_THAT(worker.log(i), AllOf(Not(HasSubstr(token)), Not(HasSubstr("an-old-token"))));

  // A notifier and a connection that does not say.
  connect(server.port(), {{"access_token", token}}, "robot@firm.example");
  EXPECT_EQ(notify({{"to", "ops@firm.example"}, {"auth_type", "oauth2"}}), "ok");
  // A server without it.
  tests::SmtpServer other({.user = "robot", .password = "a password"});
  connect(other.port(), {{"auth_type", "oauth2"}, {"access_token", token}}, "robot");
  EXPECT_THAT(send(email()), HasSubstr("it takes no login by XOAUTH2: it offers LOGIN PLAIN"));
}

TEST_F(SmtpConnectionTest, ATokenIsAskedForWithTheClientsSecret) {
  tests::SmtpServer server({.user = "robot@firm.example", .token = token});
  tests::HttpServer tokens;
  const std::string url = tokens.url("/token?secret=s3cret~value%26more&token=ya29.a-token%2F%2B%3D");
  const Object client{{"auth_type", "oauth2"}, {"client_id", "the-client"}, {"client_secret", secret}, {"token_url", url}};
  connect(server.port(), client, "robot@firm.example");
  EXPECT_EQ(send(email()), "");
  ASSERT_THAT(tokens.requests(), SizeIs(1));
  EXPECT_EQ(tokens.requests()[0].get_string("method"), "POST");
  EXPECT_EQ(tokens.requests()[0].get_string("body"),
            "grant_type=client_credentials&client_id=the-client&client_secret=s3cret~value%26more&"
            "scope=https%3A%2F%2Foutlook.office.com%2F.default");
  Object with_scope = client;
  with_scope.set("scope", "mail.send");
  connect(server.port(), with_scope, "robot@firm.example");
  EXPECT_EQ(send(email()), "");
  EXPECT_THAT(tokens.requests()[1].get_string("body"), HasSubstr("&scope=mail.send"));
  EXPECT_THAT(server.mails(), SizeIs(2));

  Object wrong = client;
  wrong.set("client_secret", "another-secret");
  connect(server.port(), wrong, "robot@firm.example");
  EXPECT_THAT(send(email()),
              AllOf(HasSubstr("no access token for the connection smtp_default: http://127.0.0.1:"),
                    HasSubstr(" answered 401: invalid_client: Invalid client secret provided. (check client_id, client_secret"),
                    Not(HasSubstr("Trace ID"))));
  wrong.set("token_url", tokens.url("/drop"));
  connect(server.port(), wrong, "robot@firm.example");
  EXPECT_THAT(send(email()), HasSubstr("no access token for the connection smtp_default: "));
  for (int i = 1; i <= 4; ++i) {
    EXPECT_THAT(worker.log(i), AllOf(Not(HasSubstr(token)), Not(HasSubstr(secret)), Not(HasSubstr("another-secret"))));
  }
}

TEST_F(SmtpConnectionTest, WhatIsWrongWithOAuth) {
  const auto error_of = [this](Object more, const char* login) {
    more.set("auth_type", "oauth2");
    connect(1, std::move(more), login);
    return send(email());
  };
  EXPECT_EQ(
      error_of({}, "robot"),
      "connection smtp_default, extra: auth_type oauth2 needs an access_token, or client_id and client_secret to ask for one");
  EXPECT_EQ(
      error_of({{"access_token", "t"}, {"from_email", nullptr}}, nullptr),
      "connection smtp_default: auth_type oauth2 needs a mailbox to log in as: give it as login, or in the extra from_email");
  EXPECT_EQ(error_of({{"client_id", "c"}, {"client_secret", "abcdef"}, {"tenant_id", "a/b"}}, "robot"),
            "connection smtp_default, extra: tenant_id must be a tenant's number or domain");
  EXPECT_EQ(error_of({{"client_id", "c"}, {"client_secret", "abcdef"}, {"token_url", "http://login.example/token"}}, "robot"),
            "connection smtp_default, extra: token_url must be a URL that begins with https://: a secret goes there");
  connect(1, {{"auth_type", "kerberos"}});
  EXPECT_EQ(send(email()), "connection smtp_default, extra: auth_type must be basic or oauth2");
}

// `connections test`: all that comes before a mail, and no mail.
class SmtpTrialTest : public ::testing::Test {
 protected:
  static std::string trial(int port, Object extra, const char* login = nullptr, const char* password = nullptr) {
    Connection made;
    made.conn_id = "mail";
    made.conn_type = "smtp";
    made.host = "127.0.0.1";
    made.port = port;
    if (login != nullptr) made.login = login;
    if (password != nullptr) made.password = password;
    made.extra = to_json(Value(std::move(extra)));
    try {
      const operators::ConnectionTest result = test_smtp(made);
      return (result.is_good ? "good: " : "bad: ") + result.message;
    } catch (const std::exception& e) {
      return std::string("threw: ") + e.what();
    }
  }
};

TEST_F(SmtpTrialTest, LogsInAsTheOperatorWouldAndSendsNothing) {
  const tests::TestFolder folder;
  const tests::Certificate mine(folder);
  tests::SmtpServer server(
      {.user = "robot", .password = "a password", .certificate = mine.certificate, .key = mine.key, .require_tls = true});
  const std::string at = "mail server 127.0.0.1:";
  const Object trusted{{"ssl_ca_file", mine.certificate}};
  Object starttls = trusted;
  starttls.set("disable_ssl", true);
  EXPECT_EQ(
      trial(server.tls_port(), trusted, "robot", "a password"),
      "good: Connection successfully tested: " + at + std::to_string(server.tls_port()) + ", encrypted, logged in as robot");
  EXPECT_EQ(trial(server.port(), starttls, "robot", "a password"),
            "good: Connection successfully tested: " + at + std::to_string(server.port()) + ", encrypted, logged in as robot");
  EXPECT_THAT(trial(server.port(), starttls, "robot", "wrong one"),
              AllOf(HasSubstr("bad: "), HasSubstr("it refused the login of robot: 535"), HasSubstr(at),
                    HasSubstr("check login and password of the connection"), Not(HasSubstr("wrong one"))));
  EXPECT_THAT(trial(server.tls_port(), {}, "robot", "a password"),
              AllOf(HasSubstr("bad: "), HasSubstr("certificate is not accepted for 127.0.0.1")));
  EXPECT_THAT(server.mails(), SizeIs(0));
}

TEST_F(SmtpTrialTest, SaysWhatIsWrong) {
  tests::SmtpServer server;
  EXPECT_EQ(trial(server.port(), plain()), "good: Connection successfully tested: mail server 127.0.0.1:" +
                                               std::to_string(server.port()) + ", in plain text, without a log-in");
  EXPECT_THAT(trial(server.port(), {{"disable_ssl", true}}), AllOf(HasSubstr("bad: "), HasSubstr("it does not offer STARTTLS"),
                                                                   HasSubstr("set disable_tls in the connection's extra")));
  EXPECT_THAT(trial(server.port(), {}), AllOf(HasSubstr("bad: "), HasSubstr("needs disable_ssl in the connection's extra")));
  EXPECT_THAT(trial(1, plain()), AllOf(HasSubstr("bad: "), HasSubstr("127.0.0.1:1")));
  EXPECT_THAT(trial(server.port(), plain({{"auth_type", "kerberos"}})), HasSubstr("auth_type must be basic or oauth2"));
  tests::SmtpServer silent({.hang = true});
  EXPECT_THAT(trial(silent.port(), plain({{"timeout", 1}})), HasSubstr("bad: "));
}

TEST_F(SmtpTrialTest, AsksForATokenFirst) {
  tests::SmtpServer server({.user = "robot@firm.example", .token = token});
  tests::HttpServer tokens;
  Object client = plain({{"auth_type", "oauth2"},
                         {"client_id", "the-client"},
                         {"client_secret", secret},
                         {"token_url", tokens.url("/token?secret=s3cret~value%26more&token=ya29.a-token%2F%2B%3D")}});
  EXPECT_THAT(trial(server.port(), client, "robot@firm.example"), HasSubstr("logged in as robot@firm.example"));
  client.set("client_secret", "another-secret");
  EXPECT_THAT(trial(server.port(), client, "robot@firm.example"),
              AllOf(HasSubstr("no access token for the connection mail: "), Not(HasSubstr("another-secret"))));
  EXPECT_THAT(server.mails(), SizeIs(0));
}

// Airflow's subject_template and html_content_template: files whose text is rendered where a mail has none of its own.
TEST_F(SmtpConnectionTest, SubjectAndTextOfTheConnection) {
  tests::SmtpServer server;
  const tests::TestFolder folder;
  const std::string subject = folder.write("subject.txt", "{{ dag.dag_id }}:\n {{ ti.task_id }} in {{ params.unit }}\n");
  const std::string html = folder.write("mail.html", "<p>\n{{ run_id }}</p>\n");
  const Object templates{
      {"subject_template", subject}, {"html_content_template", html}, {"from_email", "{{ ti.task_id }}@firm.example"}};
  connect(server.port(), templates);
  EXPECT_EQ(send({{"task_type", "EmailOperator"}, {"to", "ann@firm.example"}, {"_template_context", template_context()}}), "");
  // What a mail has itself comes first; with a text of its own no other is taken.
  EXPECT_EQ(send({{"task_type", "EmailOperator"},
                  {"to", "ann@firm.example"},
                  {"subject", "own"},
                  {"text_content", "own text"},
                  {"from_email", "me@firm.example"},
                  {"_template_context", template_context()}}),
            "");
  const Value ti = Object{{"id", "u"}, {"dag_id", "orders"}, {"task_id", "load"}, {"run_id", "r1"}, {"try_number", 1}};
  const Object context{{"operator", Object{{"_template_context", template_context()}}},
                       {"ti", ti},
                       {"ti_context", Object{{"dag_run", Object{{"run_id", "r1"}}}}}};
  EXPECT_EQ(notify({{"to", "ops@firm.example"}}, context), "ok");
  ASSERT_THAT(server.mails(), SizeIs(3));
  const Value mail = parsed(server.mails()[0].eml), own = parsed(server.mails()[1].eml), told = parsed(server.mails()[2].eml);
  EXPECT_EQ(mail.get_string("subject"), "orders: task1 in EUR");
  EXPECT_EQ(mail.get_string("html"), "<p>manual__1</p>\n");
  EXPECT_EQ(mail.get_string("from"), "task1@firm.example");
  EXPECT_EQ(own.get_string("subject"), "own");
  EXPECT_EQ(own.get_string("text"), "own text\n");
  EXPECT_TRUE(own.at("html").is_null());
  EXPECT_EQ(own.get_string("from"), "me@firm.example");
  EXPECT_EQ(told.get_string("subject"), "orders: load in EUR");
  EXPECT_EQ(told.get_string("html"), "<p>r1</p>\n");

  // The DAG is gone: a mail that needs no template goes out all the same.
  EXPECT_EQ(notify({{"to", "ops@firm.example"}}), "the template of from_email cannot be rendered: its DAG or its run is gone");
  connect(server.port(), {{"subject_template", folder.write("plain.txt", "It failed\n")}});
  EXPECT_EQ(notify({{"to", "ops@firm.example"}}), "ok");
  EXPECT_EQ(parsed(server.mails().at(3).eml).get_string("subject"), "It failed");
  // Airflow's `template` of the notifier.
  EXPECT_EQ(notify({{"to", "ops@firm.example"}, {"template", html}}, context), "ok");
  EXPECT_EQ(parsed(server.mails().at(4).eml).get_string("html"), "<p>r1</p>\n");

  connect(server.port(), {{"subject_template", "/no/such"}});
  EXPECT_EQ(send({{"task_type", "EmailOperator"}, {"to", "ann@firm.example"}, {"html_content", "h"}}),
            "the subject_template /no/such cannot be read: No such file or directory");
  connect(server.port(), {{"subject_template", folder.write("bad.txt", "{{ nothing }}")}});
  EXPECT_EQ(send({{"task_type", "EmailOperator"},
                  {"to", "ann@firm.example"},
                  {"html_content", "h"},
                  {"_template_context", template_context()}}),
            "UndefinedError: 'nothing' is undefined (template of subject_template, line 1)");
}

}  // namespace
}  // namespace venturi::providers::testing
