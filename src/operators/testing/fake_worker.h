// The worker's side of an operator host's socket, driven by a test: it starts operators, answers what they ask from tables, and
// keeps everything that was said.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "base/fd.h"
#include "task/frame.h"

namespace venturi::operators::testing {

using Clock = std::chrono::steady_clock;
inline constexpr auto patience = std::chrono::seconds(20);

// A fresh folder, removed at the end.
class Folder {
 public:
  Folder() {
    path_ = ::testing::TempDir() + "operators_XXXXXX";
    if (::mkdtemp(path_.data()) == nullptr) ADD_FAILURE() << "no folder " << path_;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline Value startup_details(const std::string& task_id, bool should_retry) {
  return Object{{"type", "StartupDetails"},
                {"ti", Object{{"id", "0199-ti"},
                              {"task_id", task_id},
                              {"dag_id", "d"},
                              {"run_id", "manual__1"},
                              {"try_number", 2},
                              {"dag_version_id", "v"},
                              {"map_index", -1},
                              {"queue", "default"}}},
                {"ti_context", Object{{"should_retry", should_retry},
                                      {"max_tries", 3},
                                      {"dag_run", Object{{"logical_date", "2026-01-02T03:04:05Z"}, {"run_id", "manual__1"}}}}}};
}

class FakeWorker {
 public:
  FakeWorker() {
    auto [mine, theirs] = make_socket_pair();
    mine_ = std::move(mine);
    theirs_ = std::move(theirs);
  }

  std::map<std::string, Value> connections, variables;  // answers' bodies by id
  std::map<std::string, Value> xcoms;                   // values by "task_id.key"
  std::string reschedule_start;                         // of GetTaskRescheduleStartDate
  std::map<std::string, Value> replies;                 // answers' bodies of further questions, by type
  std::string refuses;                                  // a message type that is answered with an error
  bool answers = true;
  Folder folder;
  std::vector<task::Frame> seen;

  Fd host_end() { return std::move(theirs_); }
  void hang_up() { mine_.reset(); }

  void send(std::int64_t id, const Value& body, std::vector<int> fds = {}) {
    if (fds.empty())
      ASSERT_TRUE(write_all(mine_.get(), task::encode_frame(id, body)));
    else
      ASSERT_TRUE(send_with_fds(mine_.get(), task::encode_frame(id, body), fds));
  }

  struct Options {
    bool should_retry = false;
    double execution_timeout = 0;
    Array xcoms_to_clear{};
    int reschedules = 0;
    int try_number = 2;
    std::vector<std::string> secrets{"pass-the-word"};
  };
  static Value start_message(std::int64_t sequence, Object op, const Options& options, const std::string& run_dir) {
    Value details = startup_details("task" + std::to_string(sequence), options.should_retry);
    details.as_object().find("ti_context")->as_object().set("xcom_keys_to_clear", options.xcoms_to_clear);
    details.as_object().find("ti_context")->as_object().set("task_reschedule_count", options.reschedules);
    details.as_object().find("ti")->as_object().set("try_number", options.try_number);
    Array secrets(options.secrets.begin(), options.secrets.end());
    return Object{{"type", "StartOperator"},
                  {"token", Array{1, sequence}},
                  {"details", std::move(details)},
                  {"operator", std::move(op)},
                  {"log_path", run_dir + "/logs/" + std::to_string(sequence) + ".log"},
                  {"run_dir", run_dir},
                  {"secrets", std::move(secrets)},
                  {"execution_timeout", options.execution_timeout == 0 ? Value() : Value(options.execution_timeout)}};
  }
  void start(std::int64_t sequence, Object op, const Options& options) {
    send(-sequence, start_message(sequence, std::move(op), options, folder.path()));
  }
  void start(std::int64_t sequence, Object op) { start(sequence, std::move(op), Options{}); }
  // With a stdout and a stderr.
  void start_command(std::int64_t sequence, Object op, const Options& options) {
    Output& output = outputs_[sequence];
    auto [out, their_out] = make_socket_pair();
    auto [err, their_err] = make_socket_pair();
    output.out = std::move(out);
    output.err = std::move(err);
    send(-sequence, start_message(sequence, std::move(op), options, folder.path()), {their_out.get(), their_err.get()});
  }
  void start_command(std::int64_t sequence, Object op) { start_command(sequence, std::move(op), Options{}); }
  void cancel(std::int64_t sequence, const std::string& reason = "killed") {
    send(0, Object{{"type", "CancelOperator"}, {"token", Array{1, sequence}}, {"reason", reason}});
  }

  // The first frame, seen or to come, for which `wanted` is true.
  task::Frame wait(const std::function<bool(const task::Frame&)>& wanted, const std::string& what) {
    const auto end = Clock::now() + patience;
    for (std::size_t looked = 0;;) {
      for (; looked < seen.size(); ++looked) {
        if (wanted(seen[looked])) return seen[looked];
      }
      if (Clock::now() > end || !receive()) {
        ADD_FAILURE() << "the host did not send " << what;
        return {};
      }
    }
  }
  Value wait_type(const std::string& type) {
    return wait([&](const task::Frame& f) { return f.body.get_string("type") == type; }, type).body;
  }
  task::Frame answer(std::int64_t id) {
    return wait([&](const task::Frame& f) { return f.id == id; }, "an answer to " + std::to_string(id));
  }
  // OperatorExited.exit of a try.
  Value exit(std::int64_t sequence) {
    const Value body = wait([&](const task::Frame& f) { return is_of(f, "OperatorExited", sequence); },
                            "the exit of " + std::to_string(sequence))
                           .body;
    return body.get("exit") == nullptr ? Value() : body.at("exit");
  }
  // The messages of a try that were seen, in order, by type.
  std::vector<std::string> types(std::int64_t sequence) {
    std::vector<std::string> list;
    for (const task::Frame& f : seen) {
      if (is_of(f, "OperatorMessage", sequence)) list.push_back(f.body.at("body").get_string("type"));
    }
    return list;
  }
  Value message(std::int64_t sequence, const std::string& type) {
    const task::Frame frame = wait(
        [&](const task::Frame& f) {
          return is_of(f, "OperatorMessage", sequence) && f.body.at("body").get_string("type") == type;
        },
        type + " of " + std::to_string(sequence));
    return frame.body.get("body") == nullptr ? Value() : frame.body.at("body");
  }
  std::string log(std::int64_t sequence) { return read_file(folder / ("logs/" + std::to_string(sequence) + ".log")); }
  std::string out(std::int64_t sequence) { return drain(outputs_[sequence].out, outputs_[sequence].out_text); }
  std::string err(std::int64_t sequence) { return drain(outputs_[sequence].err, outputs_[sequence].err_text); }
  // Reads everything that the host says until `done`, as fast as it comes.
  void read_until(const std::function<bool()>& done) {
    while (!done()) {
      if (!receive()) {
        ADD_FAILURE() << "the host said nothing more";
        return;
      }
    }
  }

 private:
  struct Output {
    Fd out, err;
    std::string out_text, err_text;
  };

  static bool is_of(const task::Frame& f, const std::string& type, std::int64_t sequence) {
    if (f.body.get_string("type") != type) return false;
    const Value* token = f.body.get("token");
    return token != nullptr && token->as_array().at(1).as_int() == sequence;
  }
  static std::string drain(const Fd& fd, std::string& text) {
    char bytes[65536];
    for (ssize_t n = 0; (n = ::recv(fd.get(), bytes, sizeof bytes, MSG_DONTWAIT)) > 0;)
      text.append(bytes, static_cast<std::size_t>(n));
    return text;
  }

  bool receive() {
    pollfd ready{mine_.get(), POLLIN, 0};
    if (::poll(&ready, 1, static_cast<int>(std::chrono::milliseconds(patience).count())) != 1) return false;
    std::vector<Fd> none;
    if (receive_with_fds(mine_.get(), reader_.buffer(), none) <= 0) return false;
    while (auto frame = reader_.next()) {
      seen.push_back(*frame);
      if (frame->id > 0 && answers) reply(*frame);
    }
    if (!out_.empty()) {
      EXPECT_TRUE(write_all(mine_.get(), out_));
      out_.clear();
    }
    return true;
  }
  void reply(const task::Frame& frame) {
    const std::string envelope = frame.body.get_string("type");
    if (envelope == "GetOutputTail") {
      std::string text = out(frame.body.at("token").as_array().at(1).as_int());
      if (text.ends_with('\n')) text.pop_back();
      const auto feed = text.rfind('\n');
      return task::append_frame(
          out_, frame.id, Object{{"type", "OutputTail"}, {"line", feed == std::string::npos ? text : text.substr(feed + 1)}});
    }
    const Value& body = frame.body.at("body");
    const std::string type = body.get_string("type");
    if (type == refuses) {
      return task::append_frame(
          out_, frame.id, {},
          Object{{"type", "ErrorResponse"}, {"error", "API_SERVER_ERROR"}, {"detail", Object{{"message", "no room"}}}});
    }
    Value answered;
    if (const auto reply = replies.find(type); reply != replies.end()) answered = reply->second;
    if (type == "GetConnection") answered = found(connections, body.get_string("conn_id"), "CONNECTION_NOT_FOUND");
    if (type == "GetVariable") answered = found(variables, body.get_string("key"), "VARIABLE_NOT_FOUND");
    if (type == "GetTaskRescheduleStartDate")
      answered = Object{{"type", "TaskRescheduleStartDate"}, {"start_date", reschedule_start}};
    if (type == "GetXCom") {
      const auto value = xcoms.find(body.get_string("task_id") + "." + body.get_string("key"));
      answered =
          Object{{"type", "XComResult"}, {"key", body.at("key")}, {"value", value == xcoms.end() ? Value() : value->second}};
    }
    if (type == "GetXComSequenceSlice") {
      const auto value = xcoms.find(body.get_string("task_id") + "." + body.get_string("key"));
      answered = Object{{"type", "XComSequenceSliceResult"}, {"root", value == xcoms.end() ? Array{} : Array{value->second}}};
    }
    task::append_frame(out_, frame.id, answered);
  }
  static Value found(const std::map<std::string, Value>& table, const std::string& key, const char* otherwise) {
    const auto entry = table.find(key);
    if (entry != table.end()) return entry->second;
    return Object{{"type", "ErrorResponse"}, {"error", otherwise}, {"detail", nullptr}};
  }

  Fd mine_, theirs_;
  task::FrameReader reader_;
  std::string out_;
  std::map<std::int64_t, Output> outputs_;
};

}  // namespace venturi::operators::testing
