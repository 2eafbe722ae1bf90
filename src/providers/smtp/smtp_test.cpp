// Against a real SMTP server: scripts/smtp_server.py.
#include <gmock/gmock.h>

#include "providers/testing/smtp_host.h"
#include "servers/certificate.h"

namespace venturi::providers::testing {
namespace {

using operators::testing::Clock;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* password = "geheim@;% '\"1";

TEST_F(SmtpTest, AMailArrivesAsItWasWritten) {
  tests::SmtpServer server({.user = "robot", .password = password});
  worker.connections["smtp_default"] = connection(server.port(), plain(), password);
  const tests::TestFolder folder;
  const std::string file = folder.write("отчёт.csv", std::string("a,b\n\0\xff", 6));
  EXPECT_EQ(send(email({{"to", Array{"Жанна <zhanna@firm.example>", "ann@firm.example"}},
                        {"cc", "bob@firm.example; carl@firm.example"},
                        {"bcc", Array{"dora@firm.example"}},
                        {"subject", "Отчёт: 12 % ошибок"},
                        {"text_content", "Заказы:\n.\n..\nFrom here\nконец"},
                        {"html_content", "<p>Заказы: <b>12 %</b></p>\n"},
                        {"files", Array{file}},
                        {"custom_headers", typed("dict", Object{{"X-Team", "Данные"}})}})),
            "");
  ASSERT_THAT(server.mails(), SizeIs(1));
  const auto mail = server.mails()[0];
  const Value envelope = parse_json(mail.envelope).value();
  EXPECT_EQ(envelope.get_string("from"), "etl@firm.example");
  EXPECT_EQ(envelope.get_string("login"), "robot");
  EXPECT_EQ(to_json(envelope.at("to")),
            R"(["zhanna@firm.example","ann@firm.example","bob@firm.example","carl@firm.example","dora@firm.example"])");
  EXPECT_THAT(mail.eml, Not(HasSubstr("dora")));
  const Value read = parsed(mail.eml);
  EXPECT_EQ(read.get_string("subject"), "Отчёт: 12 % ошибок");
  EXPECT_EQ(read.get_string("from"), "Venturi <etl@firm.example>");
  EXPECT_EQ(read.get_string("to"), "Жанна <zhanna@firm.example>, ann@firm.example");
  EXPECT_EQ(read.get_string("cc"), "bob@firm.example, carl@firm.example");
  EXPECT_EQ(read.get_string("team"), "Данные");
  EXPECT_THAT(read.get_string("text"), StartsWith("Заказы:\n.\n..\nFrom here\nконец"));
  EXPECT_EQ(read.get_string("html"), "<p>Заказы: <b>12 %</b></p>\n");
  EXPECT_EQ(to_json(read.at("files")), R"([["отчёт.csv","612c620a00ff"]])");
  EXPECT_THAT(worker.log(1), AllOf(HasSubstr("sent a mail to zhanna@firm.example"), HasSubstr("250 2.0.0 kept as 0001")));
  EXPECT_THAT(worker.types(1), ElementsAre("GetConnection", "SetXCom", "SucceedTask"));
  EXPECT_EQ(worker.message(1, "SetXCom").at("value"), Value(Object{})) << "nobody was refused";

  // Another charset, no HTML, and a line that begins with a dot.
  EXPECT_EQ(send(email({{"text_content", ".Проверка"},
                        {"html_content", nullptr},
                        {"mime_charset", "koi8-r"},
                        {"from_email", "x@firm.example"}})),
            "");
  const auto second = server.mails().at(1).eml;
  EXPECT_THAT(second, HasSubstr("charset=\"koi8-r\""));
  EXPECT_THAT(parsed(second).get_string("text"), StartsWith(".Проверка"));
  EXPECT_EQ(parsed(second).get_string("from"), "x@firm.example");
}

TEST_F(SmtpTest, ImagesWithinTheText) {
  tests::SmtpServer server;
  worker.connections["smtp_default"] = connection(server.port(), plain());
  const tests::TestFolder folder;
  const std::string chart = folder.write("chart.png", "\x89PNG"), odd = folder.write("a b.png", "\x89PNG");
  EXPECT_EQ(
      send(email({{"html_content", "<img src=\"cid:chart.png\">"}, {"files", Array{chart, odd}}, {"mime_subtype", "related"}})),
      "");
  const std::string eml = server.mails().at(0).eml;
  EXPECT_THAT(eml, HasSubstr("Content-Type: multipart/related;"));
  EXPECT_THAT(eml, HasSubstr("Content-Type: image/png;\r\n name=\"chart.png\""));
  EXPECT_THAT(eml, HasSubstr("\r\nContent-ID: <chart.png>\r\n"));
  EXPECT_THAT(eml, Not(HasSubstr("Content-ID: <a b")));
  EXPECT_EQ(parsed(eml).get_string("html"), "<img src=\"cid:chart.png\">\n");
  EXPECT_EQ(send(email({{"files", chart}, {"mime_subtype", "mixed; x"}})),
            "the mail was not sent: 'mixed; x' is no MIME subtype (mixed, or related for images in the text)");
}

TEST_F(SmtpTest, OneReceiverOfThreeIsRefused) {
  tests::SmtpServer server({.refuse = {"gone@firm.example"}});
  worker.connections["smtp_default"] = connection(server.port(), plain());
  EXPECT_EQ(send(email({{"to", Array{"ann@firm.example", "gone@firm.example"}}, {"bcc", "carl@firm.example"}})), "");
  EXPECT_EQ(parse_json(server.mails().at(0).envelope).value().at("to"), Value(Array{"ann@firm.example", "carl@firm.example"}));
  EXPECT_EQ(to_json(worker.message(1, "SetXCom").at("value")), R"({"gone@firm.example":"550 5.1.1 no such user here"})");
  EXPECT_THAT(worker.log(1),
              AllOf(HasSubstr("\"warning\""), HasSubstr("not sent to gone@firm.example: 550 5.1.1 no such user here"),
                    HasSubstr("sent a mail to ann@firm.example, carl@firm.example as ")));
}

TEST_F(SmtpTest, ALargeAttachmentDoesNotBlockTheHost) {
  tests::SmtpServer server({.delay = 0.3});
  worker.connections["smtp_default"] = connection(server.port(), plain());
  const tests::TestFolder folder;
  const std::string file = folder.write("big.bin", std::string(8'000'000, 'x'));
  worker.start(1, email({{"files", file}}));
  worker.message(1, "GetConnection");
  // While the mail is on its way, others run.
  for (std::int64_t i = 2; i <= 50; ++i) {
    worker.start(i, {{"task_type", "ConstantOperator"}, {"value", 1}});
    const auto begin = Clock::now();
    worker.exit(i);
    EXPECT_LT(Clock::now() - begin, std::chrono::milliseconds(250));
  }
  EXPECT_EQ(worker.exit(1).get_string("error"), "");
  EXPECT_GT(server.mails().at(0).eml.size(), 8'000'000U * 4 / 3);
}

TEST_F(SmtpTest, WhatServersRefuse) {
  tests::SmtpServer server({.user = "robot", .password = password, .refuse = {"gone@firm.example"}});
  const std::string where = "mail server 127.0.0.1:" + std::to_string(server.port());
  worker.connections["smtp_default"] = connection(server.port(), plain(), "a-wrong-password");
  EXPECT_EQ(send(email()), "the mail was not sent: " + where +
                               ": it refused the login of robot: 535 5.7.8 Authentication credentials invalid "
                               "(check login and password of the connection) (connection smtp_default)");
  EXPECT_THAT(worker.types(1), ElementsAre("GetConnection", "RetryTask"));
  worker.connections["smtp_default"] = connection(server.port(), plain());
  EXPECT_THAT(send(email()), HasSubstr("it refused the sender etl@firm.example: 530 5.7.0 Authentication required"));

  worker.connections["smtp_default"] = connection(server.port(), plain(), password);
  EXPECT_THAT(send(email({{"to", "gone@firm.example"}})),
              HasSubstr("it refused the receiver gone@firm.example: 550 5.1.1 no such user here"));
  EXPECT_EQ(send(email({{"to", "gone@firm.example, here@firm.example"}})), "");
  EXPECT_THAT(worker.log(4), HasSubstr("not sent to gone@firm.example: 550 5.1.1 no such user here"));
  EXPECT_EQ(parse_json(server.mails().at(0).envelope).value().at("to"), Value(Array{"here@firm.example"}));
  for (int i = 1; i <= 4; ++i) EXPECT_THAT(worker.log(i), AllOf(Not(HasSubstr(password)), Not(HasSubstr("a-wrong-password"))));
}

TEST_F(SmtpTest, AMailThatIsPutOffIsTriedAgain) {
  tests::SmtpServer server({.defer = 1});
  worker.connections["smtp_default"] = connection(server.port(), plain());
  EXPECT_EQ(send(email()), "");
  EXPECT_THAT(worker.log(1), HasSubstr("451 4.3.0 try again later; trying again"));
  EXPECT_THAT(server.mails(), SizeIs(1));

  tests::SmtpServer stubborn({.defer = 100});
  worker.connections["smtp_default"] = connection(stubborn.port(), plain({{"retry_limit", 1}}));
  EXPECT_THAT(send(email()), HasSubstr("it refused the mail: 451 4.3.0 try again later"));
}

TEST_F(SmtpTest, ServersThatAreNotThere) {
  worker.connections["smtp_default"] = connection(tests::free_port(), plain());
  EXPECT_THAT(send(email()),
              AllOf(HasSubstr("it cannot be reached: Connection refused"), HasSubstr("does it run, and is the port right?")));
  worker.connections["smtp_default"] = connection(25, plain(), nullptr, "no-such-host.invalid");
  EXPECT_THAT(send(email()), HasSubstr("mail server no-such-host.invalid:25: "));
  EXPECT_THAT(worker.log(2),
              ::testing::ContainsRegex("there is no host named no-such-host.invalid|the name server could not be asked"));

  tests::SmtpServer hanging({.hang = true});
  worker.connections["smtp_default"] = connection(hanging.port(), plain({{"timeout", 1}}));
  auto begin = Clock::now();
  EXPECT_THAT(send(email()), HasSubstr("waiting for its answer: no answer within 1 s"));
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(3));

