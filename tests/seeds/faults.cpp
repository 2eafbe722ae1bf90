// What happens to a world: tasks' code by chance, files that change, and everything that fails.
#include <algorithm>
#include <iterator>
#include <utility>

#include "seeds/world.h"

namespace venturi::seeds {

using namespace std::chrono_literals;

Body World::body_of(const engine::Launch& launch) {
  const Task& task = launch.dag->tasks[launch.task];
  Body body;
  body.lasts = random.one_in(4) ? random.up_to(300s) : random.up_to(20s);
  if (is_calm) body.lasts = random.up_to(1s);
  body.defers_in_place = random.one_in(8);
  if (random.one_in(16)) return body;  // its process just ends
  for (const std::string& key : task.mapped_keys) {
    if (random.one_in(10)) continue;
    const bool is_no_list = task.is_mapped() && random.one_in(10);
    body.says.emplace_back(SetXCom{key, is_no_list ? -1 : random.below(5)});
  }
  const int kind = random.below(is_calm ? 12 : 18);
  if (kind == 0 && !task.downstream.empty()) {
    SkipDownstreamTasks skip;
    for (const TaskIndex below : task.downstream) {
      if (random.one_in(2)) skip.task_ids.push_back(launch.dag->tasks[below].task_id);
    }
    body.says.emplace_back(std::move(skip));
  }
  if (kind < 11)
    body.says.emplace_back(SucceedTask{});
  else if (kind == 11)
    body.says.emplace_back(SkipTask{});
  else if (kind < 14)
    body.says.emplace_back(FailTask{!random.one_in(4)});
  else if (kind < 16)
    body.says.emplace_back(RescheduleTask{random.up_to(120s)});
  else
    body.says.emplace_back(DeferTask{random.up_to(120s), random.one_in(2) ? std::optional(random.up_to(120s)) : std::nullopt});
  return body;
}

void World::change_dags() {
  if (!has_faults) return;
  PlacedFile& placed = std::next(dags.begin(), random.below(static_cast<int>(dags.size())))->second;
  if (placed.is_gone) {
    placed.is_gone = false;
    if (random.one_in(2)) placed.file->change();
  } else if (random.one_in(3)) {
    placed.is_gone = true;
  } else {
    placed.file->change();
  }
  story.tell("the file of {} {}", placed.file->dag()->dag_id, placed.is_gone ? "is gone" : "has " + words(*placed.file->dag()));
  if (server) server->command(placed.event());
}

// Between any two steps.
void World::something_fails() {
  if (random.one_in(200)) time.after({}, life, [this] { give_command(*this); });
  if (random.one_in(150)) time.after({}, life, [this] { change_dags(); });
  if (random.one_in(200)) crash_server(random.one_in(3) ? Duration{} : random.up_to(30s));
  if (random.one_in(250)) crash_worker(random.one_in(3) ? Duration{} : random.up_to(30s));
  if (random.one_in(150)) {
    story.tell("the connection is cut");
    network.cut_current();
  }
  if (random.one_in(150)) {
    story.tell("the store goes away");
    store_is_down = true;
  }
  if (random.one_in(400)) {
    const Duration by = random.up_to(random.one_in(3) ? Duration(2h) : Duration(2min)) * (random.one_in(2) ? 1 : -1);
    story.tell("the clock is set by {:.6g} s", to_seconds(by));
    time.set_wall(by);
  }
}

// All faults end, whatever holds tasks up is taken away, and no new runs come: then everything ends.
void World::come_to_rest() {
  story.tell("all faults are over");
  has_faults = false;
  is_calm = true;
  store_is_down = false;
  network.calm();
  // What is down begins again by itself.
  while (!broken && (!server || !worker)) step();
  if (broken) return;
  const auto command = [&](auto event) {
    event.command = server->next_command();
    server->command(event);
  };
  for (auto& [dag_id, placed] : dags) {
    placed.is_gone = false;
    placed.file->retire();
    server->command(placed.event());
    command(engine::SetPaused{0, dag_id, false});
  }
  for (const auto& [id, backfill] : durable.backfills()) {
    if (!backfill.completed_at) command(engine::ChangeBackfill{0, id, engine::ChangeBackfill::To::cancelled});
  }
  command(engine::SetPool{0, {small_pool, 16, "", false}});
  command(engine::SetPool{0, {default_pool, 64, "", false}});
  const auto is_over = [&] {
    return server->engine().outstanding().empty() && server->everything_is_durable() && view().memory->runs.empty() &&
           view().memory->outbox.empty();
  };
  for (int i = 0; i < steps_to_rest && !broken && time.next() && !is_over(); ++i) step();
  tell(&Invariant::came_to_rest, view());
  if (!broken) broken = invariants.violation();
}

}  // namespace venturi::seeds
