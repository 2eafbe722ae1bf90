// Asks a compiled DAG program for its DAGs, as Airflow's DAG processor asks a parsing process: DagFileParseRequest on fd 0,
// DagFileParsingResult back (docs/architecture/task-host.md). The program gets a clean environment and limits; its folder is
// the bundle. What it prints is only for messages. In the same way it is asked what only its own classes can answer:
// AnswerQuestions, and QuestionsResult back.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/event_loop.h"
#include "base/result.h"
#include "lanes/child_process.h"
#include "task/frame.h"

namespace venturi::lanes {

struct DescribeRequest {
  std::string program;      // that is executed
  std::string file;         // that users know, absolute
  std::string bundle_path;  // the DAGs folder
  std::string bundle_name;
  std::chrono::milliseconds timeout{std::chrono::seconds(50)};
  std::uint64_t memory_bytes = 0;
  Array questions = {};  // where there are some, they are asked in place of its DAGs
};

class Description {
 public:
  // The DagFileParsingResult or QuestionsResult, or an error whose `what` tells users what the program did instead.
  using OnDescribed = std::function<void(Result<Value>)>;

  // `described` is called once, from the loop, when the program has ended; it may destroy this object.
  Description(EventLoop& loop, const DescribeRequest& request, OnDescribed described);
  ~Description();
  Description(const Description&) = delete;
  Description& operator=(const Description&) = delete;

 private:
  void on_readable();
  // True when there may be more to read at once.
  bool receive();
  void on_frame(const task::Frame& frame);
  void answer(std::int64_t id, const Value& body);
  void write_out();
  void hand_over_log(std::int64_t id);
  void on_end(const ChildEnd& end);
  [[nodiscard]] Result<Value> outcome(const ChildEnd& end);
  [[nodiscard]] std::string subject() const;  // "its DAGs"

  EventLoop& loop_;
  OnDescribed described_;
  std::chrono::milliseconds timeout_;
  bool asks_for_dags_;
  Fd socket_;
  task::FrameReader reader_;
  std::unique_ptr<ChildProcess> child_;
  std::optional<EventLoop::TimerId> grace_timer_;
  bool has_result_ = false, watched_ = false;
  Value result_;
  std::string out_;  // told, and not written yet
  bool is_told_ = false;
  std::optional<std::int64_t> wants_log_;  // the request's id, once all is written
  std::string rubbish_;                    // why what it sent is none
};

}  // namespace venturi::lanes
