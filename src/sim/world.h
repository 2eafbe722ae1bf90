// A world for the engine without server, worker and clock: what would be launched takes its time on a virtual clock and ends as
// somebody says. The engine is the one that servers run; what it decides here it would decide there.
//
//   World world(config, snapshot, start, tries, observer);
//   world.step(SetPool{...});
//   world.run_until(end);
//
// Pure, as the engine: equal inputs give equal outcomes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/engine.h"

namespace venturi::sim {

enum class Ending : std::uint8_t { success, failed, skipped, killed };

// What becomes of a try.
struct TryPlan {
  Duration duration{};
  Ending ending = Ending::success;
  std::int32_t length = 1;                                  // of each XCom that other tasks are mapped over
  const std::vector<std::string>* skipped_tasks = nullptr;  // a branch: what it does not choose; outlives the world
};

// Says what tries do: the stand-in for the tasks' own code.
class Tries {
 public:
  virtual ~Tries() = default;
  [[nodiscard]] virtual TryPlan plan(const engine::Launch& launch) = 0;
};

// Told of everything, in order. `changes` are what a server would write.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_launch(const engine::Launch& launch, Time now) = 0;
  virtual void on_end(LaunchToken token, Ending ending, Time now) = 0;
  virtual void on_changes(const engine::Changes& changes, Time now) = 0;
};

// What a store knows of runs from before the simulation, and programs of timetables of the user's; each may be missing.
struct Before {
  std::function<engine::PastFound(const engine::LookBack&)> look_back = {};
  std::function<std::vector<Duration>(const engine::FindRuntimes&)> runtimes = {};    // the newest first
  std::function<std::vector<RunOutcome>(const engine::FindOutcomes&)> outcomes = {};  // the latest dates first
  std::function<Result<schedule::TimetableAnswer>(const engine::AskTimetable&)> timetable = {};
  std::function<Result<std::vector<std::int32_t>>(const engine::AskWeights&)> weights = {};
  std::function<Result<schedule::OwnMapperAnswers::Answer>(const engine::AskMapper&)> mapper = {};
};

class World {
 public:
  // `tries` and `observer` outlive it. Tries that the snapshot has under way go on from `start`, for what is left of their
  // time.
  World(engine::Config config, engine::Snapshot snapshot, Time start, Tries& tries, Observer& observer, Before before = {});

  void step(const engine::Event& event);
  // Everything that happens up to and at `end`. Where the runs of a DAG take no time and follow each other without end
  // (@continuous), time would stand still: then it stops there, and says which DAG that is.
  std::optional<std::string> run_until(Time end);

  [[nodiscard]] Time now() const { return now_; }
  [[nodiscard]] const engine::Engine& engine() const { return engine_; }

 private:
  struct Due {
    Time at;
    std::uint64_t number;  // those at the same time come in the order in which they were made
    LaunchToken token;
    TryPlan plan;
    friend bool operator>(const Due& a, const Due& b) { return a.at != b.at ? a.at > b.at : a.number > b.number; }
  };
  // A run that others may look back at.
  struct PastRun {
    DagRun row;
    std::map<TaskInstanceNo, TaskInstance> task_instances;
  };

  void resume();
  void settle();
  void watch(const std::vector<DagRun>& rows);
  void carry_out(engine::Effect& effect);
  void launched(const engine::Launch& launch);
  void end_try(const Due& due);
  void remember(const engine::Changes& changes);
  [[nodiscard]] bool looks_back(const std::string& version_id, const std::string& dag_id);
  [[nodiscard]] engine::PastFound look_back(const engine::LookBack& question) const;
  [[nodiscard]] engine::RuntimesFound find_runtimes(const engine::FindRuntimes& question) const;
  [[nodiscard]] engine::OutcomesFound find_outcomes(const engine::FindOutcomes& question) const;

  engine::Engine engine_;
  Time now_;
  Tries& tries_;
  Observer& observer_;
  Before before_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::uint64_t next_number_ = 0;
  // Runs that began and ended at this very moment, by DAG; and the DAG that has too many of them.
  Time moment_{};
  std::map<std::string, std::size_t, std::less<>> timeless_runs_;
  std::optional<std::string> endless_;
  // Of DAGs with tasks that depend on the past: by version, and their runs.
  std::map<std::string, bool, std::less<>> looks_back_;
  std::unordered_map<RunNo, PastRun> past_runs_;
  std::map<std::string, std::map<Time, RunNo>, std::less<>> runs_by_date_;
  std::map<std::string, std::vector<Duration>, std::less<>> runtimes_;  // of DAGs with deadlines: of runs that ended
  // Of DAGs with max_consecutive_failed_dag_runs: by date.
  std::map<std::string, std::map<std::pair<Time, RunNo>, RunState>, std::less<>> outcomes_;
};

}  // namespace venturi::sim
