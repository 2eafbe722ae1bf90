#include "task/msgpack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace venturi::task {
namespace {

using testing::HasSubstr;

std::string bytes(std::initializer_list<int> values) {
  std::string s;
  for (const int v : values) s += static_cast<char>(v);
  return s;
}

std::string encoded(const Value& value) {
  std::string out;
  append_msgpack(out, value);
  return out;
}

std::string error_of(std::string_view data) {
  try {
    (void)decode_msgpack(data);
  } catch (const ProtocolError& error) {
    return error.what();
  }
  return "no error";
}

// As msgpack-python's packb() writes them: always the shortest form.
TEST(Msgpack, Writes) {
  const auto minimum = std::numeric_limits<long long>::min(), maximum = std::numeric_limits<long long>::max();
  const std::vector<std::pair<Value, std::string>> cases = {
      {nullptr, bytes({0xC0})},
      {false, bytes({0xC2})},
      {true, bytes({0xC3})},
      {0, bytes({0x00})},
      {127, bytes({0x7F})},
      {128, bytes({0xCC, 0x80})},
      {255, bytes({0xCC, 0xFF})},
      {256, bytes({0xCD, 0x01, 0x00})},
      {65535, bytes({0xCD, 0xFF, 0xFF})},
      {65536, bytes({0xCE, 0x00, 0x01, 0x00, 0x00})},
      {4294967295LL, bytes({0xCE, 0xFF, 0xFF, 0xFF, 0xFF})},
      {4294967296LL, bytes({0xCF, 0, 0, 0, 1, 0, 0, 0, 0})},
      {maximum, bytes({0xCF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF})},
      {-1, bytes({0xFF})},
      {-32, bytes({0xE0})},
      {-33, bytes({0xD0, 0xDF})},
      {-128, bytes({0xD0, 0x80})},
      {-129, bytes({0xD1, 0xFF, 0x7F})},
      {-32768, bytes({0xD1, 0x80, 0x00})},
      {-32769, bytes({0xD2, 0xFF, 0xFF, 0x7F, 0xFF})},
      {-2147483648LL, bytes({0xD2, 0x80, 0, 0, 0})},
      {-2147483649LL, bytes({0xD3, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF})},
      {minimum, bytes({0xD3, 0x80, 0, 0, 0, 0, 0, 0, 0})},
      {1.5, bytes({0xCB, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0})},
      {"", bytes({0xA0})},
      {"ab", bytes({0xA2, 'a', 'b'})},
      {std::string(32, 'x'), bytes({0xD9, 32}) + std::string(32, 'x')},
      {std::string(256, 'x'), bytes({0xDA, 1, 0}) + std::string(256, 'x')},
      {std::string(65536, 'x'), bytes({0xDB, 0, 1, 0, 0}) + std::string(65536, 'x')},
      {Array{}, bytes({0x90})},
      {Array{1, "a"}, bytes({0x92, 1, 0xA1, 'a'})},
      {Array(16, nullptr), bytes({0xDC, 0, 16}) + std::string(16, '\xC0')},
      {Array(65536, true), bytes({0xDD, 0, 1, 0, 0}) + std::string(65536, '\xC3')},
      {Object{}, bytes({0x80})},
      {Object{{"a", 1}, {"b", Array{}}}, bytes({0x82, 0xA1, 'a', 1, 0xA1, 'b', 0x90})},
  };
  for (const auto& [value, expected] : cases) {
    EXPECT_EQ(encoded(value), expected);
    const Value back = decode_msgpack(expected);
    EXPECT_EQ(back, value);
    EXPECT_STREQ(back.type_name(), value.type_name());
  }
}

TEST(Msgpack, LargeMaps) {
  for (const int n : {15, 16, 65535, 65536}) {
    Object object;
    for (int i = 0; i < n; ++i) object.add("key" + std::to_string(i), i);
    EXPECT_EQ(decode_msgpack(encoded(object)), Value(object));
  }
}

// Forms that are valid but not the shortest, and those of Python's types.
TEST(Msgpack, Reads) {
  const std::vector<std::pair<std::string, Value>> cases = {
      {bytes({0xCC, 5}), 5},
      {bytes({0xD1, 0, 5}), 5},
      {bytes({0xD3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}), -1},
      {bytes({0xCF, 0x80, 0, 0, 0, 0, 0, 0, 0}), 9223372036854775808.0},
      {bytes({0xCA, 0x3F, 0xC0, 0, 0}), 1.5},
      {bytes({0xC4, 2, 'a', 0xFF}), "a\xff"},
      {bytes({0xC5, 0, 1, 'a'}), "a"},
      {bytes({0xC6, 0, 0, 0, 1, 'a'}), "a"},
      {bytes({0xD9, 1, 'a'}), "a"},
      {bytes({0xDD, 0, 0, 0, 1, 0xC0}), Array{nullptr}},
      {bytes({0xDF, 0, 0, 0, 1, 0xDB, 0, 0, 0, 1, 'k', 0xC2}), Object{{"k", false}}},
      {bytes({0x82, 0xA1, 'a', 1, 0xDA, 0, 1, 'a', 2}), Object{{"a", 2}}},  // the last one counts, as in Python
  };
  for (const auto& [data, expected] : cases) {
    const Value value = decode_msgpack(data);
    EXPECT_EQ(value, expected);
    EXPECT_STREQ(value.type_name(), expected.type_name());
  }
  EXPECT_TRUE(std::isnan(decode_msgpack(encoded(std::nan(""))).as_double()));
  EXPECT_TRUE(std::signbit(decode_msgpack(encoded(-0.0)).as_double()));
}

// Aware datetimes come as extension -1, in the three sizes that msgpack-python chooses among.
TEST(Msgpack, TimestampsBecomeText) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      // 4 bytes: whole seconds from 1970 to 2106
      {bytes({0xD6, 0xFF, 0, 0, 0, 0}), "1970-01-01T00:00:00Z"},
      {bytes({0xD6, 0xFF, 0x6A, 0x63, 0x3F, 0x2D}), "2026-07-24T10:32:13Z"},
      {bytes({0xD6, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}), "2106-02-07T06:28:15Z"},
      // 8 bytes: 30 bits of nanoseconds, 34 of seconds
      {bytes({0xD7, 0xFF, 0x1D, 0x6F, 0x28, 0x00, 0x6A, 0x63, 0x3F, 0x2D}), "2026-07-24T10:32:13.123456Z"},
      {bytes({0xD7, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0}), "2106-02-07T06:28:16Z"},
      {bytes({0xD7, 0xFF, 0xEE, 0x6B, 0x27, 0xFC, 0, 0, 0, 0}), "1970-01-01T00:00:00.999999Z"},  // 999999999 ns
      // 12 bytes: nanoseconds, then seconds before 1970 or far ahead
      {bytes({0xC7, 12, 0xFF, 0x07, 0x5B, 0xCA, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}),
       "1969-12-31T23:59:59.123456Z"},
      {bytes({0xC7, 12, 0xFF, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xF1, 0x88, 0x6E, 0x09, 0x00}), "0001-01-01T00:00:00Z"},
      {bytes({0xC7, 12, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0x3A, 0xFF, 0xF4, 0x41, 0x7F}), "9999-12-31T23:59:59Z"},
      // the sizes with an explicit length
      {bytes({0xC7, 4, 0xFF, 0, 0, 0, 1}), "1970-01-01T00:00:01Z"},
      {bytes({0xC8, 0, 4, 0xFF, 0, 0, 0, 1}), "1970-01-01T00:00:01Z"},
      {bytes({0xC9, 0, 0, 0, 8, 0xFF, 0, 0, 0, 0, 0, 0, 0, 1}), "1970-01-01T00:00:01Z"},
  };
  for (const auto& [data, expected] : cases) EXPECT_EQ(decode_msgpack(data).as_string(), expected);
}

