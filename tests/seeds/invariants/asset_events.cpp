// From a success to the run that takes its event:
//
//   a task's success ─▶ one event of each outlet ─▶ queued for each active consumer ─▶ taken by exactly one of its runs
//
// An event of a partition is collected by each active consumer of partitions instead, and by nobody else; what was collected
// for a key goes to one run, which has that key.
//
// An alias among the outlets is given one asset by each success: its event is queued for those that wait for the asset and for
// those that wait for the alias.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "seeds/invariants.h"
#include "seeds/story.h"

namespace venturi::seeds {

namespace {

constexpr const char* by_alias = "alias ";

// By name, the assets and aliases that a condition names.
void add_assets(const Value& condition, std::set<std::string>& names) {
  if (condition.get_string("__type") == "asset") names.insert(condition.get_string("name"));
  if (condition.get_string("__type") == "asset_alias") names.insert(by_alias + condition.get_string("name"));
  const Value objects = condition.get_value("objects");
  if (!objects.is_array()) return;
  for (const Value& object : objects.as_array()) add_assets(object, names);
}

struct Consumer {
  // What it is: as long as this stays, it is active or not.
  std::string version_id;
  bool is_paused = true;
  std::set<std::string> assets = {};
  bool is_partitioned = false;
  friend bool operator==(const Consumer&, const Consumer&) = default;
};

class AssetEvents final : public Invariant {
 public:
  std::string_view name() const override { return "an_asset_event_is_consumed_once"; }

  void dag_touched(const std::string& dag_id) override { touched_.insert(dag_id); }
  void queue_cleared(const std::string& dag_id) override {
    touched_.insert(dag_id);
    cleared_[dag_id] = last_event_;
  }

  // What was not durable has not happened.
  void restarted(const View& view) override {
    const auto& events = view.durable.asset_events();
    last_event_ = events.empty() ? 0 : events.rbegin()->first;
    for (auto& [dag_id, came] : came_) {
      std::erase_if(came, [this](const auto& event) { return event.first > last_event_; });
      cleared_[dag_id] = std::max(cleared_[dag_id], touched_.contains(dag_id) ? last_event_ : 0);
    }
    taken_up_to_.clear();
    for (const auto& [no, run] : view.durable.runs()) {
      if (run.assets_up_to > 0) taken_up_to_[run.dag_id] = std::max(taken_up_to_[run.dag_id], run.assets_up_to);
    }
    partitions_.clear();
    for (const auto& [no, row] : view.durable.partitioned_runs()) partitions_[no] = row;
    consumers_ = look_at_consumers(view);
    touched_.clear();
  }

  void taken(const View& view, const engine::Batch& batch) override {
    expect_an_event_of_each_outlet(view, batch.changes);
    expect_one_run_of_each_partition(view, batch.changes);
    auto consumers = look_at_consumers(view);
    for (const AssetEvent& event : batch.changes.asset_events) {
      if (event.no != last_event_ + 1) violated(fmt::format("event {} follows event {}", event.no, last_event_));
      last_event_ = event.no;
      std::set<std::string> names{view.ahead.assets().at(event.asset).key.name};
      for (const std::string& alias : aliases_of(event)) names.insert(by_alias + alias);
      for (const auto& [dag_id, consumer] : consumers) {
        const auto before = consumers_.find(dag_id);
        const bool was_active_all_the_time =
            before != consumers_.end() && before->second == consumer && !consumer.is_paused && !touched_.contains(dag_id);
        const bool waits = std::ranges::any_of(names, [&](const auto& name) { return consumer.assets.contains(name); });
        if (!was_active_all_the_time || !waits) continue;
        if (consumer.is_partitioned)
          expect_collected(batch.changes, event, dag_id);
        else if (!event.partition_key)
          came_[dag_id].emplace(event.no, event.asset);
      }
    }
    for (const DagRun& run : batch.changes.runs) {
      if (run.run_type == RunType::asset_triggered && run.assets_up_to > taken_up_to_[run.dag_id]) take(run);
    }
    expect_queued(view);
    consumers_ = std::move(consumers);
    touched_.clear();
  }

 private:
  using Events = std::map<std::int64_t, std::int64_t>;  // position → asset

  static std::vector<std::string> aliases_of(const AssetEvent& event) {
    std::vector<std::string> names;
    if (!event.source_aliases.is_array()) return names;
    for (const Value& name : event.source_aliases.as_array()) names.push_back(name.as_string());
    return names;
  }

  static std::map<std::string, Consumer> look_at_consumers(const View& view) {
    std::map<std::string, Consumer> consumers;
    for (const auto& dag : view.memory->dags) {
      const Value condition = dag->timetable.get_value("__var").get_value("asset_condition");
      if (condition.is_null()) continue;
      Consumer& consumer = consumers[dag->dag_id];
      consumer.version_id = dag->version_id;
      consumer.is_paused = std::ranges::find(view.memory->dag_states, dag->dag_id, &DagState::dag_id)->is_paused;
      add_assets(condition, consumer.assets);
      consumer.is_partitioned = dag->timetable.get_string("__type").ends_with("PartitionedAssetTimetable");
    }
    return consumers;
  }

