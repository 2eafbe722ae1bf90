// What users ask for, by chance: by hand, clears, marks, pauses, pools, backfills, events of assets.
#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "seeds/world.h"

namespace venturi::seeds {

using namespace std::chrono_literals;

namespace {

using To = engine::ChangeBackfill::To;

class User {
 public:
  explicit User(World& world) : world_(world), random_(world.random), server_(*world.server) {}

  void give_command() {
    const std::string dag_id = std::next(world_.dags.begin(), random_.below(static_cast<int>(world_.dags.size())))->first;
    switch (random_.below(16)) {
      case 0:
      case 1:
      case 2:
        return trigger(dag_id);
      case 3:
      case 4:
        return ask("pauses or unpauses " + dag_id, engine::SetPaused{0, dag_id, random_.one_in(3)});
      case 5:
      case 6:
        return clear();
      case 7:
        return mark_tasks();
      case 8:
        return mark_run();
      case 9:
        return stop();
      case 10:
      case 11: {
        const char* pool = random_.one_in(4) ? default_pool : small_pool;
        const int slots = random_.below(5);
        return ask(fmt::format("sets pool {} to {} slots", pool, slots),
                   engine::SetPool{0, {pool, slots, "", random_.one_in(2)}});
      }
      case 12:
        if (random_.one_in(3)) return ask("deletes the small pool", engine::DeletePool{0, small_pool});
        return backfill(dag_id);
      case 13:
        return change_backfill();
      case 14:
        return make_asset_event();
      default:
        return ask("clears the asset queue of " + dag_id, engine::ClearAssetQueue{0, dag_id, {}});
    }
  }

 private:
  template <class Event>
  void ask(const std::string& what, Event event) {
    number(event, what);
    server_.command(event);
  }
  template <class Event>
  void number(Event& event, const std::string& what) {
    event.command = server_.next_command();
    world_.story.tell("command {}: a user {}", event.command, what);
  }
  // Any, whether it has ended or not; nullptr where there is none.
  const DagRun* any_run() {
    const auto& runs = world_.durable.runs();
    if (runs.empty()) return nullptr;
    // Those of late are looked at most.
    const int behind = random_.below(static_cast<int>(random_.one_in(4) ? runs.size() : std::min<std::size_t>(runs.size(), 6)));
    return &std::next(runs.rbegin(), behind)->second;
  }
  std::vector<TaskSelection::Named> some_tasks(const DagRun& run) {
    std::vector<TaskSelection::Named> tasks;
    for (const Task& task : world_.durable.versions().at(run.dag_version_id)->tasks) {
      if (random_.one_in(3))
        tasks.push_back({task.task_id, random_.one_in(5) ? std::optional(random_.below(3)) : std::nullopt});
    }
    return tasks;
  }

  void trigger(const std::string& dag_id) {
    engine::TriggerRun e;
    e.dag_id = dag_id;
    e.logical_date_is_null = random_.one_in(4);
    if (!e.logical_date_is_null && random_.one_in(2)) e.logical_date = world_.time.wall() - random_.up_to(30min);
    if (random_.one_in(2)) e.run_id = fmt::format("by_hand_{}", random_.below(10'000));
    if (random_.one_in(3)) e.run_after = world_.time.wall() + random_.up_to(20min);
    number(e, "triggers " + dag_id);
    server_.trigger_run(std::move(e));
  }
  void clear() {
    const DagRun* run = any_run();
    if (run == nullptr) return;
    engine::ClearTasks e;
    e.dag_id = run->dag_id;
    e.run_id = run->run_id;
    e.selection.tasks = some_tasks(*run);
    e.selection.upstream = random_.one_in(3);
    e.selection.downstream = random_.one_in(2);
    e.selection.only_failed = random_.one_in(4);
    if (random_.one_in(3)) e.latest_version = random_.one_in(2);
    number(e, fmt::format("clears tasks of run {}", run->no));
    server_.change_run(std::move(e));
  }
  void mark_tasks() {
    const DagRun* run = any_run();
    if (run == nullptr) return;
    engine::MarkTasks e;
    e.dag_id = run->dag_id;
    e.run_id = run->run_id;
    e.tasks = some_tasks(*run);
    if (e.tasks.empty()) return;
    e.upstream = random_.one_in(4);
    e.downstream = random_.one_in(4);
    e.state = random_.one_of(std::array{TaskState::success, TaskState::failed, TaskState::skipped});
    number(e, fmt::format("marks tasks of run {} {}", run->no, to_string(e.state)));
    server_.change_run(std::move(e));
  }
  void mark_run() {
    const DagRun* run = any_run();
    if (run == nullptr) return;
    engine::MarkRun e;
    e.dag_id = run->dag_id;
    e.run_id = run->run_id;
    e.state = random_.one_of(std::array{RunState::success, RunState::failed, RunState::queued});
    number(e, fmt::format("marks run {} {}", run->no, to_string(e.state)));
    server_.change_run(std::move(e));
  }
  void stop() {
    const DagRun* run = any_run();
    if (run == nullptr) return;
    ask(fmt::format("stops run {}", run->no), engine::StopRun{0, run->dag_id, run->run_id, "a user stopped it"});
  }
  void backfill(const std::string& dag_id) {
    engine::CreateBackfill e;
    e.backfill.dag_id = dag_id;
    e.backfill.from_date = world_.time.wall() - 20min - random_.up_to(2h);
    e.backfill.to_date = e.backfill.from_date + random_.up_to(40min);
    e.backfill.run_backwards = random_.one_in(3);
    e.backfill.max_active_runs = random_.between(1, 3);
    e.backfill.reprocess_behavior =
        random_.one_of(std::array{ReprocessBehavior::none, ReprocessBehavior::completed, ReprocessBehavior::failed});
    ask("asks for a backfill of " + dag_id, std::move(e));
  }
  void change_backfill() {
    const auto& backfills = world_.durable.backfills();
    if (backfills.empty()) return;
    const std::int64_t id = backfills.rbegin()->first;
    const To to = random_.one_of(std::array{To::paused, To::unpaused, To::cancelled});
    ask(fmt::format("changes backfill {}", id), engine::ChangeBackfill{0, id, to});
  }
  void make_asset_event() {
    if (world_.durable.assets().empty()) return;
    const std::int64_t asset = random_.between(1, static_cast<int>(world_.durable.assets().size()));
    ask(fmt::format("makes an event of asset {}", asset),
        engine::MakeAssetEvents{0, asset, {Object{}}, partition_by_chance(static_cast<std::uint64_t>(random_.below(12)))});
  }

  World& world_;
  Random& random_;
  Server& server_;
};

}  // namespace

void give_command(World& world) {
  if (world.server && world.has_faults) User(world).give_command();
}

}  // namespace venturi::seeds
