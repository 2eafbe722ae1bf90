#include "seeds/world.h"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "store/sqlite/sqlite_store.h"

namespace venturi::seeds {

using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t epoch = 7;
const Time start_of_seeds{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

std::string make_folder() {
  std::string name = (std::filesystem::exists("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path().string()) +
                     "/venturi-seeds-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the launch record: " + name);
  return name;
}

Network::Faults network_faults(Random& random) {
  Network::Faults faults;
  if (random.one_in(2)) faults.twice_in = random.between(5, 50);
  if (random.one_in(2)) faults.late_in = random.between(5, 50);
  faults.reorders = random.one_in(2);
  return faults;
}

// Nothing in a seed is secret.
class NoCipher final : public store::Cipher {
 public:
  [[nodiscard]] std::string encrypt(std::string_view clear) const override { return std::string(clear); }
  [[nodiscard]] Result<std::string> decrypt(std::string_view token) const override { return std::string(token); }
};

}  // namespace

Parts::Parts()
    : make_engine([](const engine::Config& config, engine::Snapshot snapshot) {
        return std::make_unique<EnginePort>(config, std::move(snapshot));
      }),
      make_server([](World& world) { return std::make_unique<Server>(world); }),
      make_worker([](World& world, Worker::Disk& disk) { return std::make_unique<Worker>(world, disk); }) {}

engine::Event PlacedFile::event() const {
  if (is_gone) return engine::DagGone{file->dag()->dag_id};
  return engine::DagSeen{file->dag()};
}

World::World(std::uint64_t number, Parts with, bool is_told_at_once)
    : seed(number),
      random(number),
      parts(std::move(with)),
      time(start_of_seeds),
      story(is_told_at_once),
      network(time, random, story, network_faults(random)),
      invariants(make_invariants()),
      config{.epoch = epoch,
             .zones = &zones,
             .parallelism = random.between(1, 8),
             .dags_are_paused_at_creation = false,
             .default_pool_task_slot_count = random.between(1, 10)},
      durable(epoch),
      ahead(epoch),
      disk{make_folder(), {}} {
  network.to_server = [this](Network::Connection connection, const ToServer& frame) {
    if (server) server->on_frame(connection, frame);
  };
  network.to_worker = [this](Network::Connection connection, const ToWorker& frame) {
    if (worker) worker->on_frame(connection, frame);
  };
  network.on_lost = [this](Network::Connection connection, Network::Side side) {
    if (side == Network::Side::server && server) server->on_lost(connection);
    if (side == Network::Side::worker && worker) worker->on_lost(connection);
  };
  if (random.one_in(8)) open_sqlite();
  const int files = random.between(1, 5);
  for (int i = 0; i < files; ++i) {
    auto file = std::make_unique<DagFile>(random, i, start_of_seeds);
    const std::shared_ptr<const Dag> dag = file->dag();
    story.tell("{}", words(*dag));
    dags.emplace(dag->dag_id, PlacedFile{std::move(file)});
  }
}

// Beside the store in memory, which has to have the same rows.
void World::open_sqlite() {
  static const NoCipher no_cipher;
  auto opened = store::open_sqlite(disk.folder + "/venturi.db", no_cipher);
  if (!opened) throw std::runtime_error(opened.error().text());
  sqlite = std::move(*opened);
  auto active = sqlite->load_active();
  if (!active) throw std::runtime_error(active.error().text());
  durable = ahead = MemoryStore(active->epoch);
}

World::~World() {
  server.reset();
  worker.reset();
  sqlite.reset();
  std::error_code ignored;
  std::filesystem::remove_all(disk.folder, ignored);
}

std::optional<Failure> World::run() {
  try {
    start_server();
    start_worker();
    pulse();
    while (!broken && story.step() < steps_of_a_seed) step();
    if (!broken) come_to_rest();
  } catch (const std::exception& e) {
    broken = Violation{"nothing_throws", e.what()};
  }
  if (!broken) return std::nullopt;
  std::string of_dags;
  for (const auto& [version, dag] : ahead.versions()) of_dags += words(*dag) + "\n";
  return Failure{seed, broken->invariant,
                 fmt::format("{}{}\nSeed {}, step {}: {}: {}\nRepeat it: make seeds SEED={}\n", of_dags, story.text(), seed,
                             story.step(), broken->invariant, broken->what, seed)};
}

// ---- steps ---------------------------------------------------------------------------------------------------------------

void World::step() {
  if (!time.next()) throw std::logic_error("nothing is going to happen");
  const Timeline::Call call = time.take();
  story.begin_step(time.now());
  memory_changed();
  call();
  if (has_faults) something_fails();
  if (server) server->end_of_turn();
  memory_changed();
  tell(&Invariant::stepped, view());
  broken = invariants.violation();
}

// Time goes on, and users are there.
void World::pulse() {
  if (!has_faults) return;
  time.after(random.up_to(20s), life, [this] {
    if (random.one_in(2)) give_command(*this);
    pulse();
  });
}

View World::view() {
  if (server && !memory) memory = server->engine().snapshot();
  return {server ? server->told_time() : Time{}, config,  server ? &server->engine() : nullptr,
          server && memory ? &*memory : nullptr, durable, ahead};
}

// As the store's writer does; an error of another kind than this one is the end of a server.
Result<void> World::commit(const store::Batch& batch) {
  const auto down = [] { return fail(ErrorKind::unavailable, "the store is away"); };
  if (store_is_down && random.one_in(2)) return down();
  if (sqlite) {
    if (auto done = sqlite->commit(batch); !done) throw std::runtime_error(done.error().text());
  }
  if (auto done = durable.commit(batch); !done) throw std::runtime_error(done.error().text());
  // It went after it had committed: the same batch comes again.
  if (std::exchange(store_is_down, false) && !sqlite) return down();
  return {};
}

void World::taken(const store::Batch& batch, const engine::Batch& from_engine) {
  if (auto done = ahead.commit(batch); !done) throw std::runtime_error(done.error().text());
  for (std::size_t i = 0; i < batch.transitions.size(); ++i) {
    const Transition& t = batch.transitions[i];
    if (t.task_instance == 0)
      story.tell("  run {} of {} is {}: {}", batch.transition_runs[i], ahead.runs().at(batch.transition_runs[i]).dag_id,
                 to_string(t.run_to), t.cause);
    else
      story.tell("  {} is {}: {}", words(ahead.task_instances().at(t.task_instance)), to_string(t.to), t.cause);
  }
  memory_changed();
  tell(&Invariant::taken, view(), from_engine);
}

// ---- processes -----------------------------------------------------------------------------------------------------------

void World::start_server() {
  ahead = durable;
  server = parts.make_server(*this);
  memory_changed();
  story.tell("a server begins");
  tell(&Invariant::restarted, view());
}

void World::start_worker() {
  worker_is_new = true;
  worker = parts.make_worker(*this, disk);
  story.tell("a worker begins");
}

void World::worker_is_greeted(std::uint64_t sent_below) {
  if (std::exchange(worker_is_new, false)) lost_below = std::max(lost_below, sent_below);
}

void World::crash_server(Duration for_so_long) {
  if (!server) return;
  story.tell("the server crashes, for {:.3g} s", to_seconds(for_so_long));
  network.cut_current();
  server.reset();
  memory_changed();
  time.after(for_so_long, life, [this] { start_server(); });
}

void World::crash_worker(Duration for_so_long) {
  if (!worker) return;
  story.tell("the worker crashes, for {:.3g} s", to_seconds(for_so_long));
  network.cut_current();
  worker.reset();
  if (server) lost_below = server->engine().snapshot().next_sequence;
  const bool loses_its_record = random.one_in(8);
  time.after(for_so_long, life, [this, loses_its_record] {
    if (loses_its_record) {
      story.tell("the worker's launch record is lost");
      Worker::lose_record(disk);
    }
    start_worker();
  });
}

}  // namespace venturi::seeds
