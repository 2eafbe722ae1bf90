#include "base/gzip_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace venturi {
namespace {

std::string packed(std::string_view text, int level = GzipPacker::default_level) {
  std::string out;
  GzipPacker packer([&out](std::string_view piece) { out += piece; }, level);
  packer.write(text.substr(0, text.size() / 3));
  packer.write(text.substr(text.size() / 3));
  packer.finish();
  return out;
}

// In pieces of `step` bytes, read into `room` bytes; or the error.
std::string unpacked(std::string_view bytes, std::size_t step = 1000, std::size_t room = 777) {
  Gunzip gunzip([&](char* to, std::size_t most) {
    const std::size_t n = std::min({bytes.size(), most, step});
    std::copy_n(bytes.data(), n, to);
    bytes.remove_prefix(n);
    return n;
  });
  std::string out, block(room, '\0');
  for (;;) {
    const auto n = gunzip.read(block.data(), block.size());
    if (!n) return "error: " + n.error().what;
    if (*n == 0) return out;
    out.append(block, 0, *n);
  }
}

std::string lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "line " + std::to_string(i) + "\n";
  return text;
}

TEST(GzipStreamTest, ComesBack) {
  const std::string text = lines(100'000);
  EXPECT_LT(packed(text).size(), text.size() / 3);
  EXPECT_LT(packed(text, 9).size(), packed(text, 1).size());
  EXPECT_EQ(packed(text), packed(text)) << "nothing of the time or the machine is in it";
  for (const std::size_t step : {1UL, 7UL, 100'000UL}) EXPECT_EQ(unpacked(packed(text), step), text) << step;
  EXPECT_EQ(unpacked(packed(text), 1000, 1), text);
  EXPECT_EQ(unpacked(packed("")), "");
  EXPECT_EQ(unpacked(""), "") << "as gzip's own";
}

TEST(GzipStreamTest, SeveralMembersAreOneText) {
  const std::string text = lines(1000), more = lines(2000);
  for (const std::size_t step : {1UL, 5000UL}) {
    EXPECT_EQ(unpacked(packed(text) + packed("") + packed(more), step), text + more) << step;
    EXPECT_EQ(unpacked(packed(text) + std::string(1024, '\0'), step), text) << "padding";
    EXPECT_EQ(unpacked(packed(text) + std::string(3, '\0') + packed(more), step), text + more);
  }
}

TEST(GzipStreamTest, SaysWhatIsWrongAndWhere) {
  const std::string text = lines(10'000), whole = packed(text);
  const std::string size = std::to_string(whole.size());
  EXPECT_EQ(unpacked("id,amount\n1,2\n"), "error: this is not in gzip's format, at byte 2");
  EXPECT_EQ(unpacked(whole + "id,amount\n"),
            "error: what follows a whole member is not in gzip's format, at byte " + std::to_string(whole.size() + 2));
  for (const std::size_t size_left : {1UL, 9UL, 10UL, whole.size() / 2, whole.size() - 9, whole.size() - 1}) {
    EXPECT_EQ(unpacked(whole.substr(0, size_left)),
              "error: the compressed file ends early, at byte " + std::to_string(size_left));
    EXPECT_EQ(unpacked(whole + whole.substr(0, size_left)),
              "error: the compressed file ends early, at byte " + std::to_string(whole.size() + size_left));
  }
  std::string damaged = whole;
  damaged[damaged.size() - 6] ^= 1;  // of the checksum
  EXPECT_TRUE(unpacked(damaged).starts_with("error: the compressed file is damaged (incorrect data check), at byte "))
      << unpacked(damaged);
  std::string cut = whole;
  cut.erase(cut.size() / 2, 100);
  EXPECT_TRUE(unpacked(cut).starts_with("error: the compressed file ")) << unpacked(cut).substr(0, 100);
}

}  // namespace
}  // namespace venturi
