// Watchers of assets (Airflow's AssetWatcher): which of them are wanted, and what they say. They run in the worker's operator
// host, and what they fire becomes events of their asset.
//
// What a watcher has fired and from where it goes on are committed in one transaction: the state lies in the asset's state
// store, under the key watcher/NAME. Each time that watchers are begun (a worker came, its host died, a DAG wants them again)
// they have a new number, and what comes under another one is refused: two runs of a watcher cannot both add events.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "server/scheduler.h"
#include "server/task_host.h"
#include "server/worker_link.h"
#include "store/store.h"

namespace venturi::server {

struct WatcherOfAsset {
  AssetKey asset;
  std::string name;
  Value trigger;  // {"classpath", "kwargs"}
};
// Those of the assets that the DAG is scheduled on.
[[nodiscard]] std::vector<WatcherOfAsset> watchers_of(const Dag& dag);

class Watchers {
 public:
  // All outlive it.
  Watchers(Scheduler& scheduler, WorkerLink& worker, TaskHost& host, store::Reader& reader);

  // What was committed: DAGs may have come, gone, been paused or unpaused.
  void committed(const store::Batch& batch);
  // Begins all that are wanted, in a process that knows none of them yet.
  void begin_anew();
  void on_message(std::int64_t no, const Value& body, const OnReply& reply);

 private:
  // What tells one from another; a watcher whose trigger changes is another one, that goes on from the same state.
  struct Key {
    AssetKey asset;
    std::string name, trigger;  // as JSON
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Watcher {
    std::int64_t no = 0;
    std::int64_t asset = 0;
    Value trigger, state;
  };

  [[nodiscard]] std::map<Key, Value> wanted() const;
  // Whether there are others than before.
  [[nodiscard]] bool update();
  [[nodiscard]] bool load(const Key& key, Watcher& watcher);
  void tell() const;
  void fired(const Key& key, Watcher& watcher, const Value& body, const OnReply& reply);

  Scheduler& scheduler_;
  WorkerLink& worker_;
  TaskHost& host_;
  store::Reader& reader_;
  std::map<Key, Watcher> watchers_;
  std::map<std::string, bool> paused_;  // DAGs with watchers: whether they were paused when we looked
  std::int64_t next_no_;
};

}  // namespace venturi::server
