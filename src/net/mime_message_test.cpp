#include "net/mime_message.h"

#include <gmock/gmock.h>

#include <fstream>

namespace venturi::net {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

Mail simple() {
  Mail mail;
  mail.from = {"Venturi", "v@x.y"};
  mail.to = {{"", "a@x.y"}};
  mail.subject = "s";
  mail.text = "hello\n";
  mail.message_id = "id@x.y";
  mail.date = Time(std::chrono::seconds(1'795'574'700));
  return mail;
}

std::string bytes_of(MimeMessage& message, std::size_t capacity = 4096) {
  std::string all, block(capacity, '\0');
  for (std::size_t n = 0; (n = message.read(block.data(), capacity)) > 0;) all.append(block, 0, n);
  return all;
}
std::string bytes_of(const Mail& mail) {
  auto message = MimeMessage::make(mail);
  return message ? bytes_of(*message) : message.error().text();
}

TEST(MimeMessage, OneText) {
  EXPECT_EQ(
      bytes_of(simple()),
      "Date: Wed, 25 Nov 2026 02:45:00 +0000\r\nFrom: Venturi <v@x.y>\r\nTo: a@x.y\r\nSubject: s\r\nMessage-ID: <id@x.y>\r\n"
      "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=\"utf-8\"\r\nContent-Transfer-Encoding: 7bit\r\n\r\nhello\r\n");
}

TEST(MimeMessage, EnvelopeAndHeaders) {
  Mail mail = simple();
  mail.cc = {{"C", "c@x.y"}, {"", "a@x.y"}};
  mail.bcc = {{"", "secret@x.y"}};
  mail.headers = {{"X-Team", "Ж\r\nBcc: d@x.y"}};
  auto message = MimeMessage::make(mail);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->sender(), "v@x.y");
  EXPECT_THAT(message->receivers(), ElementsAre("a@x.y", "c@x.y", "secret@x.y"));
  const std::string text = bytes_of(*message);
  EXPECT_THAT(text, AllOf(HasSubstr("\r\nCc: C <c@x.y>, a@x.y\r\n"), HasSubstr("\r\nX-Team: =?utf-8?"),
                          Not(HasSubstr("secret@")), Not(HasSubstr("\nBcc"))));
}

TEST(MimeMessage, TextAndHtmlAreAlternatives) {
  Mail mail = simple();
  mail.html = "<b>Ж</b>";
  const std::string text = bytes_of(mail);
  const auto plain = text.find("Content-Type: text/plain"), html = text.find("Content-Type: text/html");
  EXPECT_THAT(text, HasSubstr("Content-Type: multipart/alternative;\r\n boundary=\"=_"));
  EXPECT_LT(plain, html);
  EXPECT_NE(html, std::string::npos);
  EXPECT_THAT(text, EndsWith("--\r\n"));
}

TEST(MimeMessage, TheEncodingFollowsTheText) {
  const auto encoding = [](const std::string& content) {
    Mail mail = simple();
    mail.text = content;
    const std::string text = bytes_of(mail);
    const auto at = text.find("Content-Transfer-Encoding: ") + 27;
    return text.substr(at, text.find('\r', at) - at);
  };
  EXPECT_EQ(encoding("plain\nlines"), "7bit");
  EXPECT_EQ(encoding(std::string(200, 'x')), "quoted-printable");
  EXPECT_EQ(encoding("mostly ASCII with one é in it"), "quoted-printable");
  EXPECT_EQ(encoding("Всё по-русски"), "base64");
  EXPECT_EQ(encoding("a lone \r in it"), "quoted-printable");
  EXPECT_EQ(encoding(std::string("zero\0", 5)), "base64");
}

TEST(MimeMessage, AttachmentsAreStreamedAndReadAgain) {
  const std::string path = ::testing::TempDir() + "mime_message_test.bin";
  std::string content;
  for (int i = 0; i < 300'000; ++i) content += static_cast<char>(i * 7);
  std::ofstream(path, std::ios::binary) << content;
  Mail mail = simple();
  mail.attachments = {{path, "отчёт.bin"}, {"/dev/../etc/hostname", "h"}};
  auto message = MimeMessage::make(mail);
  ASSERT_TRUE(message) << message.error().text();
  const std::string text = bytes_of(*message, 4096);
  message->rewind();
  EXPECT_EQ(bytes_of(*message, 65536), text);
  EXPECT_THAT(text, AllOf(HasSubstr("multipart/mixed"), HasSubstr("attachment;\r\n filename*=utf-8''%D0%BE%D1%82"),
                          HasSubstr(base64_lines(content))));
  EXPECT_NEAR(static_cast<double>(message->size_estimate()), static_cast<double>(text.size()), 300);
  std::remove(path.c_str());
}

TEST(MimeMessage, WhatCannotBeSent) {
  const auto error = [](const std::function<void(Mail&)>& change) {
    Mail mail = simple();
    change(mail);
    auto message = MimeMessage::make(mail);
    return message ? std::string("none") : message.error().text();
  };
  EXPECT_THAT(error([](Mail& m) { m.to.clear(); }), HasSubstr("no receiver"));
  EXPECT_THAT(error([](Mail& m) { m.text.clear(); }), HasSubstr("no content"));
  EXPECT_THAT(error([](Mail& m) { m.headers = {{"X: y", "z"}}; }), HasSubstr("'X: y' is no name"));
  EXPECT_EQ(error([](Mail& m) { m.attachments = {{"/no/such/file", "f"}}; }),
            "the attachment /no/such/file cannot be read: No such file or directory");
  EXPECT_EQ(error([](Mail& m) { m.attachments = {{"/tmp", "f"}}; }), "the attachment /tmp is no file");
}

TEST(MessageId, IsTheSameForTheSameKey) {
  const MailAddress from{"", "v@x.y"};
  EXPECT_EQ(message_id_for("a", from), message_id_for("a", from));
  EXPECT_NE(message_id_for("a", from), message_id_for("b", from));
  EXPECT_THAT(message_id_for("a", from), EndsWith("@venturi.x.y"));
}

}  // namespace
}  // namespace venturi::net
