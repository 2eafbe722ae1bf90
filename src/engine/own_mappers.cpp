// Partition mappers that are classes of the user's. What they make of the key of an event the DAG's program is asked; until
// then the event waits, and nothing else does. That it waits is in its row, so that a start asks anew:
//
//   event with a key ─▶ a row without a key ─AskMapper─▶ MapperTold ─▶ the row goes, and it is collected (partitions.cpp)
//                             ▲                              └─hangs, crashed──▶ a delay ──┐
//                             └────────────────────────────────────────────────────────────┘
//
// Where a mapper of several (ChainMapper, ProductMapper) wants to know more, it is mapped again with what is known by then.
#include <algorithm>
#include <utility>

#include "engine/engine_state.h"
#include "schedule/partition_mapper.h"
#include "schedule/timetable.h"

namespace venturi::engine {

void Engine::State::wait_for_mapper(DagMachine& m, const AssetEvent& event) {
  const std::int64_t no = next_partitioned_run++;
  UnmappedEvent& waiting = m.unmapped[no];
  waiting.row = {no, m.row.dag_id, "", {}, m.timetable->partition_mappers()->definition(), event.at};
  waiting.event = {no, event.no, event.asset, *event.partition_key};
  changed_partition(waiting.row);
  changes.partitioned_events.push_back(waiting.event);
  map_event(m, no, event.at);
}

void Engine::State::drop_unmapped(DagMachine& m, std::int64_t no) {
  const auto waiting = m.unmapped.find(no);
  waiting->second.row.run = -1;
  changed_partition(waiting->second.row);
  m.unmapped.erase(waiting);
}

void Engine::State::map_event(DagMachine& m, std::int64_t no, Time now) {
  if (m.is_gone || !m.dag || !m.timetable || m.timetable->partition_mappers() == nullptr) return;  // it may come back
  UnmappedEvent& waiting = m.unmapped.at(no);
  const AssetKey& asset = assets_by_number.at(waiting.event.asset)->row.key;
  const schedule::PartitionMapper& mapper = m.timetable->partition_mappers()->of(asset.name, asset.uri);
  waiting.answers.wanted.clear();
  const auto keys = mapper.to_downstream(waiting.event.source_partition_key, waiting.answers);
  if (!waiting.answers.wanted.empty()) {
    if (waiting.ask_again_at && *waiting.ask_again_at > now) return;
    waiting.ask_again_at.reset();
    for (const auto& about : waiting.answers.wanted) {
      const bool is_open = std::ranges::any_of(waiting.asked, [&](const auto& open) { return open.second == about; });
      if (is_open) continue;
      const std::int64_t question = next_question++;
      questions.emplace(question, OfMapper{m.number, no});
      waiting.asked.emplace(question, about);
      effects.emplace_back(AskMapper{question, m.dag, about});
    }
    return;
  }
  const UnmappedEvent done = waiting;
  drop_unmapped(m, no);
  if (!keys) return refuse_partition(m, done.event, keys.error().what);
  if (!may_make(m, mapper, done.event, keys->size())) return;
  AssetEvent event;
  event.no = done.event.event;
  event.asset = done.event.asset;
  event.partition_key = done.event.source_partition_key;
  event.at = done.row.created;
  std::vector<std::optional<Time>> dates;
  for (const std::string& key : *keys) dates.push_back(done.answers.date_of(key));
  add_to_partitions(m, event, *keys, dates);
}

void Engine::State::map_events(DagMachine& m, Time now) {
  std::vector<std::int64_t> waiting;
  for (const auto& [no, event] : m.unmapped) waiting.push_back(no);
  for (const std::int64_t no : waiting) map_event(m, no, now);
}

void Engine::State::mapper_told(const MapperTold& e, Time now) {
  const auto open = questions.extract(e.question);
  const auto* of = open.empty() ? nullptr : std::get_if<OfMapper>(&open.mapped());
  if (of == nullptr) return;
  DagMachine& m = *machines_by_number.at(of->number);
  const auto found = m.unmapped.find(of->event);
  if (found == m.unmapped.end()) return;
  UnmappedEvent& waiting = found->second;
  const auto asked = waiting.asked.extract(e.question);
  if (asked.empty()) return;  // another version is asked
  if (e.answer) {
    waiting.failures = 0;
    waiting.answers.known.insert_or_assign(asked.mapped(), *e.answer);
    return map_event(m, of->event, now);
  }
  waiting.ask_again_at = now + pause_before_asking_again(waiting.failures++);
  timers.add({*waiting.ask_again_at, Timer::Kind::ask_again, m.number, 0});
}

// Another version, or the first one after a start: what the former one was asked is no more.
void Engine::State::check_unmapped(DagMachine& m) {
  const schedule::PartitionMappers* mappers = m.timetable ? m.timetable->partition_mappers() : nullptr;
  std::vector<std::int64_t> others;
  for (auto& [no, waiting] : m.unmapped) {
    waiting.asked.clear();
    waiting.answers = {};
    waiting.failures = 0;
    waiting.ask_again_at.reset();
    if (mappers == nullptr || waiting.row.mappers != mappers->definition()) others.push_back(no);
  }
  for (const std::int64_t no : others) drop_unmapped(m, no);
  map_events(m, present);
}

}  // namespace venturi::engine