TEST(Msgpack, RefusesAndSaysWhere) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "ends inside a value: 1 bytes are wanted, 0 are there, at byte 0"},
      {bytes({0xC1}), "a tag that msgpack does not use at byte 0"},
      {bytes({0xC0, 0xC0}), "1 bytes follow the value at byte 1"},
      {bytes({0xCD, 1}), "ends inside"},
      {bytes({0xA3, 'a', 'b'}), "3 bytes are wanted, 2 are there, at byte 1"},
      {bytes({0xDB, 0xFF, 0xFF, 0xFF, 0xFF, 'a'}), "ends inside"},
      {bytes({0x92, 0xC0}), "a count of 2 is more than follows at byte 1"},
      {bytes({0xDD, 0xFF, 0xFF, 0xFF, 0xFF, 0xC0}), "a count of 4294967295 is more than follows at byte 5"},
      {bytes({0xDF, 0x7F, 0xFF, 0xFF, 0xFF, 0xA0, 0xC0}), "a count of 2147483647"},
      {bytes({0x81, 0x01, 0xC0}), "a map key is no string at byte 1"},
      {bytes({0x81, 0xC0, 0xC0}), "a map key is no string at byte 1"},
      {bytes({0x81, 0xC4, 0x00, 0xC0}), "a map key is no string at byte 1"},
      {bytes({0x91, 0xD4, 5, 0}), "an extension of type 5 at byte 1"},
      {bytes({0xC7, 0, 0xFE}), "an extension of type -2 at byte 0"},
      {bytes({0xD5, 0xFF, 0, 0}), "a timestamp of 2 bytes at byte 0"},
      {bytes({0xD8, 0xFF}) + std::string(16, '\0'), "a timestamp of 16 bytes at byte 0"},
      {bytes({0xD6, 0xFF, 0}), "ends inside"},
      {bytes({0xC7, 12, 0xFF, 0x3B, 0x9A, 0xCA, 0x00, 0, 0, 0, 0, 0, 0, 0, 0}), "no date"},  // 10^9 ns
      {bytes({0xC7, 12, 0xFF, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}), "no date"},
      {bytes({0xC7, 12, 0xFF, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0}), "no date"},
      {bytes({0xC7, 12, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0x3A, 0xFF, 0xF4, 0x41, 0x80}), "no date"},  // year 10000
  };
  for (const auto& [data, expected] : cases) EXPECT_THAT(error_of(data), HasSubstr(expected));
}

