#include "server/user_questions.h"

#include <utility>

#include "base/log.h"

namespace venturi::server {

Result<void> check_run_ids(store::Reader& reader, const Dag& dag, const schedule::TimetableAnswer& answer) {
  for (const schedule::RunInfo& info : answer.runs) {
    const auto run = reader.run(dag.dag_id, schedule::make_run_id(RunType::scheduled, info.run_after));
    if (!run) return std::unexpected(run.error());
    if (!*run) continue;
    return fail(ErrorKind::invalid,
                "for the data interval from " + format_time(info.interval.start) + " it gives the run_after " +
                    format_time(info.run_after) + ", which run " + (*run)->run_id + " has already",
                "dag " + dag.dag_id + ", " + schedule::user_class_of(dag.timetable) + ".next_dagrun_info",
                "let run_after grow from one run to the next");
  }
  return {};
}

void UserQuestions::answer(Scheduler& scheduler, const engine::AskTimetable& question) {
  questions_.ask(question.dag, question.about, [this, &scheduler, question](Result<schedule::TimetableAnswer> answer) {
    if (answer && question.is_for_schedule) {
      if (auto fine = check_run_ids(reader_, *question.dag, *answer); !fine) answer = std::unexpected(std::move(fine.error()));
    }
    if (question.is_for_schedule) on_trouble_(Of::timetable, *question.dag, answer ? std::string() : answer.error().text());
    if (!answer && !question.is_for_schedule)
      log_warning("what a timetable was asked for a manual run or a backfill failed: " + answer.error().text());
    scheduler.step(engine::TimetableTold{question.question, std::move(answer)});
  });
}

void UserQuestions::answer(Scheduler& scheduler, const engine::AskWeights& question) {
  questions_.ask(question.dag, to_value(question), [this, &scheduler, question](const Result<Value>& answer) {
    auto weights = read_weights(question, answer);
    on_trouble_(Of::weights, *question.dag, weights ? std::string() : weights.error().text());
    scheduler.step(engine::WeightsTold{question.question, std::move(weights)});
  });
}

void UserQuestions::answer(Scheduler& scheduler, const engine::AskMapper& question) {
  questions_.ask(question.dag, to_value(question), [this, &scheduler, question](const Result<Value>& answer) {
    auto told = read_keys(question, answer);
    on_trouble_(Of::mapper, *question.dag, told ? std::string() : told.error().text());
    if (told && told->refusal) log_warning("an event makes no run: " + told->refusal->text());
    scheduler.step(engine::MapperTold{question.question, std::move(told)});
  });
}

}  // namespace venturi::server
