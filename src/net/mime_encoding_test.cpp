#include "net/mime_encoding.h"

#include <gmock/gmock.h>

#include <cstdio>
#include <memory>

namespace venturi::net {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

void expect_short_lines(const std::string& text) {
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = text.find("\r\n", from);
    ASSERT_NE(end, std::string::npos) << text;
    EXPECT_LE(end - from, 76U) << text;
    from = end + 2;
  }
}

TEST(MailAddress, Forms) {
  const auto parsed = [](std::string_view text) { return parse_mail_address(text).value_or(MailAddress{"?", "?"}); };
  EXPECT_EQ(parsed("a@b.c"), (MailAddress{"", "a@b.c"}));
  EXPECT_EQ(parsed(" <a@b.c> "), (MailAddress{"", "a@b.c"}));
  EXPECT_EQ(parsed("Ada Lovelace <a@b.c>"), (MailAddress{"Ada Lovelace", "a@b.c"}));
  EXPECT_EQ(parsed("\"Lovelace, \\\"Ada\\\"\" <a@b.c>"), (MailAddress{"Lovelace, \"Ada\"", "a@b.c"}));
  EXPECT_EQ(parsed("Отчёты <a@b.c>"), (MailAddress{"Отчёты", "a@b.c"}));
}

TEST(MailAddress, WhatIsNone) {
  for (const char* text :
       {"", "  ", "nobody", "@b", "a@", "a@b@c", "a b@c", "a@b>", "x <a@b", "a@b\r\nBcc: c@d", "ö@b.c", "a@ö.de", "<>"}) {
    const auto result = parse_mail_address(text);
    ASSERT_FALSE(result) << text;
    EXPECT_THAT(result.error().what, HasSubstr("is no mail address: ")) << text;
    EXPECT_EQ(result.error().what.find_first_of("\r\n"), std::string::npos) << text;
  }
}

TEST(MailAddress, IsWrittenSoThatItReadsBack) {
  EXPECT_EQ(format_mail_address({"", "a@b"}), "a@b");
  EXPECT_EQ(format_mail_address({"Ada L", "a@b"}), "Ada L <a@b>");
  EXPECT_EQ(format_mail_address({"L, \"A\"", "a@b"}), R"("L, \"A\"" <a@b>)");
  EXPECT_EQ(format_mail_address({"Ж", "a@b"}), "=?utf-8?B?0JY=?= <a@b>");
  EXPECT_EQ(parse_mail_address(format_mail_address({"L, \"A\\", "a@b"})).value(), (MailAddress{"L, \"A\\", "a@b"}));
}

TEST(TextField, AsciiIsFoldedAtBlanks) {
  EXPECT_EQ(text_field("Subject", "short"), "Subject: short\r\n");
  EXPECT_EQ(text_field("Subject", ""), "Subject: \r\n");
  const std::string folded = text_field("Subject", "word " + std::string(50, 'a') + " " + std::string(50, 'b'));
  EXPECT_EQ(folded, "Subject: word " + std::string(50, 'a') + "\r\n " + std::string(50, 'b') + "\r\n");
}

TEST(TextField, LineBreaksCannotMakeFields) {
  EXPECT_EQ(text_field("Subject", "a\r\nBcc: x@y"), "Subject: a Bcc: x@y\r\n");
  EXPECT_EQ(text_field("Subject", std::string("a\0b", 3)), "Subject: ab\r\n");
}

TEST(TextField, OtherTextBecomesEncodedWords) {
  EXPECT_EQ(text_field("Subject", "mit vielen Grüßen"), "Subject: =?utf-8?Q?mit_vielen_Gr=C3=BC=C3=9Fen?=\r\n");
  EXPECT_EQ(text_field("Subject", "Отчёт"), "Subject: =?utf-8?B?0J7RgtGH0ZHRgg==?=\r\n");
  EXPECT_THAT(text_field("Subject", "looks =?like?= one"), StartsWith("Subject: =?utf-8?B?bG9va3MgPT9saWtl"));
  std::string longer;
  for (int i = 0; i < 30; ++i) longer += "очень длинная тема ";
  expect_short_lines(text_field("Subject", longer));
  expect_short_lines(text_field("Subject", std::string(2000, 'x')));
  EXPECT_THAT(text_field("Subject", "a bad byte \xff"), HasSubstr("=EF=BF=BD"));
}