TEST(Msgpack, NestingHasALimit) {
  EXPECT_NO_THROW((void)decode_msgpack(std::string(200, '\x91') + "\xC0"));
  EXPECT_THAT(error_of(std::string(201, '\x91') + "\xC0"), HasSubstr("nested deeper than 200 levels at byte 201"));
  EXPECT_THAT(error_of(std::string(1'000'000, '\x91') + "\xC0"), HasSubstr("nested deeper"));
}

TEST(Msgpack, WritesMapsMemberByMember) {
  std::string packed = "before ";
  MapWriter map(packed);
  map.add("nil", nullptr);
  map.add("bool", true);
  map.add("int", -5);
  map.add("text", "t");
  map.add("value", Array{1, 2.5});
  MapWriter inner = map.map("inner");
  for (int i = 0; i < 300; ++i) inner.add("k" + std::to_string(i), i);
  map.add_packed("packed", encoded(Object{{"a", 1}}));
  EXPECT_EQ(packed.substr(0, 7), "before ");
  Object many;
  for (int i = 0; i < 300; ++i) many.add("k" + std::to_string(i), i);
  const Value expected = Object{{"nil", nullptr},
                                {"bool", true},
                                {"int", -5},
                                {"text", "t"},
                                {"value", Array{1, 2.5}},
                                {"inner", std::move(many)},
                                {"packed", Object{{"a", 1}}}};
  EXPECT_EQ(decode_msgpack(packed.substr(7)), expected);
}

TEST(Msgpack, FindsAMemberOfAPackedMap) {
  const std::string packed = pack(Object{
      {"array", Array{1, Object{{"wanted", 1}}}}, {"text", std::string(300, 'x')}, {"wanted", Array{"here"}}, {"z", 1.5}});
  EXPECT_EQ(packed_member(packed, "wanted"), Value(Array{"here"}));
  EXPECT_EQ(packed_member(packed, "missing"), Value());
  EXPECT_EQ(packed_member(pack(Array{"wanted", 1}), "wanted"), Value());
  EXPECT_EQ(packed_member(pack(nullptr), "wanted"), Value());
  EXPECT_THROW((void)packed_member(packed.substr(0, packed.size() - 1), "wanted"), ProtocolError);
  EXPECT_EQ(packed_bytes(packed, "wanted"), pack(Array{"here"}));
  EXPECT_EQ(packed_bytes(packed, "missing"), "");
  EXPECT_EQ(packed_bytes(pack(1), "wanted"), "");
}

TEST(MsgpackTest, APackedListIsLookedAtWithoutBeingDecoded) {
  Array list;
  for (int i = 0; i < 70'000; ++i) list.push_back(i % 3 == 0 ? Value(Array{i, "x"}) : Value(i));
  const std::string packed = pack(list);
  EXPECT_EQ(packed_shape(packed).length, 70'000);
  const auto items = packed_items(packed, 5);
  ASSERT_EQ(items.size(), 5U);
  EXPECT_EQ(decode_msgpack(items[3]), Value(Array{3, "x"}));
  EXPECT_EQ(decode_msgpack(items[4]), Value(4));
  std::string again;
  append_array_head(again, 70'000);
  for (const std::string_view item : packed_items(packed, 100'000)) again += item;
  EXPECT_EQ(again, packed);

  const std::string map = pack(Object{{"a", 1}, {"b", Array{2}}});
  ASSERT_EQ(packed_items(map, 9).size(), 2U);
  EXPECT_EQ(decode_msgpack("\x92" + std::string(packed_items(map, 9)[1])), Value(Array{"b", Array{2}}));
  EXPECT_TRUE(packed_items(pack("text"), 9).empty());
  EXPECT_THROW((void)packed_items(packed.substr(0, packed.size() - 1), 100'000), ProtocolError);

  for (const Value& value : {Value(), Value(true), Value(7), Value(-7), Value(1LL << 40), Value(-300), Value(0.5), Value("s"),
                             Value(std::string(300, 's')), Value(Array{1}), Value(Object{{"k", 1}})}) {
    EXPECT_STREQ(packed_shape(pack(value)).type, value.type_name());
  }
  EXPECT_EQ(packed_shape(pack(Object{{"k", 1}})).length, 1);
  EXPECT_EQ(packed_shape(pack("text")).length, -1);
}

}  // namespace
}  // namespace venturi::task
