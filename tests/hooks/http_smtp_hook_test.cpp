// HttpHook and SmtpHook against real servers, and templates.
#include "hooks/hooks_fixture.h"
#include "servers/authority.h"
#include "servers/http_server.h"
#include "servers/smtp_server.h"

namespace venturi::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(HooksTest, HttpCallsOverTls) {
  const TestFolder folder;
  const Authority authority(folder);
  const Authority::Signed signed_for = authority.sign("localhost");
  const HttpServer http({.certificate = signed_for.certificate, .key = signed_for.key});
  server->connections["api"] = connection("api", "http", http.tls_port(),
                                          {{"host", "localhost"},
                                           {"schema", "https"},
                                           {"login", "u"},
                                           {"password", "hush-hush"},
                                           {"extra", to_json(Value(Object{{"verify", authority.certificate()}}))}});
  const std::string base = "https://localhost:" + std::to_string(http.tls_port());
  const std::vector<std::string> seen = results("http");
  ASSERT_EQ(seen.size(), 14) << seen.front();
  EXPECT_EQ(seen[0], R"({"status":200,"method":"POST","target":"/echo?q=x+y","body":"{\"a\":1}","one":"1","tls":true,)"
                     R"("type":"application/json"})");
  EXPECT_THAT(std::vector(seen.begin() + 1, seen.begin() + 5), ElementsAre("PUT", "PATCH", "DELETE", "/echo?a=b"));
  // Values in URLs may be secrets.
  const std::string refused = "404:Because (GET " + base + "/status/404?body=***)";
  EXPECT_EQ(seen[5], refused + "\nno such order {\"status\":404,\"body\":\"no such order\",\"message\":\"" + refused +
                         "\\nno such order\"}");
  EXPECT_EQ(seen[6], "404");
  EXPECT_EQ(seen[7], "200");
  EXPECT_EQ(seen[9], "20000000");
  EXPECT_THAT(seen[10],
              StartsWith("the answer to GET " + base + "/zeros/80000000 is too large: a built-in operator may hold 64 MiB"));
  EXPECT_THAT(seen[11], HasSubstr("nothing"));
  EXPECT_EQ(seen[12], "3000000");
  EXPECT_THAT(seen[13], HasSubstr("the file has more than the 10 bytes of max_bytes"));
}

TEST_F(HooksTest, MailsAreSent) {
  const SmtpServer smtp({.refuse = {"no@example.com"}});
  server->connections["mail"] = connection(
      "mail", "smtp", smtp.port(), {{"extra", R"({"disable_ssl": true, "disable_tls": true, "from_email": "v@example.com"})"}});
  const std::vector<std::string> seen = results("smtp");
  ASSERT_EQ(seen.size(), 5) << seen.front();
  EXPECT_THAT(seen[0], HasSubstr("ada"));
  EXPECT_THAT(seen[1], StartsWith("the mail was not sent: "));
  EXPECT_EQ(seen[2], "no error");
  EXPECT_EQ(seen[3], "no error");  // but for the sending: it is a dryrun
  EXPECT_THAT(seen[4], StartsWith("the mail has no subject: give one, or name a file as subject_template in the extra of the "
                                  "connection mail"));
  ASSERT_EQ(smtp.mails().size(), 2);
  EXPECT_THAT(smtp.mails()[0].eml, HasSubstr("Subject: Orders"));
  EXPECT_THAT(smtp.mails()[0].eml, HasSubstr("orders.csv"));
  EXPECT_THAT(smtp.mails()[1].eml, HasSubstr("Content-Type: multipart/related;"));
  EXPECT_THAT(smtp.mails()[1].eml, HasSubstr("\r\nContent-ID: <chart.png>\r\n"));
  EXPECT_THAT(smtp.mails()[1].eml, HasSubstr("charset=\"iso-8859-15\""));
  EXPECT_THAT(smtp.mails()[1].eml, HasSubstr("\r\nX-Team: data\r\n"));
}

TEST_F(HooksTest, TemplatesAreRendered) {
  server->connections["db"] = connection("db", "postgres", 1, {{"host", "db.example"}});
  const std::vector<std::string> seen = results("render");
  ASSERT_EQ(seen.size(), 4) << seen.front();
  EXPECT_EQ(seen[0], "plain");
  EXPECT_EQ(seen[1], "d.render m r db.example");
  EXPECT_EQ(seen[2], R"({"a":["1",5]})");
  EXPECT_THAT(seen[3], StartsWith("UndefinedError: 'nothing' is undefined (template of text, line 1) {"));
}

}  // namespace
}  // namespace venturi::tests
