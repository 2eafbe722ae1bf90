// What a simulation showed: runs, tries with what they waited for, and how much of each pool was taken when.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/world.h"

namespace venturi::sim {

// What a task instance that its upstreams had let go waited for: a limit of the engine's, or the run before.
enum class WaitCause : std::uint8_t {
  none,
  parallelism,
  max_active_tasks,
  max_active_tis_per_dag,
  max_active_tis_per_dagrun,
  pool,
  paused,
  depends_on_past,
};
[[nodiscard]] std::string_view to_string(WaitCause cause);

struct RunRecord {
  RunNo no = 0;
  std::shared_ptr<const Dag> dag;
  std::string run_id;
  RunState state = RunState::queued;
  std::optional<Time> logical_date, start_date, end_date;
  Time run_after{}, queued_at{};
  TaskInstanceNo first_task_instance = 0;
  bool is_timed_out = false;                  // dagrun_timeout
  std::vector<std::string> missed_deadlines;  // in words
  std::array<std::uint32_t, 16> ended_as{};   // its task instances, by TaskState
};

struct TryRecord {
  std::size_t run = 0;  // in Report::runs
  TaskIndex task = 0;
  std::int32_t map_index = -1, try_number = 0;
  Time ready{}, start{};  // between them it waited
  std::optional<Time> end;
  std::optional<Ending> ending;  // nothing: it is still under way
  WaitCause cause = WaitCause::none;
};

// A task instance that did not start by the end, although its upstreams let it, with the first thing in its way.
struct NeverStarted {
  std::size_t run = 0;
  std::string task_id;
  std::int32_t map_index = -1;
  std::string name, reason;
};

struct PoolUse {
  std::int64_t slots = 0;  // below 0: no limit
  std::int64_t most = 0;
  double average = 0;                                // over the whole time
  Duration full{};                                   // how long no slot was free
  std::vector<std::pair<Time, std::int64_t>> taken;  // each from its time on
};

struct Report {
  Time from{}, to{};
  std::vector<RunRecord> runs;
  std::vector<TryRecord> tries;
  std::vector<NeverStarted> never_started;
  std::map<std::string, PoolUse> pools;
  std::uint64_t transitions = 0;
};

// Waits of all tries of one task for one cause.
struct WaitSum {
  std::string dag_id, task_id;
  WaitCause cause = WaitCause::none;
  std::size_t tries = 0;
  Duration total{}, longest{};
};
// The longest in total first.
[[nodiscard]] std::vector<WaitSum> sum_waits(const Report& report);

class Recorder final : public Observer {
 public:
  // `snapshot` and `epoch` are the world's; the runs in it are active already.
  Recorder(const engine::Snapshot& snapshot, std::uint64_t epoch);

  void on_launch(const engine::Launch& launch, Time now) override;
  void on_end(LaunchToken token, Ending ending, Time now) override;
  void on_changes(const engine::Changes& changes, Time now) override;

  // After World::run_until(). Not to be used any more then.
  [[nodiscard]] Report finish(const World& world, Time from);

 private:
  struct Past {
    std::size_t run;
    TaskIndex task;
    friend auto operator<=>(const Past&, const Past&) = default;
  };
  RunRecord* find_run(RunNo no);
  void take_run(const DagRun& row);
  void take_transition(RunRecord& run, const Transition& transition, Time now);
  void take_slots(const TryRecord& record, int by, Time now);
  void find_never_started(const engine::Engine& engine, const engine::Snapshot& end);

  Report report_;
  std::map<std::string, std::shared_ptr<const Dag>, std::less<>> versions_;
  std::unordered_map<RunNo, std::size_t> runs_;
  // What was looked for last is what is looked for next, as a rule.
  RunNo last_run_ = 0;
  std::size_t last_index_ = 0;
  const std::string* last_pool_name_ = nullptr;
  PoolUse* last_pool_ = nullptr;
  std::unordered_map<std::uint64_t, std::size_t> under_way_;  // records in report_.tries, by token
  std::uint64_t epoch_;
  std::map<Past, Time> ended_;  // of DAGs whose tasks look back: when instances of this task ended last
  std::unordered_map<const Dag*, bool> looks_back_;
  [[nodiscard]] bool looks_back(const Dag& dag);
};

}  // namespace venturi::sim