  void expect_an_event_of_each_outlet(const View& view, const engine::Changes& changes) {
    using Source = std::tuple<std::string, std::string, std::string, std::int32_t, std::string>;
    std::map<Source, int> missing;
    // In the same batch these came to follow tasks that may have other outlets.
    std::set<std::pair<std::string, std::string>> followed_anew;
    for (std::size_t i = 0; i < changes.transitions.size(); ++i) {
      const DagRun& run = view.ahead.runs().at(changes.transition_runs[i]);
      if (changes.transitions[i].cause.starts_with("it follows the DAG")) followed_anew.emplace(run.dag_id, run.run_id);
    }
    for (const Transition& t : changes.transitions) {
      if (t.to != TaskState::success || t.cause != "it succeeded") continue;
      const TaskInstance& ti = view.ahead.task_instances().at(t.task_instance);
      const DagRun& run = view.ahead.runs().at(ti.run);
      if (followed_anew.contains({run.dag_id, run.run_id})) continue;
      const Dag& dag = *view.ahead.versions().at(run.dag_version_id);
      const Task& task = dag.tasks[*dag.find_task(ti.task_id)];
      for (const Outlet& outlet : task.outlets) ++missing[{run.dag_id, run.run_id, ti.task_id, ti.map_index, outlet.key.name}];
      for (const OutletAlias& alias : task.outlet_aliases)
        ++missing[{run.dag_id, run.run_id, ti.task_id, ti.map_index, by_alias + alias.name}];
    }
    for (const AssetEvent& e : changes.asset_events) {
      if (e.source_task_id.empty() || followed_anew.contains({e.source_dag_id, e.source_run_id})) continue;
      const auto made = [&](const std::string& name) {
        --missing[{e.source_dag_id, e.source_run_id, e.source_task_id, e.source_map_index, name}];
      };
      const auto aliases = aliases_of(e);
      if (aliases.empty()) made(view.ahead.assets().at(e.asset).key.name);
      for (const std::string& alias : aliases) made(by_alias + alias);
    }
    for (const auto& [source, count] : missing) {
      if (count != 0)
        violated(fmt::format("a success of {} of {} made {} events of {} too {}", std::get<2>(source), std::get<0>(source),
                             std::abs(count), std::get<4>(source), count > 0 ? "few" : "many"));
    }
  }

  void expect_one_run_of_each_partition(const View& view, const engine::Changes& changes) {
    for (const PartitionedRun& row : changes.partitioned_runs) {
      PartitionedRun& known = partitions_[row.no];
      if (known.run != 0 && known.run != row.run)
        violated(fmt::format("partition {} of {} has run {} and run {}", row.partition_key, row.dag_id, known.run, row.run));
      known = row;
      if (row.run > 0 && view.ahead.runs().at(row.run).partition_key != row.partition_key)
        violated(fmt::format("run {} is not for partition {} of {}", row.run, row.partition_key, row.dag_id));
    }
  }

  void expect_collected(const engine::Changes& changes, const AssetEvent& event, const std::string& dag_id) {
    const auto times = std::ranges::count_if(changes.partitioned_events, [&](const PartitionedEvent& collected) {
      return collected.event == event.no && partitions_.at(collected.partitioned_run).dag_id == dag_id;
    });
    if (times != (event.partition_key ? 1 : 0))
      violated(fmt::format("event {} of partition {} was collected {} times for {}", event.no,
                           event.partition_key.value_or("none"), times, dag_id));
  }

  void take(const DagRun& run) {
    std::int64_t& up_to = taken_up_to_[run.dag_id];
    if (run.assets_after < up_to)
      violated(fmt::format("run {} of {} takes the events behind {}, and the run before took those up to {}", run.no,
                           run.dag_id, run.assets_after, up_to));
    if (run.assets_up_to > last_event_) violated(fmt::format("run {} takes event {}, which is none", run.no, run.assets_up_to));
    const Events& came = came_[run.dag_id];
    const auto first = came.upper_bound(std::max(up_to, cleared_[run.dag_id]));
    if (first != came.end() && first->first <= run.assets_after)
      violated(fmt::format("run {} of {} takes the events behind {}, and nobody takes event {}", run.no, run.dag_id,
                           run.assets_after, first->first));
    up_to = run.assets_up_to;
  }

  void expect_queued(const View& view) {
    for (const auto& [dag_id, came] : came_) {
      for (auto i = came.upper_bound(std::max(taken_up_to_[dag_id], cleared_[dag_id])); i != came.end(); ++i) {
        const bool is_queued = std::ranges::any_of(view.memory->queued_assets, [&](const QueuedAsset& queued) {
          return queued.dag_id == dag_id && queued.asset == i->second;
        });
        if (!is_queued)
          violated(fmt::format("event {} of asset {} is neither taken by a run of {} nor queued for it", i->first, i->second,
                               dag_id));
      }
    }
  }

  std::map<std::string, Consumer> consumers_;
  std::map<std::string, Events> came_;  // of each consumer: while it was active
  std::map<std::string, std::int64_t> taken_up_to_, cleared_;
  std::map<std::int64_t, PartitionedRun> partitions_;
  std::set<std::string> touched_;  // since the last batch: nobody knows which of its events came when
  std::int64_t last_event_ = 0;
};

}  // namespace

std::unique_ptr<Invariant> an_asset_event_is_consumed_once() {
  return std::make_unique<AssetEvents>();
}

}  // namespace venturi::seeds
