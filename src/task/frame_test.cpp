#include "task/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <system_error>
#include <thread>

#include "base/fd.h"

namespace venturi::task {
namespace {

using testing::HasSubstr;

// A frame around any payload.
std::string framed(std::string_view payload) {
  std::string s;
  for (int shift = 24; shift >= 0; shift -= 8) s += static_cast<char>(payload.size() >> shift);
  return s + std::string(payload);
}

Frame only_frame(std::string_view bytes) {
  FrameReader reader;
  reader.feed(bytes);
  auto frame = reader.next();
  EXPECT_TRUE(frame);
  EXPECT_TRUE(reader.empty());
  return frame ? *frame : Frame{};
}

template <class F>
std::string error_of(F&& call) {
  try {
    call();
  } catch (const ProtocolError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Frame, Format) {
  EXPECT_EQ(encode_frame(7, Object{{"type", "A"}}), std::string("\0\0\0\x0b\x93\x07\x81\xa4type\xa1"
                                                                "A\xc0",
                                                                15));
  EXPECT_EQ(encode_frame(-1, nullptr, "e"), std::string("\0\0\0\5\x93\xff\xc0\xa1"
                                                        "e",
                                                        9));
  std::string out = "before";
  append_frame(out, 0, 1);
  EXPECT_EQ(out, std::string("before\0\0\0\4\x93\0\1\xc0", 14));
}

// Airflow's child sends [id, body], or [id, body, {traceparent: ...}]; its parent [id, body, error].
TEST(Frame, ArraysOfTwoAndThree) {
  const Frame two = only_frame(framed("\x92\x05\x81\xa4type\xa1X"));
  EXPECT_EQ(two.id, 5);
  EXPECT_EQ(two.body, (Object{{"type", "X"}}));
  EXPECT_TRUE(two.error.is_null());
  const Frame three =
      only_frame(framed(std::string_view("\x93\x05\xc0\x81\xabtraceparent\xa2"
                                         "00",
                                         19)));
  EXPECT_TRUE(three.body.is_null());
  EXPECT_EQ(three.error, (Object{{"traceparent", "00"}}));
  const Frame answer = only_frame(encode_frame(1LL << 40, nullptr, Object{{"error", "GENERIC_ERROR"}}));
  EXPECT_EQ(answer.id, 1LL << 40);
  EXPECT_EQ(answer.error.get_string("error"), "GENERIC_ERROR");
}

TEST(Frame, TimestampsInABody) {
  const Frame frame =
      only_frame(framed(std::string_view("\x92\x01\x81\xa8"
                                         "end_date\xd6\xff\0\0\0\1",
                                         18)));
  EXPECT_EQ(frame.body.get_string("end_date"), "1970-01-01T00:00:01Z");
}

TEST(Frame, RubbishIsRefused) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {framed("\xc0"), "an array, not null"},
      {framed("\x80"), "an array, not object"},
      {framed("\x90"), "2 or 3 elements, not 0"},
      {framed("\x91\x01"), "2 or 3 elements, not 1"},
      {framed("\x94\x01\xc0\xc0\xc0"), "2 or 3 elements, not 4"},
      {framed("\x92\xa1"
              "1\xc0"),
       "id is an integer, not string"},
      {framed("\x92\xc0\xc0"), "id is an integer, not null"},
      {framed("\x92\x01\xc1"), "msgpack: a tag"},
      {framed("\x92\x01\xc0\xc0"), "follow the value"},
      {framed(""), "ends inside a value"},
      {std::string("\x08\x10\0\1", 4), "a frame of 135266305 bytes is larger than the limit of 135266304"},
      {"\xff\xff\xff\xff", "larger than the limit"},
  };
  for (const auto& [bytes, expected] : cases) {
    FrameReader reader;
    reader.feed(bytes);
    EXPECT_THAT(error_of([&] { (void)reader.next(); }), HasSubstr(expected));
  }
}

TEST(Frame, TooLargeAMessageIsNotWritten) {
  std::string out = "before";
  EXPECT_THAT(error_of([&] { append_frame(out, 1, std::string(max_frame_bytes, 'x')); }), HasSubstr("larger than the limit"));
  EXPECT_EQ(out, "before");
  const std::string largest = encode_frame(1, std::string(max_frame_bytes - 8, 'x'));
  EXPECT_EQ(largest.size(), 4 + max_frame_bytes);
  EXPECT_EQ(only_frame(largest).body.as_string().size(), max_frame_bytes - 8);
}

TEST(FrameReader, CutsFramesHoweverTheyCome) {
  std::string stream;
  for (int i = 0; i < 50; ++i) append_frame(stream, i, std::string(static_cast<std::size_t>(i * 7), 'x'));
  for (const std::size_t piece : {1UL, 2UL, 3UL, 5UL, 64UL, stream.size()}) {
    FrameReader reader;
    int next = 0;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      if (at % 2 == 0) {
        reader.feed(std::string_view(stream).substr(at, piece));
      } else {
        reader.buffer().append(stream, at, piece);
      }
      while (const auto frame = reader.next()) {
        EXPECT_EQ(frame->id, next);
        EXPECT_EQ(frame->body.as_string().size(), static_cast<std::size_t>(next) * 7);
        ++next;
      }
    }
    EXPECT_EQ(next, 50);
    EXPECT_TRUE(reader.empty());
  }
}

