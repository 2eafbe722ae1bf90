// Answers the engine's questions to timetables, weight rules and partition mappers of the user's, from the DAGs' programs.
#pragma once

#include <functional>
#include <string>

#include "server/program_questions.h"
#include "server/scheduler.h"

namespace venturi::server {

// Ids of scheduled runs are made of run_after: a timetable that gives one twice would give a run twice.
[[nodiscard]] Result<void> check_run_ids(store::Reader& reader, const Dag& dag, const schedule::TimetableAnswer& answer);

class UserQuestions {
 public:
  enum class Of : std::uint8_t { timetable, weights, mapper };
  // What is wrong with the DAG's schedule, weights or partition mappers, or nothing any more.
  using OnTrouble = std::function<void(Of of, const Dag& dag, const std::string& what)>;

  UserQuestions(EventLoop& loop, const Config& config, store::Reader& reader, OnTrouble on_trouble)
      : questions_(loop, config), reader_(reader), on_trouble_(std::move(on_trouble)) {}

  // For others than the engine.
  void ask(const std::shared_ptr<const Dag>& dag, const schedule::TimetableQuestion& question, OnTimetable on_answer) {
    questions_.ask(dag, question, std::move(on_answer));
  }
  void answer(Scheduler& scheduler, const engine::AskTimetable& question);
  void answer(Scheduler& scheduler, const engine::AskWeights& question);
  void answer(Scheduler& scheduler, const engine::AskMapper& question);

 private:
  ProgramQuestions questions_;
  store::Reader& reader_;
  OnTrouble on_trouble_;
};

}  // namespace venturi::server
