#include "model/records.h"

#include <gtest/gtest.h>

#include <set>

namespace venturi {
namespace {

constexpr Time now{std::chrono::microseconds(1'790'000'000'123'456)};

TEST(Uuid, TextReadsBack) {
  const Uuid uuid = make_uuid7(now, 1, 2);
  EXPECT_EQ(parse_uuid(uuid.text()), uuid);
  const auto upper = parse_uuid("0193592E-3C5D-7ABC-8DEF-0123456789AB");
  ASSERT_TRUE(upper);
  EXPECT_EQ(upper->text(), "0193592e-3c5d-7abc-8def-0123456789ab");
}

TEST(Uuid, WhatIsNone) {
  for (const char* text : {"", "0193592e3c5d7abc8def0123456789ab", "0193592e-3c5d-7abc-8def-0123456789a",
                           "0193592e-3c5d-7abc-8def-0123456789abc", "0193592e-3c5d-7abc-8def-0123456789ag",
                           "0193592e+3c5d-7abc-8def-0123456789ab", "{193592e-3c5d-7abc-8def-0123456789a}"}) {
    EXPECT_FALSE(parse_uuid(text)) << text;
  }
}

TEST(Uuid7, HasTimeVersionAndVariant) {
  const Uuid uuid = make_uuid7(now, 42, 7);
  std::int64_t milliseconds = 0;
  for (std::size_t i = 0; i < 6; ++i) milliseconds = milliseconds << 8 | uuid.bytes[i];
  EXPECT_EQ(milliseconds, 1'790'000'000'123);
  EXPECT_EQ(uuid.bytes[6] >> 4, 7);
  EXPECT_EQ(uuid.bytes[8] >> 6, 2);
}

TEST(Uuid7, IsInOrderOfTimeThenCounter) {
  Uuid before{};
  for (int i = 0; i < 5000; ++i) {
    const Uuid uuid = make_uuid7(now + std::chrono::microseconds(i / 4), 42, static_cast<std::uint64_t>(i));
    EXPECT_LT(before, uuid) << i;
    before = uuid;
  }
  EXPECT_LT(make_uuid7(now, 42, 0xffffffff), make_uuid7(now + std::chrono::microseconds(1), 42, 0));
  EXPECT_LT(make_uuid7(now, 42, 0xffffffff), make_uuid7(now + std::chrono::milliseconds(1), 42, 0));
}

TEST(Uuid7, IsUniqueAtOneMoment) {
  std::set<Uuid> seen;
  for (std::uint64_t salt : {0ULL, 1ULL, 2ULL, 1ULL << 30, 1ULL << 40, 1ULL << 63}) {
    for (std::uint64_t counter = 0; counter < 2000; ++counter) {
      EXPECT_TRUE(seen.insert(make_uuid7(now, salt, counter)).second) << salt << " " << counter;
    }
  }
  EXPECT_EQ(make_uuid7(now, 42, 7), make_uuid7(now, 42, 7));
}

TEST(Uuid7, OfAClockBefore1970) {
  const Uuid uuid = make_uuid7(Time(std::chrono::microseconds(-1)), 42, 7);
  EXPECT_EQ(uuid.text().substr(0, 8), "00000000");
  EXPECT_EQ(uuid.bytes[6] >> 4, 7);
}

}  // namespace
}  // namespace venturi
