// One seed: DAGs, a server, a worker, a store and a user on a virtual clock, and what goes wrong between any two steps.
//
//   World(seed).run() ─▶ nothing, or what was violated at which step, and how it came to that
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "schedule/time_zone.h"
#include "seeds/dag_file.h"
#include "seeds/engine_port.h"
#include "seeds/invariant.h"
#include "seeds/memory_store.h"
#include "seeds/network.h"
#include "seeds/random.h"
#include "seeds/server.h"
#include "seeds/story.h"
#include "seeds/timeline.h"
#include "seeds/worker.h"

namespace venturi::seeds {

// What a test may replace by something that is broken.
struct Parts {
  MakeEngine make_engine;
  std::function<std::unique_ptr<Server>(World&)> make_server;
  std::function<std::unique_ptr<Worker>(World&, Worker::Disk&)> make_worker;
  // Those that work.
  Parts();
};

// A file of the DAGs folder, or the place where it was.
struct PlacedFile {
  std::unique_ptr<DagFile> file;
  bool is_gone = false;
  // What a lane tells the engine about it.
  [[nodiscard]] engine::Event event() const;
};

inline constexpr int steps_of_a_seed = 1500, steps_to_rest = 60'000;

struct Failure {
  std::uint64_t seed = 0;
  std::string invariant, text;  // all that there is to say, the command that repeats it at the end
};

struct World {
  explicit World(std::uint64_t seed, Parts with = Parts(), bool is_told_at_once = false);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] std::optional<Failure> run();
  [[nodiscard]] int steps() const { return story.step(); }

  // ---- for the processes ----
  [[nodiscard]] store::Store& store() { return sqlite ? *sqlite : static_cast<store::Store&>(durable); }
  [[nodiscard]] Result<void> commit(const store::Batch& batch);
  void taken(const store::Batch& batch, const engine::Batch& from_engine);
  [[nodiscard]] Body body_of(const engine::Launch& launch);
  // Whether the worker can have no record of this launch, or lost its processes: it crashed, or its record was lost.
  [[nodiscard]] bool worker_may_have_lost(LaunchToken token) const { return token.sequence < lost_below; }
  template <class... Parameters, class... Args>
  void tell(void (Invariant::*what)(Parameters...), const Args&... args) {
    invariants.tell(what, args...);
  }
  // A worker's first hello after it began: what was sent until then may be lost with its predecessor.
  void worker_is_greeted(std::uint64_t sent_below);
  // The engine's state is looked at once a step, where it may have changed.
  [[nodiscard]] View view();
  void memory_changed() { memory.reset(); }

  // ---- what goes on by itself ----
  void step();
  void pulse();
  void open_sqlite();
  void start_server();
  void start_worker();
  void crash_server(Duration for_so_long);
  void crash_worker(Duration for_so_long);
  void change_dags();
  void something_fails();
  void come_to_rest();

  const std::uint64_t seed;
  Random random;
  Parts parts;
  Timeline time;
  Story story;
  Network network;
  Invariants invariants;
  schedule::TimeZones zones = schedule::TimeZones::utc_only();
  engine::Config config;  // declared
  std::uint64_t starts = 0;
  MemoryStore durable, ahead;
  std::unique_ptr<store::Store> sqlite;
  std::map<std::string, PlacedFile> dags;
  Worker::Disk disk;
  std::unique_ptr<Server> server;
  std::unique_ptr<Worker> worker;
  std::uint64_t lost_below = 0;  // tokens that may have been with a worker that crashed
  bool worker_is_new = true;
  bool store_is_down = false, has_faults = true, is_calm = false;
  std::optional<engine::Snapshot> memory;
  std::optional<Violation> broken;
  Timeline::Life life = std::make_shared<int>();
};

// A user's next command, whatever makes sense to ask for.
void give_command(World& world);

}  // namespace venturi::seeds