TEST(Parameter, PlainExtendedAndContinued) {
  EXPECT_EQ(parameter("filename", "a b.csv"), ";\r\n filename=\"a b.csv\"");
  EXPECT_EQ(parameter("filename", "q\".csv"), ";\r\n filename*=utf-8''q%22.csv");
  EXPECT_EQ(parameter("filename", "отчёт.csv"), ";\r\n filename*=utf-8''%D0%BE%D1%82%D1%87%D1%91%D1%82.csv");
  std::string name;
  for (int i = 0; i < 20; ++i) name += "отчёт";
  const std::string text = parameter("filename", name + ".csv");
  EXPECT_THAT(text, AllOf(StartsWith(";\r\n filename*0*=utf-8''%D0"), HasSubstr(";\r\n filename*1*=%D")));
  expect_short_lines(text.substr(3) + "\r\n");
}

TEST(QuotedPrintable, TextAndLineEnds) {
  EXPECT_EQ(quoted_printable("a=b\nc"), "a=3Db\r\nc");
  EXPECT_EQ(quoted_printable("end \nend\t\r\nend "), "end=20\r\nend=09\r\nend=20");
  EXPECT_EQ(quoted_printable("\r"), "=0D");
  EXPECT_EQ(quoted_printable("é"), "=C3=A9");
  const std::string text = quoted_printable(std::string(300, 'a') + "\n");
  expect_short_lines(text);
  EXPECT_EQ(text, std::string(75, 'a') + "=\r\n" + std::string(75, 'a') + "=\r\n" + std::string(75, 'a') + "=\r\n" +
                      std::string(75, 'a') + "\r\n");
}

TEST(Base64, Lines) {
  EXPECT_EQ(base64_lines(""), "");
  EXPECT_EQ(base64_lines("a"), "YQ==\r\n");
  EXPECT_EQ(base64_lines("ab"), "YWI=\r\n");
  EXPECT_EQ(base64_lines("abc"), "YWJj\r\n");
  const std::string text = base64_lines(std::string(58, '\0'));
  EXPECT_EQ(text, std::string(76, 'A') + "\r\nAA==\r\n");
}

// What another implementation reads of it: Python's.
TEST(AllOfIt, IsReadBackByPython) {
  const std::string subject =
      "Тема с \"кавычками\", =?знаками?= и очень-очень длинным продолжением, которое не входит в строку";
  const std::string message =
      text_field("Subject", subject) + list_field("To", format_mail_address({"Жанна, ООО «Ромашка»", "j@x.y"}) + ", b@x.y") +
      "Content-Type: text/plain; charset=utf-8" + parameter("name", "очень длинное имя файла с пробелами и \"кавычками\".csv") +
      "\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + quoted_printable("строка = 1 \n.\nend");
  const std::string path = ::testing::TempDir() + "mime_encoding_test.eml";
  std::FILE* file = std::fopen(path.c_str(), "wb");
  ASSERT_NE(file, nullptr);
  std::fwrite(message.data(), 1, message.size(), file);
  std::fclose(file);
  const std::string script =
      "import email,email.policy,sys;m=email.message_from_binary_file(open(sys.argv[1],'rb'),policy=email.policy.default);"
      "print(m['subject']);print([(a.display_name,a.addr_spec) for a in m['to'].addresses]);"
      "print(m.get_filename() or m.get_param('name'));print(repr(m.get_content()))";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(
      ::popen(("PYTHONIOENCODING=utf-8 /usr/bin/python3 -c \"" + script + "\" " + path).c_str(), "r"), ::pclose);
  std::string out;
  char bytes[4096];
  for (std::size_t n = 0; (n = std::fread(bytes, 1, sizeof bytes, pipe.get())) > 0;) out.append(bytes, n);
  std::remove(path.c_str());
  EXPECT_EQ(out, subject + "\n[('Жанна, ООО «Ромашка»', 'j@x.y'), ('', 'b@x.y')]\n" +
                     "очень длинное имя файла с пробелами и \"кавычками\".csv\n'строка = 1 \\n.\\nend'\n");
}

}  // namespace
}  // namespace venturi::net
