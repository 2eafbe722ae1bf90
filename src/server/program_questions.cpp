#include "server/program_questions.h"

#include <algorithm>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "model/dag_graph.h"
#include "model/partition_key.h"
#include "server/time_value.h"

namespace venturi::server {
namespace {

constexpr std::size_t processes_at_once = 2;
constexpr std::size_t questions_at_once = 64;
constexpr std::uint64_t memory_bytes = 1UL << 30;

}  // namespace

ProgramQuestions::ProgramQuestions(EventLoop& loop, const Config& config)
    : loop_(loop),
      dags_folder_(config.path("core.dags_folder").string()),
      timeout_(std::chrono::duration_cast<std::chrono::milliseconds>(config.seconds("dag_processor.answer_timeout_s"))) {}
ProgramQuestions::~ProgramQuestions() = default;

void ProgramQuestions::ask(std::shared_ptr<const Dag> dag, Object question, OnAnswer on_answer) {
  question.set("dag_id", dag->dag_id);
  waiting_.push_back({std::move(dag), std::move(question), std::move(on_answer)});
  // What else this turn asks goes with it.
  loop_.post([this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) start();
  });
}

void ProgramQuestions::ask(const std::shared_ptr<const Dag>& dag, const schedule::TimetableQuestion& question,
                           OnTimetable on_answer) {
  Value message = schedule::to_value(question);
  const auto answered = [dag, question, on_answer = std::move(on_answer)](const Result<Value>& answer) {
    const std::string name = schedule::user_class_of(dag->timetable);
    auto read = answer ? schedule::read_answer(question, *answer, name) : std::unexpected(answer.error());
    if (!read) {
      std::string& where = read.error().where;
      where = "dag " + dag->dag_id + ", " + (where.empty() ? name : where);
    }
    on_answer(std::move(read));
  };
  ask(dag, std::move(message.as_object()), answered);
}

void ProgramQuestions::start() {
  while (running_.size() < processes_at_once && !waiting_.empty()) {
    Process& process = running_.emplace_back();
    const auto is_of_it = [&, program = waiting_.front().dag->program](const Question& other) {
      return other.dag->program == program && !other.is_alone;
    };
    process.questions.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    if (!process.questions.front().is_alone) {
      for (auto other = waiting_.begin(); other != waiting_.end() && process.questions.size() < questions_at_once;) {
        if (!is_of_it(*other)) {
          ++other;
          continue;
        }
        process.questions.push_back(std::move(*other));
        other = waiting_.erase(other);
      }
    }
    const Dag& dag = *process.questions.front().dag;
    lanes::DescribeRequest request{.program = dag.program,
                                   .file = dag.fileloc,
                                   .bundle_path = dags_folder_,
                                   .bundle_name = dag.bundle,
                                   .timeout = timeout_,
                                   .memory_bytes = memory_bytes};
    for (const Question& question : process.questions) request.questions.emplace_back(question.question);
    const auto at = std::prev(running_.end());
    try {
      process.description =
          std::make_unique<lanes::Description>(loop_, request, [this, at](const Result<Value>& result) { ended(at, result); });
    } catch (const std::system_error& e) {  // no descriptors left
      std::list<Process> over;
      over.splice(over.begin(), running_, at);
      for (const Question& question : over.front().questions)
        question.on_answer(fail(ErrorKind::unavailable, std::string("the program cannot be started: ") + e.what()));
    }
  }
}

void ProgramQuestions::ended(std::list<Process>::iterator process, const Result<Value>& result) {
  std::list<Process> over;
  over.splice(over.begin(), running_, process);
  std::vector<Question>& questions = over.front().questions;
  const Value* answers = result ? result->get("answers") : nullptr;
  const bool has_all = answers != nullptr && answers->is_array() && answers->as_array().size() == questions.size();
  if (has_all) {
    for (std::size_t i = 0; i < questions.size(); ++i) questions[i].on_answer(answers->as_array()[i]);
  } else if (questions.size() > 1) {
    for (Question& question : questions) {
      question.is_alone = true;
      waiting_.push_back(std::move(question));
    }
  } else {
    questions.front().on_answer(result ? fail(ErrorKind::invalid, "the program's answer cannot be read")
                                       : Result<Value>(std::unexpected(result.error())));
  }
  start();
}

Object to_value(const engine::AskWeights& question) {
  const DagRun& run = question.run;
  Array task_instances;
  for (const TaskInstance& ti : question.task_instances) {
    task_instances.emplace_back(Object{
        {"task_id", ti.task_id}, {"map_index", ti.map_index}, {"try_number", ti.try_number}, {"max_tries", ti.max_tries}});
  }
  return {{"about", "get_weight"},
          {"run", Object{{"run_id", run.run_id},
                         {"run_type", std::string(to_string(run.run_type))},
                         {"logical_date", time_value(run.logical_date)},
                         {"run_after", format_time(run.run_after)},
                         {"conf", run.conf}}},
          {"task_instances", std::move(task_instances)}};
}

