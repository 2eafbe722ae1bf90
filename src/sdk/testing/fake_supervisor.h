// The other end of a program's channel, for tests: it answers each request as the test says and keeps them all.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "sdk/comms.h"
#include "sdk/json_read.h"
#include "task/frame.h"

namespace venturi::inline sdk::internal {

class FakeSupervisor {
 public:
  using Answers = std::function<Answer(const Value& request)>;

  // Without an answer for it a request is answered with nothing, as Airflow answers "done".
  explicit FakeSupervisor(Answers answers = {}) : answers_(std::move(answers)) {
    auto [mine, theirs] = make_socket_pair();
    auto [log_read, log_write] = make_socket_pair();
    socket_ = std::move(mine);
    log_ = std::move(log_read);
    program_end_ = std::move(theirs);
    program_log_ = std::move(log_write);
  }
  FakeSupervisor(const FakeSupervisor&) = delete;
  FakeSupervisor& operator=(const FakeSupervisor&) = delete;
  ~FakeSupervisor() { finish(); }

  // Sends the first frame where there is one, and answers until the program closes its end.
  void start(const Value& first = {}) {
    if (!first.is_null()) task::write_frame(socket_.get(), 0, first);
    thread_ = std::thread([this] { serve(); });
  }
  // What the program gets.
  [[nodiscard]] Fd take_program_end() { return std::move(program_end_); }
  [[nodiscard]] Fd take_program_log() { return std::move(program_log_); }

  // After the program closed its end: what it asked, in its order.
  const std::vector<Value>& requests() {
    finish();
    return requests_;
  }
  std::vector<std::string> request_types() {
    std::vector<std::string> types;
    for (const Value& request : requests()) types.push_back(request.get_string("type"));
    return types;
  }
  // The first request of a type; null where there was none.
  Value request(std::string_view type) {
    for (const Value& request : requests()) {
      if (request.get_string("type") == type) return request;
    }
    return {};
  }
  // The lines of the log socket, after the program closed it.
  std::vector<Value> log_lines() {
    program_log_.reset();
    std::string text;
    std::vector<Fd> none;
    while (receive_with_fds(log_.get(), text, none) > 0) {}
    std::vector<Value> lines;
    for (std::size_t start = 0; start < text.size();) {
      const std::size_t end = text.find('\n', start);
      lines.push_back(read_json(text.substr(start, end - start), "log line"));
      start = end + 1;
    }
    return lines;
  }
  std::vector<std::string> log_events() {
    std::vector<std::string> events;
    for (const Value& line : log_lines()) events.push_back(line.get_string("event"));
    return events;
  }

 private:
  void serve() {
    while (const auto frame = task::read_frame(socket_.get())) {
      requests_.push_back(frame->body);
      const Answer answer = answers_ ? answers_(frame->body) : Answer{};
      task::write_frame(socket_.get(), frame->id, answer.body, answer.error);
    }
  }
  void finish() {
    program_end_.reset();
    if (thread_.joinable()) thread_.join();
  }

  Answers answers_;
  Fd socket_, log_, program_end_, program_log_;
  std::thread thread_;
  std::vector<Value> requests_;
};

}  // namespace venturi::inline sdk::internal
