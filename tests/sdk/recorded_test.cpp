// The bytes of a stock Airflow's supervisor (recorded/*.json, made by recorded/record.py with Airflow 3.3.2) drive a compiled
// program: over TCP, as that supervisor does, over the socket on fd 0, and in a process that its warm process made. Each time
// the program says what it said to Airflow.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <fstream>
#include <sstream>

#include "base/json.h"
#include "sdk/program.h"

namespace venturi::sdk_tests {
namespace {

using testing::HasSubstr;

struct Passed {
  bool of_program;
  std::string bytes;
};

std::string from_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

std::vector<Passed> recorded(const std::string& task_id) {
  std::ifstream file(VENTURI_SOURCE_DIR "/tests/sdk/recorded/" + task_id + ".json");
  std::stringstream text;
  text << file.rdbuf();
  std::vector<Passed> all;
  for (const Value& frame : parse_json(text.str()).value().as_array()) {
    all.push_back({frame.as_array().at(0).as_string() == "program", from_hex(frame.as_array().at(1).as_string())});
  }
  return all;
}

task::Frame decoded(const std::string& bytes) {
  task::FrameReader reader;
  reader.feed(bytes);
  return reader.next().value();
}

// What differs from one time to the next.
Value without_times(Value body) {
  if (body.is_object() && body.as_object().contains("end_date")) body.as_object().set("end_date", "a time");
  return body;
}

// Plays the supervisor on `channel`. `earlier`: how many requests the program made before those that were recorded; ids go on
// from there.
void play(const std::vector<Passed>& frames, int channel, std::int64_t earlier = 0, std::size_t first = 0) {
  for (std::size_t i = first; i < frames.size(); ++i) {
    if (!frames[i].of_program) {
      std::string bytes = frames[i].bytes;
      // After the length: the array's head, then the id, which is small enough to be one byte.
      if (i > 0) bytes.at(5) = static_cast<char>(bytes.at(5) + earlier);
      ASSERT_TRUE(write_all(channel, bytes));
      continue;
    }
    const task::Frame expected = decoded(frames[i].bytes);
    const auto got = task::read_frame(channel);
    ASSERT_TRUE(got.has_value()) << "it ended where it had said " << to_json(expected.body);
    EXPECT_EQ(got->id, expected.id + earlier);
    EXPECT_EQ(to_json(without_times(got->body)), to_json(without_times(expected.body)));
  }
  EXPECT_FALSE(task::read_frame(channel).has_value()) << "it says more than it did";
}

struct Case {
  const char* task_id;
  const char* logged;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.task_id; }
};
class RecordedTest : public testing::TestWithParam<Case> {
 protected:
  std::vector<Passed> frames_ = recorded(GetParam().task_id);
};

Fd listen_on_loopback() {
  Fd server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::bind(server.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::listen(server.get(), 1), 0);
  return server;
}
std::string address_of(const Fd& server) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  EXPECT_EQ(::getsockname(server.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  return "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
}

TEST_P(RecordedTest, OverTcpAsACoordinatorDoes) {
  const Fd comm = listen_on_loopback(), logs = listen_on_loopback();
  Program program("recorded", {"--comm=" + address_of(comm), "--logs=" + address_of(logs)});
  const Fd channel(::accept4(comm.get(), nullptr, nullptr, SOCK_CLOEXEC)),
      log(::accept4(logs.get(), nullptr, nullptr, SOCK_CLOEXEC));
  play(frames_, channel.get());
  EXPECT_EQ(program.wait(), 0);
  EXPECT_THAT(read_to_end(log.get()), HasSubstr(GetParam().logged));
}

TEST_P(RecordedTest, OverTheSocketOnDescriptor0) {
  auto [mine, theirs] = make_socket_pair();
  auto [log_read, log_write] = make_socket_pair();
  Program program("recorded", {}, theirs.get());
  theirs.reset();
  ASSERT_TRUE(write_all(mine.get(), frames_[0].bytes));
  // A program that was executed has no log socket yet.
  const auto request = task::read_frame(mine.get());
  ASSERT_TRUE(request.has_value());
  ASSERT_EQ(request->body.get_string("type"), "ResendLoggingFD");
  const int fd = log_write.get();
  const std::string answer = task::encode_frame(request->id, Object{{"type", "SentFDs"}, {"fds", Array{Value(fd)}}});
  ASSERT_TRUE(send_with_fds(mine.get(), answer, std::span(&fd, 1)));
  log_write.reset();
  play(frames_, mine.get(), 1, 1);
  EXPECT_EQ(program.wait(), 0);
  EXPECT_THAT(read_to_end(log_read.get()), HasSubstr(GetParam().logged));
}

TEST_P(RecordedTest, InAProcessOfTheWarmProcess) {
  auto [control, theirs] = make_socket_pair();
  Program warm("recorded", {"--venturi-warm"}, theirs.get());
  theirs.reset();
  ASSERT_EQ(task::read_frame(control.get())->body.get_string("type"), "WarmReady");
  auto [mine, requests] = make_socket_pair();
  auto [log_read, log_write] = make_socket_pair();
  auto [output_read, output_write] = make_pipe();
  const int fds[] = {requests.get(), output_write.get(), output_write.get(), log_write.get()};
  ASSERT_TRUE(send_with_fds(control.get(), task::encode_frame(1, Object{{"type", "ForkTask"}, {"ti_id", "x"}}), fds));
  const auto forked = task::read_frame(control.get());
  ASSERT_EQ(forked->body.get_string("type"), "Forked") << to_json(forked->body);
  requests.reset();
  log_write.reset();
  output_write.reset();
  play(frames_, mine.get());
  int status = -1;
  ASSERT_EQ(::waitpid(static_cast<pid_t>(forked->body.get_int("pid")), &status, 0), forked->body.get_int("pid"))
      << "it is this process's child, not the warm one's";
  EXPECT_EQ(status, 0);
  EXPECT_THAT(read_to_end(log_read.get()), HasSubstr(GetParam().logged));
  control.reset();
  EXPECT_EQ(warm.wait(), 0) << "it ends with its control socket";
}

INSTANTIATE_TEST_SUITE_P(Tasks, RecordedTest,
                         testing::Values(Case{"produce", "producing"}, Case{"consume", ""}, Case{"fail", "a bad file"},
                                         Case{"stumble", "the disk is full"}, Case{"skip", "nothing to do"},
                                         Case{"choose", "Branch into"}),
                         [](const auto& info) { return std::string(info.param.task_id); });

TEST(Coordinator, WithoutASupervisorItSaysSo) {
  EXPECT_EQ(Program("recorded", {"--comm=127.0.0.1:1", "--logs=127.0.0.1:1"}).wait(), 1);
  EXPECT_EQ(Program("recorded", {"--comm=nowhere", "--logs=127.0.0.1:1"}).wait(), 1);
  EXPECT_EQ(Program("recorded", {"--comm=127.0.0.1:1"}).wait(), 2) << "both or none";
}

}  // namespace
}  // namespace venturi::sdk_tests