Result<std::vector<std::int32_t>> read_weights(const engine::AskWeights& question, const Result<Value>& answer) {
  const Dag& dag = *question.dag;
  std::set<std::string> classes;
  for (const TaskInstance& ti : question.task_instances) {
    if (const auto task = dag.find_task(ti.task_id)) classes.insert(dag.tasks[*task].weight_class);
  }
  std::string where = "dag " + dag.dag_id;
  for (const std::string& name : classes) where += ", " + name + ".get_weight";
  if (!answer) {
    Error error = answer.error();
    error.where = where;
    return std::unexpected(std::move(error));
  }
  if (const std::string error = answer->get_string("error"); !error.empty()) return fail(ErrorKind::invalid, error, where);
  std::vector<std::int32_t> weights;
  const Value* told = answer->get("weights");
  if (told != nullptr && told->is_array()) {
    for (const Value& weight : told->as_array()) {
      if (weight.is_int()) weights.push_back(clip_weight(weight.as_int()));
    }
  }
  if (weights.size() == question.task_instances.size()) return weights;
  return fail(ErrorKind::invalid, "the program's answer cannot be read", where,
              "build the DAG program with the SDK of this Venturi");
}

Object to_value(const engine::AskMapper& question) {
  return {{"about", "to_downstream"}, {"mapper", question.about.mapper}, {"key", question.about.key}};
}

Result<schedule::OwnMapperAnswers::Answer> read_keys(const engine::AskMapper& question, const Result<Value>& answer) {
  const std::string where = "dag " + question.dag->dag_id + ", " + question.about.class_name + ".to_downstream";
  const std::string of_key = " (of the partition key '" + question.about.key + "')";
  if (!answer) {
    Error error = answer.error();
    error.where = where;
    return std::unexpected(std::move(error));
  }
  schedule::OwnMapperAnswers::Answer told;
  if (const std::string error = answer->get_string("error"); !error.empty()) {
    if (!answer->get_bool("thrown")) return fail(ErrorKind::invalid, error, where);
    told.refusal = Error{ErrorKind::invalid, error + of_key, where, ""};
    return told;
  }
  const Value keys = answer->get_value("keys"), dates = answer->get_value("dates");
  if (!keys.is_array() || !dates.is_array())
    return fail(ErrorKind::invalid, "the program's answer cannot be read", where,
                "build the DAG program with the SDK of this Venturi");
  for (const Value& key : keys.as_array()) {
    told.keys.push_back(key.is_string() ? key.as_string() : "");
    if (auto trouble = partition_key_trouble(told.keys.back())) {
      told = {};
      told.refusal =
          Error{ErrorKind::invalid, "it gives a key that is none" + of_key + ": " + trouble->what, where, trouble->hint};
      return told;
    }
  }
  for (const Value& date : dates.as_array())
    told.dates.push_back(date.is_string() ? parse_time(date.as_string()) : std::nullopt);
  return told;
}

Result<std::vector<std::int32_t>> ask_weights(const Config& config, const engine::AskWeights& question) {
  EventLoop loop;
  ProgramQuestions questions(loop, config);
  std::optional<Result<std::vector<std::int32_t>>> told;
  questions.ask(question.dag, to_value(question), [&](const Result<Value>& answer) {
    told = read_weights(question, answer);
    loop.stop();
  });
  loop.run();
  return std::move(*told);
}

Result<schedule::OwnMapperAnswers::Answer> ask_mapper(const Config& config, const engine::AskMapper& question) {
  EventLoop loop;
  ProgramQuestions questions(loop, config);
  std::optional<Result<schedule::OwnMapperAnswers::Answer>> told;
  questions.ask(question.dag, to_value(question), [&](const Result<Value>& answer) {
    told = read_keys(question, answer);
    loop.stop();
  });
  loop.run();
  return std::move(*told);
}

Result<schedule::TimetableAnswer> ask_timetable(const Config& config, const std::shared_ptr<const Dag>& dag,
                                                const schedule::TimetableQuestion& question) {
  EventLoop loop;
  ProgramQuestions questions(loop, config);
  std::optional<Result<schedule::TimetableAnswer>> told;
  questions.ask(dag, question, [&](Result<schedule::TimetableAnswer> answer) {
    told = std::move(answer);
    loop.stop();
  });
  loop.run();
  return std::move(*told);
}

}  // namespace venturi::server
