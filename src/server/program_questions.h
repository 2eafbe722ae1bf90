// Asks DAG programs what only classes of their own can answer, in processes beside the server, a few at a time. All that is
// asked of one program while it waits goes into one process; where that fails, each question is asked alone, so that one that
// hangs or crashes takes no other with it.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/event_loop.h"
#include "base/result.h"
#include "engine/engine.h"
#include "home/config.h"
#include "lanes/cpp/describe.h"
#include "model/dag.h"
#include "schedule/timetable_question.h"

namespace venturi::server {

using OnTimetable = std::function<void(Result<schedule::TimetableAnswer>)>;
// What a timetable of the user's says; OnTimetable is called once, from the loop.
using AskTimetable = std::function<void(const std::shared_ptr<const Dag>& dag, const schedule::TimetableQuestion& question,
                                        OnTimetable on_answer)>;

class ProgramQuestions {
 public:
  // What the program answered, or what it did instead; called once, from the loop.
  using OnAnswer = std::function<void(const Result<Value>&)>;

  ProgramQuestions(EventLoop& loop, const Config& config);
  ~ProgramQuestions();
  ProgramQuestions(const ProgramQuestions&) = delete;
  ProgramQuestions& operator=(const ProgramQuestions&) = delete;

  // `question` is an object; the DAG's id is added.
  void ask(std::shared_ptr<const Dag> dag, Object question, OnAnswer on_answer);
  // The DAG's timetable, of the user's. The error says which DAG and class.
  void ask(const std::shared_ptr<const Dag>& dag, const schedule::TimetableQuestion& question, OnTimetable on_answer);

 private:
  struct Question {
    std::shared_ptr<const Dag> dag;
    Object question;
    OnAnswer on_answer;
    bool is_alone = false;
  };
  struct Process {
    std::vector<Question> questions;
    std::unique_ptr<lanes::Description> description;
  };

  void start();
  void ended(std::list<Process>::iterator process, const Result<Value>& result);

  EventLoop& loop_;
  std::string dags_folder_;
  std::chrono::milliseconds timeout_;
  std::deque<Question> waiting_;
  std::list<Process> running_;
  std::shared_ptr<ProgramQuestions*> alive_ = std::make_shared<ProgramQuestions*>(this);
};

// The question for weights as a message, and the answer. The error says which DAG and which classes.
[[nodiscard]] Object to_value(const engine::AskWeights& question);
[[nodiscard]] Result<std::vector<std::int32_t>> read_weights(const engine::AskWeights& question, const Result<Value>& answer);

// The same of what a partition mapper makes of a key. What it threw is its answer; an error is that there is none.
[[nodiscard]] Object to_value(const engine::AskMapper& question);
[[nodiscard]] Result<schedule::OwnMapperAnswers::Answer> read_keys(const engine::AskMapper& question,
                                                                   const Result<Value>& answer);

// The same for commands, which wait for the answer.
[[nodiscard]] Result<schedule::TimetableAnswer> ask_timetable(const Config& config, const std::shared_ptr<const Dag>& dag,
                                                              const schedule::TimetableQuestion& question);
[[nodiscard]] Result<std::vector<std::int32_t>> ask_weights(const Config& config, const engine::AskWeights& question);
[[nodiscard]] Result<schedule::OwnMapperAnswers::Answer> ask_mapper(const Config& config, const engine::AskMapper& question);

}  // namespace venturi::server
