#include "base/masking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

#include "base/masking_forms.h"
#include "base/masking_naive.h"

namespace venturi {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

std::string masked(const std::vector<std::string>& secrets, std::string_view text) {
  return Masker(secrets).mask(text);
}

// The text arrives in these pieces; the reader scans what it has not consumed yet each time.
std::string masked_in_pieces(const Masker& masker, std::initializer_list<std::string_view> pieces) {
  std::string pending, clean;
  for (const std::string_view piece : pieces) {
    pending += piece;
    const Masker::Scan scan = masker.scan(pending, false);
    clean += scan.clean;
    pending.erase(0, scan.consumed);
    EXPECT_LE(pending.size(), masker.max_held());
  }
  return clean + masker.scan(pending, true).clean;
}

TEST(Masking, WithoutSecretsNothingHappens) {
  const Masker masker;
  EXPECT_TRUE(masker.empty());
  EXPECT_EQ(masker.max_held(), 0U);
  const Masker::Scan scan = masker.scan("a line without end", false);
  EXPECT_EQ(scan.clean, "a line without end");
  EXPECT_EQ(scan.consumed, 18U);
  EXPECT_EQ(masked({"", " \n\t"}, "a  b \n\tc"), "a  b \n\tc");
}

TEST(Masking, Table) {
  struct Case {
    std::vector<std::string> secrets;
    std::string text, expected;
  };
  const std::vector<Case> cases = {
      {{"hunter2"}, "password=hunter2;", "password=***;"},
      {{"hunter2"}, "hunter2", "***"},
      {{"hunter2"}, "xhunter2x", "x***x"},  // long ones inside words too
      {{"hunter2"}, "hunter2hunter2", "******"},
      {{"hunter2"}, "Hunter2 hunter", "Hunter2 hunter"},
      // nested and overlapping
      {{"hunter2", "the hunter2 way"}, "go the hunter2 way, hunter2", "go ***, ***"},
      {{"abcdef", "defghi"}, "xabcdefghix", "x***x"},
      {{"aaaaa"}, "aaaaaaaaaaaa b", "*** b"},
      {{"abcabc"}, "abcabcabc|abcab", "***|abcab"},
      {{"abcdefgh", "cdefg"}, "abcdefgX abcdefgh", "ab***X ***"},
      // short ones as whole fields
      {{"1234"}, "1234", "***"},
      {{"1234"}, "pw=1234,'1234' \"1234\"\n1234\n", "pw=***,'***' \"***\"\n***\n"},
      {{"1234"},
       "12345 01234 x1234 1234_ \xd0\xb0"
       "1234",
       "12345 01234 x1234 1234_ \xd0\xb0"
       "1234"},
      {{"a"}, "a banana, a b a", "*** banana, *** b ***"},
      {{"a b"}, "a b xa b a bx a b", "*** xa b a bx ***"},
      {{"абвг"}, "абвг абвгд", "*** абвгд"},      // 4 characters, 8 bytes
      {{"абвгд"}, "абвг xабвгдx", "абвг x***x"},  // 5 characters
      {{"1234", "12345"}, "12345 1234 012345", "*** *** 0***"},
      // the end of a masked secret is a word byte like any other
      {{"hunter2", "1234"}, "hunter21234 hunter2 1234", "***1234 *** ***"},
      {{"ab;cd", "cd e"}, "ab;cd e", "***"},
      // several lines: as a whole, and line by line
      {{"first line\nsecond line\nx\n"}, "[first line\nsecond line\nx\n]", "[***]"},
      {{"first line\r\nsecond line\r\nx"}, "info: first line\ninfo: second line\nx", "info: ***\ninfo: ***\nx"},
      {{"token-of-a-file\n"}, "Bearer token-of-a-file.", "Bearer ***."},
      // encoded
      {{"p\"w\\\tд"}, R"({"a": "p\"w\\\tд", "b": "p\"w\\\t\u0434"})", R"({"a": "***", "b": "***"})"},
      {{"p@s/s w%д"}, "u:p%40s%2Fs%20w%25%D0%B4@h u:p%40s/s+w%25%d0%b4@h", "u:***@h u:***@h"},
      {{"wonder!(ful)*'"}, "wonder!(ful)*' wonder%21%28ful%29%2A%27", "*** ***"},
      {{"a/b"}, "x=a%2Fb&y=a%2fb&z=za%2Fb", "x=***&y=***&z=za%2Fb"},
      {{"smile \U0001F600"}, R"("smile \ud83d\ude00")", R"("***")"},
      {{std::string("nul\0byte", 8)}, std::string("(nul\0byte) nul\\u0000byte", 24), "(***) ***"},
      {{"\xff\xfe\xfd\xfc\xfb"}, "<\xff\xfe\xfd\xfc\xfb> %FF%FE%FD%FC%FB", "<***> ***"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(masked(c.secrets, c.text), c.expected);
    EXPECT_EQ(mask_naively(c.secrets, c.text), c.expected);
  }
}

TEST(Masking, EverySplitInTwoAndThreeWrites) {
  const std::vector<std::string> secrets = {"hunter2",    "1234",  "ab;cd",           "cd e", "first line\nsecond\n",
                                            "p@s\"s w%д", "aaaaa", "the hunter2 way", "a",    "абвг",
                                            "x\\y"};
  const Masker masker(secrets);
  std::vector<std::string> texts = {
      "hunter21234 1234hunter2 ab;cd ex 1234",          "a a_a aaaaaaaaaa a", "the hunter2 wax the hunter2 way",
      "абвгабвг абвг,1234\n12341 longwordlongword1234", "ab;cd;ab;cd e1234;", "x\\y \\x\\\\y x\\\\y"};
  for (const std::string& secret : secrets) {
    for (const std::string& form : masked_forms(secret)) texts.push_back("<" + form + ">" + form + "|" + form);
  }
  for (const std::string& text : texts) {
    const std::string expected = mask_naively(secrets, text);
    ASSERT_EQ(masker.mask(text), expected);
    const std::string_view all = text;
    for (std::size_t i = 0; i <= all.size(); ++i) {
      ASSERT_EQ(masked_in_pieces(masker, {all.substr(0, i), all.substr(i)}), expected) << i;
      for (std::size_t j = i; j <= all.size(); ++j) {
        ASSERT_EQ(masked_in_pieces(masker, {all.substr(0, i), all.substr(i, j - i), all.substr(j)}), expected)
            << text << " cut at " << i << " and " << j;
      }
    }
  }
}

TEST(Masking, OnlyWhatCouldBeASecretIsHeldBack) {
  const Masker masker(std::vector<std::string>{"hunter2"});
  EXPECT_EQ(masker.scan("a line", false).consumed, 6U);
  EXPECT_EQ(masker.scan("a hunt", false).consumed, 2U);
  EXPECT_EQ(masker.scan("a hunt", false).clean, "a ");
  EXPECT_EQ(masker.scan("a hunter2", false).consumed, 9U);  // nothing longer begins so: told at once
  EXPECT_EQ(masker.scan("a hunter2", false).clean, "a ***");
  EXPECT_EQ(masker.scan("a hunt", true).consumed, 6U);

  const Masker fields(std::vector<std::string>{"1234"});
  EXPECT_EQ(fields.scan("a line\n", false).consumed, 7U);
  EXPECT_EQ(fields.scan("a 1234", false).consumed, 2U);  // 12345 may follow
  EXPECT_EQ(fields.scan("a 1234\n", false).clean, "a ***\n");
  EXPECT_EQ(fields.scan("a longlonglonglong", false).consumed, 18U - 5);
}

TEST(Masking, EndlessStreamsAreNotHeldBackWithoutBound) {
  // Each would stay a possible match for ever: overlapping copies, words, and secrets that leave no safe place to stop.
  const std::vector<std::vector<std::string>> all_secrets = {
      {"aaaaa"}, {"aaaaa", "b"}, {";aaa;b", "1234"}, {"-\n-\n-\n-", "x"}};
  for (const auto& secrets : all_secrets) {
    const Masker masker(secrets);
    for (const std::string& unit : secrets) {
      std::string pending, clean;
      for (int i = 0; i < 20000; ++i) {
        pending += unit;
        if (pending.size() <= masker.max_held()) continue;
        const Masker::Scan scan = masker.scan(pending, false);
        ASSERT_GT(scan.consumed, 0U);
        clean += scan.clean;
        pending.erase(0, scan.consumed);
        ASSERT_LE(pending.size(), masker.max_held());
      }
      clean += masker.scan(pending, true).clean;
      if (unit.size() >= 5) {
        EXPECT_EQ(clean.find_first_not_of('*'), std::string::npos) << unit;
      }
    }
  }
  EXPECT_EQ(masked({"aaaaa"}, std::string(1'000'000, 'a')), "***");
}

TEST(Masking, LongSecretsAreFoundInPieces) {
  std::string secret = "-----BEGIN-PRIVATE-KEY-----";
  for (std::uint32_t i = 0, random = 1; i < 20000; ++i) {
    random = random * 1664525 + 1013904223;
    secret += static_cast<char>('a' + (random >> 16) % 26);
  }
  const Masker masker(std::vector<std::string>{secret});
  EXPECT_LT(masker.max_held(), 20U * 1024);
  const std::string text = "key: " + secret + " end";
  const std::string clean = masker.mask(text);
  EXPECT_EQ(clean, "key: ************ end");  // 20,027 bytes: four pieces of 4,096, and the last two overlap
  std::string pending, streamed;
  for (const char c : text) {
    pending += c;
    if (pending.size() < 5000) continue;
    const Masker::Scan scan = masker.scan(pending, false);
    streamed += scan.clean;
    pending.erase(0, scan.consumed);
  }
  EXPECT_EQ(streamed + masker.scan(pending, true).clean, clean);
}

TEST(Masking, SecretsMayComeLater) {
  Masker masker;
  EXPECT_EQ(masker.mask("hunter2"), "hunter2");
  masker.add("hunter2");
  masker.add("hunter2");
  masker.add("1234");
  EXPECT_EQ(masker.mask("hunter2 1234 x1234"), "*** *** x1234");
  EXPECT_FALSE(masker.empty());
  const Masker copy = masker;
  EXPECT_EQ(copy.mask("hunter2"), "***");
}

TEST(Masking, ManySecretsAreFound) {
  std::vector<std::string> secrets;
  std::string text, expected;
  for (int i = 0; i < 2000; ++i) {
    secrets.push_back("secret-" + std::to_string(i) + "-" + std::to_string(i * 7919 % 10007) + "!");
    text += "<" + secrets.back() + ">";
    expected += "<***>";
  }
  EXPECT_EQ(masked(secrets, text), expected);
}

TEST(MaskingForms, AreUniqueAndSorted) {
  EXPECT_THAT(masked_forms("plain"), ElementsAre("plain"));
  EXPECT_THAT(masked_forms(" "), IsEmpty());
  EXPECT_THAT(masked_forms("a\"b"), ElementsAre("a\"b", "a%22b", "a\\\"b"));
  EXPECT_THAT(masked_forms("д/ "), Contains("%D0%B4%2F+"));
  EXPECT_THAT(masked_forms("\x1f\x7f"), Contains("\\u001f\\u007f"));
}

TEST(MaskingForms, CountCharacters) {
  EXPECT_TRUE(masked_as_field_only("дддд"));
  EXPECT_FALSE(masked_as_field_only("ддддд"));
  EXPECT_TRUE(masked_as_field_only("1234"));
  EXPECT_FALSE(masked_as_field_only("12345"));
}

}  // namespace
}  // namespace venturi
