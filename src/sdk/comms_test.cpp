#include "sdk/comms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdk/testing/fake_supervisor.h"

namespace venturi {
namespace {

using internal::Answer;
using internal::Comms;
using internal::FakeSupervisor;
using testing::ElementsAre;

Answer echo(const Value& request) {
  return {Object{{"type", "Echo"}, {"of", request.at("n")}}, {}};
}
Value request(int n) {
  return Object{{"type", "Ask"}, {"n", n}};
}

TEST(Comms, TheFirstFrameComesUnasked) {
  FakeSupervisor supervisor;
  supervisor.start(Object{{"type", "StartupDetails"}});
  Comms comms(supervisor.take_program_end());
  EXPECT_EQ(comms.receive_startup().get_string("type"), "StartupDetails");
}

TEST(Comms, AnswersComeInTheOrderOfTheirRequests) {
  for (const bool pipelined : {false, true}) {
    FakeSupervisor supervisor(echo);
    supervisor.start();
    Comms comms(supervisor.take_program_end());
    comms.set_pipelined(pipelined);
    const std::vector<Value> requests{request(1), request(2), request(3)};
    std::vector<std::int64_t> numbers;
    for (const Answer& answer : comms.ask_all(requests)) numbers.push_back(answer.body.get_int("of"));
    EXPECT_THAT(numbers, ElementsAre(1, 2, 3));
    EXPECT_EQ(comms.ask(request(4)).body.get_int("of"), 4);
  }
}

TEST(Comms, PipelinedRequestsAreWrittenBeforeTheFirstAnswer) {
  auto [mine, theirs] = make_socket_pair();
  Comms comms(std::move(theirs));
  comms.set_pipelined(true);
  std::thread supervisor([&mine] {
    std::vector<task::Frame> frames;
    for (int i = 0; i < 3; ++i) frames.push_back(*task::read_frame(mine.get()));  // all, before any is answered
    for (const task::Frame& frame : frames) task::write_frame(mine.get(), frame.id, echo(frame.body).body);
  });
  const std::vector<Value> requests{request(1), request(2), request(3)};
  EXPECT_EQ(comms.ask_all(requests).size(), 3u);
  supervisor.join();
}

TEST(Comms, WhatIsTooLargeForAMessageIsNamedAndNothingIsSent) {
  for (const bool pipelined : {false, true}) {
    FakeSupervisor supervisor(echo);
    supervisor.start();
    Comms comms(supervisor.take_program_end());
    comms.set_pipelined(pipelined);
    const std::vector<Value> requests{
        Object{{"type", "SetXCom"}, {"key", "k"}, {"value", std::string(task::max_frame_bytes, 'x')}}, request(1)};
    try {
      (void)comms.ask_all(requests);
      ADD_FAILURE() << "it was sent";
    } catch (const internal::TooLarge& e) {
      EXPECT_STREQ(
          e.what(),
          "XCom 'k' has 135266309 bytes, more than the 135266304 of a message: write what is so large to a file of the "
          "run and return the file");
    }
    EXPECT_EQ(comms.ask(request(4)).body.get_int("of"), 4);
  }
}

// As a server does that commits a write before it answers, and answers reads at once.
TEST(Comms, PipelinedRequestsMayBeAnsweredInAnyOrderButOnce) {
  auto [mine, theirs] = make_socket_pair();
  Comms comms(std::move(theirs));
  comms.set_pipelined(true);
  const auto answer_in = [&mine](std::vector<std::size_t> order) {
    return std::thread([&mine, order = std::move(order)] {
      std::vector<task::Frame> frames;
      for (int i = 0; i < 3; ++i) frames.push_back(*task::read_frame(mine.get()));
      for (const std::size_t at : order) task::write_frame(mine.get(), frames[at].id, echo(frames[at].body).body);
    });
  };
  const std::vector<Value> requests{request(1), request(2), request(3)};
  std::thread supervisor = answer_in({2, 0, 1});
  std::vector<std::int64_t> numbers;
  for (const Answer& answer : comms.ask_all(requests)) numbers.push_back(answer.body.get_int("of"));
  supervisor.join();
  EXPECT_THAT(numbers, ElementsAre(1, 2, 3));
  supervisor = answer_in({1, 1, 0});
  EXPECT_THROW((void)comms.ask_all(requests), task::ProtocolError);
  supervisor.join();
}

TEST(Comms, ALogSocketComesWithItsAnswer) {
  auto [mine, theirs] = make_socket_pair();
  auto [log_read, log_write] = make_socket_pair();
  Comms comms(std::move(theirs));
  std::thread supervisor([&] {
    const auto frame = task::read_frame(mine.get());
    EXPECT_EQ(frame->body.get_string("type"), "ResendLoggingFD");
    const int fd = log_write.get();
    EXPECT_TRUE(send_with_fds(mine.get(), task::encode_frame(frame->id, Object{{"type", "SentFDs"}, {"fds", Array{Value(5)}}}),
                              std::span(&fd, 1)));
  });
  const Fd log = comms.ask_log_socket();
  supervisor.join();
  ASSERT_TRUE(write_all(log.get(), "line\n"));
  std::string text;
  std::vector<Fd> none;
  ASSERT_GT(receive_with_fds(log_read.get(), text, none), 0);
  EXPECT_EQ(text, "line\n");
}

std::string error_of_ask(const std::string& bytes) {
  auto [mine, theirs] = make_socket_pair();
  Comms comms(std::move(theirs));
  EXPECT_TRUE(write_all(mine.get(), bytes));
  if (bytes.size() < 8) mine.reset();
  try {
    (void)(bytes.empty() ? Answer{comms.receive_startup(), {}} : comms.ask(request(1)));
  } catch (const std::exception& e) {
    return e.what();
  }
  return "none";
}

TEST(Comms, WhatIsNoAnswerIsAnError) {
  EXPECT_EQ(error_of_ask(task::encode_frame(9, Object{{"type", "Echo"}})), "the supervisor answered request 9, expected was 1");
  EXPECT_EQ(error_of_ask(""), "the supervisor closed the connection");
}

TEST(Comms, ErrorsAreToldForPeople) {
  using internal::error_text;
  EXPECT_EQ(error_text(Object{{"error", "GENERIC_ERROR"}}), "GENERIC_ERROR");
  EXPECT_EQ(error_text(Object{{"error", "E"}, {"detail", "text"}}), "E: text");
  EXPECT_EQ(error_text(Object{{"error", "E"}, {"detail", Object{{"message", "why"}}}}), "E: why");
  EXPECT_EQ(
      error_text(Object{{"error", "E"}, {"detail", Object{{"status_code", 409}, {"detail", Object{{"message", "why"}}}}}}),
      "E: why")
      << "Airflow's API nests";
  EXPECT_EQ(error_text(Object{{"error", "E"}, {"detail", Object{{"status_code", 500}}}}), "E: {\"status_code\":500}");
  EXPECT_EQ(internal::error_code({Object{{"type", "ErrorResponse"}, {"error", "XCOM_NOT_FOUND"}}, {}}), "XCOM_NOT_FOUND");
  EXPECT_EQ(internal::error_code({{}, Object{{"error", "API_SERVER_ERROR"}}}), "API_SERVER_ERROR");
  EXPECT_EQ(internal::error_code({Object{{"type", "XComResult"}}, {}}), "");
}

}  // namespace
}  // namespace venturi
