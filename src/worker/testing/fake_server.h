// The server's side of the worker's socket, driven by a test: it answers what a test does not want to see itself, and keeps
// all.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/fd.h"
#include "task/frame.h"

namespace venturi::worker::testing {

using Clock = std::chrono::steady_clock;
inline constexpr auto patience = std::chrono::seconds(20);

class FakeServer {
 public:
  explicit FakeServer(std::string socket_path) : path_(std::move(socket_path)) {}

  std::int64_t epoch = 1, horizon = 0, sent_below = 0;
  bool answers = true;        // TryMessage and TryExited
  bool answers_exits = true;  // TryExited
  std::map<std::string, Value> connections;
  std::vector<task::Frame> seen;  // what the worker sent since the start of this server
  Value hello;                    // its WorkerHello

  void start() {
    listener_ = listen_unix(path_);
    seen.clear();
  }
  void stop() {
    connection_.reset();
    listener_.reset();
    reader_ = {};
  }

  // Takes the worker's connection and says hello.
  void accept() {
    ASSERT_TRUE(readable(listener_.get())) << "no worker came";
    connection_ = Fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    reader_ = {};
    auto first = next();
    ASSERT_TRUE(first);
    hello = first->body;
    ASSERT_EQ(hello.get_string("type"), "WorkerHello");
    send(first->id, Object{{"type", "ServerHello"},
                           {"version", "x"},
                           {"epoch", epoch},
                           {"horizon", horizon},
                           {"sent_below", sent_below},
                           {"home", "h"}});
  }

  void send(std::int64_t id, const Value& body) { ASSERT_TRUE(write_all(connection_.get(), task::encode_frame(id, body))); }

  // The first frame, seen or to come, for which `wanted` is true.
  Value wait(const std::function<bool(const Value&)>& wanted, const std::string& what) {
    std::size_t looked = 0;
    const auto end = Clock::now() + patience;
    for (;;) {
      for (; looked < seen.size(); ++looked) {
        if (wanted(seen[looked].body)) return seen[looked].body;
      }
      if (Clock::now() > end || !next()) {
        ADD_FAILURE() << "the worker did not send " << what;
        return {};
      }
    }
  }
  Value wait(const std::string& type, std::int64_t sequence) {
    return wait([&](const Value& body) { return is(body, type, sequence); }, type + " of " + std::to_string(sequence));
  }
  Value wait_message(const std::string& type, std::int64_t sequence) {
    return wait(
        [&](const Value& body) {
          if (!is(body, "TryMessage", sequence)) return false;
          const Value* message = body.get("body");  // a large one comes packed
          return (message == nullptr ? body.get_string("packed_type") : message->get_string("type")) == type;
        },
        type + " of " + std::to_string(sequence));
  }
  [[nodiscard]] std::size_t count(const std::string& type, std::int64_t sequence) const {
    std::size_t n = 0;
    for (const auto& frame : seen) n += is(frame.body, type, sequence) ? 1 : 0;
    return n;
  }
  // Takes and answers what comes until the condition holds, or the worker's end is closed.
  void pump_until(const std::function<bool()>& condition) {
    const auto end = Clock::now() + patience;
    while (!condition() && Clock::now() < end) {
      pollfd ready{connection_.get(), POLLIN, 0};
      if ((!reader_.empty() || ::poll(&ready, 1, 1) == 1) && !next()) return;
    }
  }
  // Answers of the worker to our own request (negative ids).
  Value ask(const Value& body) {
    const std::int64_t id = --last_id_;
    send(id, body);
    const auto end = Clock::now() + patience;
    std::size_t looked = 0;
    while (Clock::now() < end) {
      for (; looked < seen.size(); ++looked) {
        if (seen[looked].id == id) return seen[looked].body;
      }
      if (!next()) break;
    }
    ADD_FAILURE() << "no answer";
    return {};
  }
  std::vector<std::string> ask_tokens(std::vector<std::int64_t> sequences, std::int64_t of_epoch = 1) {
    Array tokens;
    for (const auto s : sequences) tokens.push_back(Array{of_epoch, s});
    std::vector<std::string> states;
    const Value answer = ask(Object{{"type", "AskTokens"}, {"tokens", std::move(tokens)}});
    if (const Value* list = answer.get("states")) {
      for (const Value& state : list->as_array()) states.push_back(state.as_string());
    }
    return states;
  }

  static bool is(const Value& body, const std::string& type, std::int64_t sequence) {
    if (body.get_string("type") != type) return false;
    const Value* token = body.get("token");
    return token != nullptr && token->as_array().at(1).as_int() == sequence;
  }

 private:
  static bool readable(int fd) {
    pollfd ready{fd, POLLIN, 0};
    return ::poll(&ready, 1, static_cast<int>(std::chrono::milliseconds(patience).count())) == 1;
  }
  // The next frame; answered where that is wanted.
  std::optional<task::Frame> next() {
    for (;;) {
      if (auto frame = reader_.next()) {
        seen.push_back(*frame);
        reply(*frame);
        return frame;
      }
      char buffer[65536];
      if (!readable(connection_.get())) return std::nullopt;
      const ssize_t n = ::recv(connection_.get(), buffer, sizeof buffer, 0);
      if (n <= 0) return std::nullopt;
      reader_.feed({buffer, static_cast<std::size_t>(n)});
    }
  }
  void reply(const task::Frame& frame) {
    const std::string type = frame.body.get_string("type");
    if (frame.id <= 0 || !answers) return;
    if (type != "TryMessage" && type != "TryExited" && type != "CallbackMessage") return;
    if (type == "TryExited" && !answers_exits) return;
    Value answer;
    if (const Value* body = frame.body.get("body"); body != nullptr && body->get_string("type") == "GetConnection") {
      answer = connections.at(body->get_string("conn_id"));
    }
    send(frame.id, answer);
  }

  std::string path_;
  Fd listener_, connection_;
  task::FrameReader reader_;
  std::int64_t last_id_ = 0;
};

}  // namespace venturi::worker::testing