TEST(FrameReader, GivesBackTheMemoryOfALargeMessage) {
  FrameReader reader;
  reader.feed(encode_frame(1, std::string(10'000'000, 'x')));
  EXPECT_FALSE(reader.empty());
  EXPECT_TRUE(reader.next());
  EXPECT_FALSE(reader.next());
  EXPECT_LT(reader.buffer().capacity(), 1'000'000U);
}

TEST(Frame, BlockingReadsTakeNoByteMore) {
  auto [a, b] = make_socket_pair();
  write_frame(a.get(), 1, "first");
  write_frame(a.get(), 2, "second", "error");
  const auto first = read_frame(b.get());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->body, Value("first"));
  FrameReader reader;  // another reader takes over
  std::vector<Fd> fds;
  ASSERT_GT(receive_with_fds(b.get(), reader.buffer(), fds), 0);
  const auto second = reader.next();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->body, Value("second"));
  EXPECT_EQ(second->error, Value("error"));
  a.reset();
  EXPECT_FALSE(read_frame(b.get()));
}

TEST(Frame, BlockingReadsOfWhatIsCutOrWrong) {
  const std::string whole = encode_frame(1, "body");
  for (const std::size_t cut : {2UL, 4UL, whole.size() - 1}) {
    auto [a, b] = make_socket_pair();
    ASSERT_TRUE(write_all(a.get(), whole.substr(0, cut)));
    a.reset();
    EXPECT_THAT(error_of([&, fd = b.get()] { (void)read_frame(fd); }), HasSubstr("the stream ended inside a frame"));
  }
  auto [a, b] = make_socket_pair();
  ASSERT_TRUE(write_all(a.get(), "\xff\xff\xff\xff"));
  EXPECT_THAT(error_of([&, fd = b.get()] { (void)read_frame(fd); }), HasSubstr("larger than the limit"));
  EXPECT_THROW((void)read_frame(-1), std::system_error);
  EXPECT_THROW(write_frame(-1, 1, nullptr), std::system_error);
}

TEST(Frame, BlockingWritesOfLargeMessages) {
  auto [a, b] = make_socket_pair();
  std::thread writer([fd = a.get()] { write_frame(fd, 3, std::string(5'000'000, 'y')); });
  const auto frame = read_frame(b.get());
  writer.join();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->body.as_string(), std::string(5'000'000, 'y'));
}

TEST(Frame, KeepsMembersOfABodyPacked) {
  const Value inner = Object{{"kept", Array{1, "x"}}, {"time", 2.5}};
  std::string bytes = encode_frame(7, Object{{"a", 1}, {"kept", inner}, {"other", Object{{"kept", 1}}}});
  append_frame(bytes, 8, Object{{"kept", nullptr}});
  bytes += encode_frame(9, Object{{"kept", "not whole"}}).substr(0, 10);
  static constexpr std::string_view kept[] = {"kept"};
  FrameReader reader(kept);
  reader.feed(bytes);
  const auto frame = reader.next();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->body.at("a").as_int(), 1);
  EXPECT_EQ(frame->body.at("kept").as_string(), pack(inner));
  EXPECT_EQ(frame->body.at("other").at("kept").as_int(), 1);  // of the body itself only
  const auto second = reader.next();
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->body.at("kept").is_null());
  EXPECT_FALSE(reader.next());
}

TEST(Frame, ChecksWhatStaysPacked) {
  std::string frame = encode_frame(1, Object{{"kept", Array{"abc"}}});
  frame[frame.size() - 5] = static_cast<char>(0xC1);  // the tag of the text, now one that msgpack does not use
  static constexpr std::string_view kept[] = {"kept"};
  FrameReader reader(kept);
  reader.feed(frame);
  EXPECT_THROW((void)reader.next(), ProtocolError);
}

TEST(Frame, TakesABodyThatIsPackedAlready) {
  std::string packed, plain;
  append_packed_frame(packed, -3, pack(Object{{"a", 1}}));
  append_frame(plain, -3, Object{{"a", 1}});
  EXPECT_EQ(packed, plain);
}

}  // namespace
}  // namespace venturi::task
