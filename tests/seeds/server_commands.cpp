// Commands of users, files of the DAGs folder, and the engine's questions to the store.
#include <algorithm>
#include <utility>

#include "schedule/timetable.h"
#include "seeds/server.h"
#include "seeds/world.h"
#include "server/change_run.h"
#include "server/find_dates.h"
#include "server/look_back.h"
#include "server/user_questions.h"

namespace venturi::seeds {

using namespace std::chrono_literals;

namespace {

constexpr std::int64_t rows_in_a_page = 5;

}  // namespace

void Server::command(const engine::Event& event) {
  if (const auto* seen = std::get_if<engine::DagSeen>(&event)) world_.tell(&Invariant::dag_touched, seen->dag->dag_id);
  if (const auto* gone = std::get_if<engine::DagGone>(&event)) world_.tell(&Invariant::dag_touched, gone->dag_id);
  if (const auto* paused = std::get_if<engine::SetPaused>(&event)) world_.tell(&Invariant::dag_touched, paused->dag_id);
  if (const auto* cleared = std::get_if<engine::ClearAssetQueue>(&event))
    world_.tell(&Invariant::queue_cleared, cleared->dag_id);
  step(event);
}

bool Server::is_in_flight(std::string_view dag_id, std::string_view run_id) const {
  if (engine().has_run(dag_id, run_id) && !engine().is_active(dag_id, run_id)) return true;
  return committing_ && std::ranges::any_of(committing_->batch.runs,
                                            [&](const DagRun& run) { return run.dag_id == dag_id && run.run_id == run_id; });
}

bool Server::is_in_flight(const engine::FindDates& question) const {
  return committing_ && std::ranges::any_of(committing_->batch.runs, [&](const DagRun& run) {
           return run.dag_id == question.dag_id && std::ranges::any_of(question.dates, [&](const auto& date) {
                    return run.logical_date == date.logical_date || run.run_id == date.run_id;
                  });
         });
}

template <class Event>
void Server::change(Event event) {
  const bool is_active = engine().is_active(event.dag_id, event.run_id);
  if (engine().is_changing(event.dag_id, event.run_id) || (!is_active && is_in_flight(event.dag_id, event.run_id))) {
    return world_.time.after(world_.random.up_to(5ms), life_,
                             [this, event = std::move(event)]() mutable { change(std::move(event)); });
  }
  std::optional<std::pair<RunNo, TaskInstanceNo>> rest;
  if (!is_active) {
    auto ended = server::ended_run(engine(), *reader_, event.dag_id, event.run_id, rows_in_a_page);
    if (!ended) return world_.story.tell("refused: {}", ended.error().text());
    if (*ended && !(*ended)->is_whole) rest = {(*ended)->row.no, (*ended)->task_instances.back().no};
    event.ended = std::move(*ended);
  }
  step(event);
  if (rest) read_on(rest->first, rest->second);
}

// As change_run.cpp does it, with pages that are small, and other work between them.
void Server::read_on(RunNo run, TaskInstanceNo last) {
  world_.time.after(world_.random.up_to(5ms), life_, [this, run, last] {
    const engine::MoreRows more = server::more_rows(*reader_, run, last, rows_in_a_page);
    step(more);
    if (!more.are_last && !more.trouble) read_on(run, more.task_instances.back().no);
  });
}
template void Server::change(engine::ClearTasks);
template void Server::change(engine::MarkTasks);
template void Server::change(engine::MarkRun);

void Server::trigger_run(engine::TriggerRun event) {
  if (event.run_after && !event.run_id) event.run_id = schedule::make_run_id(RunType::manual, *event.run_after);
  if (event.run_id) {
    const auto stored = reader_->run(event.dag_id, *event.run_id);
    if (!stored || *stored || is_in_flight(event.dag_id, *event.run_id)) return world_.story.tell("refused: the run is there");
  }
  if (event.logical_date) {
    const auto same = reader_->runs(
        {.dag_id = event.dag_id, .limit = 1, .logical_date_from = event.logical_date, .logical_date_to = event.logical_date});
    if (!same || !same->empty()) return world_.story.tell("refused: a run has this logical date");
  }
  step(event);
}

// The engine takes an answer once: it may come twice.
void Server::answer(const engine::LookBack& question) {
  auto found = server::look_back(*reader_, question);
  if (!found) return world_.story.tell("no answer: {}", found.error().text());
  world_.story.tell("the engine learns of the run before run {}", question.run);
  step(*found);
  if (world_.random.one_in(4)) step(*found);
}

void Server::answer(const engine::FindRuntimes& question) {
  auto found = server::find_runtimes(*reader_, question);
  if (!found) return world_.story.tell("no answer: {}", found.error().text());
  step(*found);
  if (world_.random.one_in(4)) step(*found);
}

void Server::answer(const engine::FindOutcomes& question) {
  auto found = server::find_outcomes(*reader_, question);
  if (!found) return world_.story.tell("no answer: {}", found.error().text());
  step(*found);
  if (world_.random.one_in(4)) step(*found);
}

void Server::answer(const engine::FindDates& question) {
  if (is_in_flight(question)) return when_durable([this, question] { answer(question); });
  auto found = server::find_dates(engine(), *reader_, question);
  if (!found) return world_.story.tell("no answer: {}", found.error().text());
  world_.story.tell("the engine learns which dates of backfill {} have runs", question.backfill_id);
  step(*found);
  if (world_.random.one_in(4)) step(*found);
}

namespace {

// Data intervals of so many minutes, without gaps, as a class of a program would give them.
schedule::TimetableAnswer ask_by_chance(const schedule::TimetableQuestion& question, Duration length) {
  if (question.about == schedule::TimetableQuestion::About::manual_interval)
    return {.interval = {question.run_after - length, question.run_after}};
  schedule::TimetableAnswer told;
  auto last = question.last;
  while (std::ssize(told.runs) < question.most) {
    Time start = last ? last->end : question.restriction.earliest.value_or(question.now);
    if (!question.restriction.catchup) start = std::max(start, question.now - length);
    told.is_all = question.restriction.latest && start > *question.restriction.latest;
    if (told.is_all) break;
    last = {start, start + length};
    told.runs.push_back({start, *last, last->end});
    if (question.until && last->end > *question.until) break;
  }
  return told;
}

}  // namespace

void Server::answer(const engine::AskTimetable& question) {
  const std::string name = schedule::user_class_of(question.dag->timetable);
  Value type = question.dag->timetable;
  if (const Value beside_assets = type.get_value("__var").get_value("timetable"); beside_assets.is_object())
    type = beside_assets;
  engine::TimetableTold told{question.question,
                             ask_by_chance(question.about, std::chrono::minutes(type.get_value("__var").get_int("minutes")))};
  if (world_.random.one_in(10)) {
    told.answer = fail(ErrorKind::invalid, "std::runtime_error: by chance", name);
  } else if (question.is_for_schedule) {
    if (auto fine = server::check_run_ids(*reader_, *question.dag, *told.answer); !fine)
      told.answer = std::unexpected(std::move(fine.error()));
  }
  world_.story.tell("the program of {} answers question {}: {}", question.dag->dag_id, question.question,
                    told.answer ? "fine" : told.answer.error().what);
  step(told);
  if (world_.random.one_in(4)) step(told);
}

void Server::answer(const engine::AskWeights& question) {
  engine::WeightsTold told{question.question, std::vector<std::int32_t>()};
  for (std::size_t i = 0; i < question.task_instances.size(); ++i) told.weights->push_back(world_.random.between(-3, 3));
  if (world_.random.one_in(10)) told.weights = fail(ErrorKind::invalid, "std::runtime_error: by chance");
  world_.story.tell("the program of {} tells {} weights of run {}: {}", question.dag->dag_id, question.task_instances.size(),
                    question.run.no, told.weights ? "fine" : told.weights.error().what);
  step(told);
  if (world_.random.one_in(4)) step(told);
}

}  // namespace venturi::seeds
