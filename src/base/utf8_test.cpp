#include "base/utf8.h"

#include <gtest/gtest.h>

namespace venturi {
namespace {

TEST(Utf8Test, IsWhatUnicodeSays) {
  for (const char* good : {"", "a", "ä", "€", "😀", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"})
    EXPECT_TRUE(is_utf8(good)) << good;
  for (const char* bad : {"\xFF", "\x80", "\xC3", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE2\x82",
                          "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "a\xC3z", "\xF0\x9F\x98z"})
    EXPECT_FALSE(is_utf8(bad)) << bad;
}

TEST(Utf8Test, CharactersAreNoBytes) {
  EXPECT_EQ(count_characters(""), 0U);
  EXPECT_EQ(count_characters("aä€😀"), 4U);
}

TEST(Utf8Test, NoCharacterIsCut) {
  const std::string text = "aä€😀";  // 1 + 2 + 3 + 4 bytes
  for (std::size_t most = 0; most <= text.size() + 1; ++most) {
    const std::string_view part = beginning(text, most);
    EXPECT_LE(part.size(), most);
    EXPECT_TRUE(is_utf8(part)) << most;
    EXPECT_TRUE(text.starts_with(part));
    EXPECT_LE(std::min(most, text.size()) - part.size(), 3U) << "no more is lost than has to be";
  }
  EXPECT_EQ(beginning("\x80\x80\x80\x80\x80\x80\x80\x80", 6).size(), 6U) << "what is no UTF-8 is cut where it is";
}

TEST(Utf8Test, ShortenedTextsSaySo) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcd", 3), "abc…");
  EXPECT_EQ(shortened("abä", 3, "..."), "ab...");
}

}  // namespace
}  // namespace venturi