  // One that hangs can be cancelled.
  worker.connections["smtp_default"] = connection(hanging.port(), plain({{"timeout", 1000}}));
  worker.start(++sequence, email());
  worker.message(sequence, "GetConnection");
  worker.start(100, {{"task_type", "ConstantOperator"}, {"value", 1}});
  worker.exit(100);
  begin = Clock::now();
  worker.cancel(sequence);
  EXPECT_EQ(worker.exit(sequence).get_string("kind"), "killed");
  EXPECT_LT(Clock::now() - begin, std::chrono::milliseconds(500));
}

TEST_F(SmtpTest, Tls) {
  const tests::TestFolder folder;
  const tests::Certificate mine(folder), other(folder, "elsewhere.example");
  tests::SmtpServer server(
      {.user = "robot", .password = password, .certificate = mine.certificate, .key = mine.key, .require_tls = true});
  const Object starttls{{"disable_ssl", true}}, tls;
  const auto with = [&](int port, Object extra, const char* key = nullptr, Value value = {}) {
    if (key != nullptr) extra.set(key, std::move(value));
    worker.connections["smtp_default"] = connection(port, std::move(extra), password);
  };
  // Certificates are checked unless that is switched off.
  with(server.port(), starttls);
  EXPECT_THAT(send(email()),
              AllOf(HasSubstr("the server's TLS certificate is not accepted for 127.0.0.1: self-signed certificate"),
                    HasSubstr("set ssl_context to none")));
  with(server.tls_port(), tls);
  EXPECT_THAT(send(email()), HasSubstr("the server's TLS certificate is not accepted for 127.0.0.1: self-signed certificate"));
  with(server.port(), starttls, "ssl_context", "none");
  EXPECT_EQ(send(email()), "");
  with(server.tls_port(), tls, "ssl_context", "none");
  EXPECT_EQ(send(email()), "");
  // Against the right authority.
  with(server.port(), starttls, "ssl_ca_file", mine.certificate);
  EXPECT_EQ(send(email()), "");
  with(server.tls_port(), tls, "ssl_ca_file", mine.certificate);
  EXPECT_EQ(send(email()), "");
  with(server.tls_port(), tls, "ssl_ca_file", other.certificate);
  EXPECT_THAT(send(email()), HasSubstr("is not accepted for 127.0.0.1"));
  with(server.tls_port(), tls, "ssl_ca_file", "/no/such.pem");
  EXPECT_THAT(send(email()), HasSubstr("the authorities' certificates in /no/such.pem cannot be read"));
  ASSERT_THAT(server.mails(), SizeIs(4));
  EXPECT_THAT(server.mails()[0].envelope, HasSubstr("\"tls\": true"));

  // The right authority, the wrong host.
  tests::SmtpServer wrong({.certificate = other.certificate, .key = other.key});
  with(wrong.port(), starttls, "ssl_ca_file", other.certificate);
  EXPECT_THAT(send(email()), HasSubstr("is not accepted for 127.0.0.1: IP address mismatch"));

  // Ways that do not fit.
  with(server.port(), tls);
  EXPECT_THAT(send(email()),
              AllOf(HasSubstr("the TLS handshake failed"), HasSubstr("needs disable_ssl in the connection's extra")));
  with(server.port(), plain());
  EXPECT_THAT(send(email()), AllOf(HasSubstr("it refused the login of robot: 530 "),
                                   HasSubstr("(it may want TLS first: leave disable_tls out")));
  tests::SmtpServer no_tls;
  with(no_tls.port(), starttls);
  EXPECT_THAT(send(email()),
              AllOf(HasSubstr("it does not offer STARTTLS, so nothing was sent to it"), HasSubstr("set disable_tls")));
  EXPECT_THAT(no_tls.mails(), SizeIs(0));
}

TEST_F(SmtpTest, WhatIsWrongWithTheArguments) {
  tests::SmtpServer server;
  worker.connections["smtp_default"] = connection(server.port(), plain());
  EXPECT_EQ(send(email({{"to", "nobody"}})),
            "to: 'nobody' is no mail address: it has no user@host (write user@host or Name <user@host>)");
  EXPECT_EQ(
      send(email({{"subject", nullptr}})),
      "the mail has no subject: give one, or name a file as subject_template in the extra of the connection smtp_default");
  EXPECT_EQ(
      send(email({{"html_content", nullptr}})),
      "the mail has no content: give html_content or text_content, or name a file as html_content_template in the extra of "
      "the connection smtp_default");
  EXPECT_EQ(send(email({{"files", "/no/such"}})),
            "the mail was not sent: the attachment /no/such cannot be read: No such file or directory");
  EXPECT_THAT(send(email({{"text_content", "x"}, {"mime_charset", "latin-9000"}})),
              HasSubstr("text_content: there is no conversion from UTF-8 to latin-9000"));
  EXPECT_THAT(send(email({{"text_content", "Ж"}, {"mime_charset", "latin1"}})),
              HasSubstr("text_content: byte 0xd0 at offset 0 has no place in latin1"));
  EXPECT_THAT(send(email({{"conn_id", "other"}})), StartsWith("there is no connection other"));
  worker.connections["smtp_default"] = connection(server.port(), plain({{"timeout", "soon"}}));
  EXPECT_EQ(send(email()), "connection smtp_default, extra: timeout must be a number from 0 on");
}

TEST_F(SmtpTest, TheNotifierTellsOfAFailure) {
  tests::SmtpServer server;
  worker.connections["smtp_default"] = connection(server.port(), plain());
  const Object context{{"dag_id", "order_quality"},
                       {"run_id", "manual__2026-01-02T00:00:00+00:00"},
                       {"task_id", "extract"},
                       {"map_index", -1},
                       {"try_number", 3},
                       {"event", "failure"},
                       {"state", "failed"},
                       {"max_tries", 2},
                       {"task_instance", 17},
                       {"error", "PostgreSQL at db:5432: <Connection refused>\nsecond line"},
                       {"message", "x"},
                       {"log_path", "/home/v/logs/dag_id=order_quality/attempt=3.log"}};
  const auto notify = [&](Object kwargs) {
    const std::int64_t id = --sequence;
    worker.send(id, Object{{"type", "RunNotifier"},
                           {"no", 5},
                           {"key", "order_quality/manual__2026-01-02T00:00:00+00:00/extract/-1/3/failure"},
                           {"classpath", "venturi.notifiers.smtp.SmtpNotifier"},
                           {"kwargs", std::move(kwargs)},
                           {"context", context}});
    const Value result = worker.answer(id).body;
    return result.get_bool("ok") ? std::string("ok") : result.get_string("error");
  };
  EXPECT_EQ(notify({{"to", "ops@firm.example"}}), "ok");
  EXPECT_EQ(notify({{"to", "ops@firm.example"}}), "ok");
  EXPECT_EQ(notify({{"to", typed("list", Array{"ops@firm.example"})},
                    {"subject", "Own"},
                    {"html_content", "<b>own</b>"},
                    {"from_email", "me@firm.example"}}),
            "ok");
  ASSERT_THAT(server.mails(), SizeIs(3));
  const Value mail = parsed(server.mails()[0].eml), again = parsed(server.mails()[1].eml), own = parsed(server.mails()[2].eml);
  EXPECT_EQ(mail.get_string("subject"),
            "DAG order_quality - Task extract - Run ID manual__2026-01-02T00:00:00+00:00 in State failed");
  for (const char* fact : {"order_quality", "manual__2026-01-02T00:00:00+00:00", "extract", "3 of 3", "second line",
                           "/home/v/logs/dag_id=order_quality/attempt=3.log"}) {
    EXPECT_THAT(mail.get_string("text"), HasSubstr(fact));
    EXPECT_THAT(mail.get_string("html"), HasSubstr(fact));
  }
  EXPECT_THAT(mail.get_string("text"), HasSubstr("<Connection refused>"));
  EXPECT_THAT(mail.get_string("html"), HasSubstr("&lt;Connection refused&gt;"));
  // What is sent twice after a crash has the same id.
  EXPECT_EQ(mail.get_string("id"), again.get_string("id"));
  EXPECT_EQ(own.get_string("subject"), "Own");
  EXPECT_EQ(own.get_string("html"), "<b>own</b>\n");
  EXPECT_TRUE(own.at("text").is_null());

  EXPECT_EQ(notify({}), "the mail was not sent: the mail has no receiver (give an address in to, cc or bcc)");
  worker.connections.clear();
  EXPECT_THAT(notify({{"to", "ops@firm.example"}}), StartsWith("there is no connection smtp_default"));
}

}  // namespace
}  // namespace venturi::providers::testing
