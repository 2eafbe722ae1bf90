// The other end of a light process, for tests: starts tries in a LightProcess of this program, answers their requests and keeps
// what each of them sent and logged.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "sdk/json_read.h"
#include "sdk/light.h"
#include "sdk/testing/try_of.h"

namespace venturi::inline sdk::internal {

class LightSupervisor {
 public:
  using Answers = std::function<Answer(const Value& request)>;

  explicit LightSupervisor(const DagBag& dags, int threads = 4, Answers answers = {}) : answers_(std::move(answers)) {
    auto [mine, theirs] = make_socket_pair();
    socket_ = std::move(mine);
    process_ = std::make_unique<LightProcess>(dags, std::move(theirs), threads);
    runner_ = std::thread([this] { process_->run(); });
    reader_ = std::thread([this] { read(); });
  }
  ~LightSupervisor() {
    ::shutdown(socket_.get(), SHUT_RDWR);
    runner_.join();
    process_.reset();
    reader_.join();
  }
  LightSupervisor(const LightSupervisor&) = delete;
  LightSupervisor& operator=(const LightSupervisor&) = delete;

  void start(std::int64_t sequence, std::string_view dag_id, std::string_view task_id, const TryOptions& options = {}) {
    auto [read_end, write_end] = make_socket_pair();
    const int fd = write_end.get();
    const Object message{
        {"type", "StartLight"}, {"token", Array{1, sequence}}, {"details", startup_details(dag_id, task_id, options)}};
    {
      const std::lock_guard lock(mutex_);
      logs_[sequence] = std::move(read_end);
    }
    const std::lock_guard lock(writing_);
    (void)send_with_fds(socket_.get(), task::encode_frame(0, message), std::span(&fd, 1));
  }
  void cancel(std::int64_t sequence, const std::string& reason) {
    send(0, Object{{"type", "CancelLight"}, {"token", Array{1, sequence}}, {"reason", reason}}, {});
  }

  // What the try's LightExited says, once it has come.
  Value exit(std::int64_t sequence) {
    return wait([this, sequence] { return find("LightExited", sequence).get_value("exit"); });
  }
  bool has_started(std::int64_t sequence) {
    const std::lock_guard lock(mutex_);
    return !find("LightStarted", sequence).is_null();
  }
  void wait_for_start(std::int64_t sequence) {
    (void)wait([this, sequence] { return find("LightStarted", sequence); });
  }
  // The first request of a type; waits for it.
  Value request(std::int64_t sequence, const std::string& type) {
    return wait([this, sequence, type] { return find_request(sequence, type); });
  }
  std::vector<std::string> types(std::int64_t sequence) {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> types;
    for (const Value& body : seen_) {
      if (!is_of(body, sequence)) continue;
      types.push_back(body.get_string("type") == "LightMessage" ? body.at("body").get_string("type") : body.get_string("type"));
    }
    return types;
  }
  // The lines of its log, up to the end of the log.
  std::vector<Value> log(std::int64_t sequence) {
    Fd socket;
    {
      const std::lock_guard lock(mutex_);
      socket = std::move(logs_[sequence]);
    }
    std::string text;
    std::vector<Fd> none;
    while (receive_with_fds(socket.get(), text, none) > 0) {}
    std::vector<Value> lines;
    for (std::size_t start = 0; start < text.size();) {
      const std::size_t end = text.find('\n', start);
      lines.push_back(read_json(text.substr(start, end - start), "log line"));
      start = end + 1;
    }
    return lines;
  }

 private:
  static bool is_of(const Value& body, std::int64_t sequence) {
    const Value* token = body.get("token");
    return token != nullptr && token->as_array().at(1).as_int() == sequence;
  }
  Value find(const std::string& type, std::int64_t sequence) {
    for (const Value& body : seen_) {
      if (body.get_string("type") == type && is_of(body, sequence)) return body;
    }
    return {};
  }
  Value find_request(std::int64_t sequence, const std::string& type) {
    for (const Value& body : seen_) {
      if (body.get_string("type") == "LightMessage" && is_of(body, sequence) && body.at("body").get_string("type") == type)
        return body.at("body");
    }
    return {};
  }
  Value wait(const std::function<Value()>& look) {
    std::unique_lock lock(mutex_);
    Value found;
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return !(found = look()).is_null(); });
    return found;
  }
  void send(std::int64_t id, const Value& body, const Value& error) {
    const std::lock_guard lock(writing_);
    task::write_frame(socket_.get(), id, body, error);
  }
  void read() {
    task::FrameReader reader;
    std::vector<Fd> none;
    while (receive_with_fds(socket_.get(), reader.buffer(), none) > 0) {
      while (const auto frame = reader.next()) {
        {
          const std::lock_guard lock(mutex_);
          seen_.push_back(frame->body);
        }
        changed_.notify_all();
        if (frame->id == 0) continue;
        const Answer answer = answers_ ? answers_(frame->body.at("body")) : Answer{};
        if (answer.body.get_string("type") != "none") send(frame->id, answer.body, answer.error);
      }
    }
  }

  Answers answers_;
  Fd socket_;
  std::unique_ptr<LightProcess> process_;
  std::mutex mutex_, writing_;
  std::condition_variable changed_;
  std::vector<Value> seen_;
  std::map<std::int64_t, Fd> logs_;
  std::thread runner_, reader_;
};

}  // namespace venturi::inline sdk::internal
