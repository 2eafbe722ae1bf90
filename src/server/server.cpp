#include "server/server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <climits>
#include <csignal>
#include <filesystem>
#include <set>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "base/errno_error.h"
#include "base/log.h"
#include "base/random.h"
#include "base/slices.h"
#include "home/server_log.h"
#include "server/connection_tests.h"
#include "server/control_socket.h"
#include "server/dag_source.h"
#include "server/deliveries.h"
#include "server/find_dates.h"
#include "server/home_store.h"
#include "server/look_back.h"
#include "server/upkeep.h"
#include "server/user_questions.h"
#include "server/watchers.h"
#include "server/worker_process.h"

extern char** environ;

namespace venturi::server {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

std::chrono::milliseconds milliseconds(std::chrono::microseconds time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time);
}

lanes::DagProcessorOptions processor_options(const Home& home, const Config& config) {
  lanes::DagProcessorOptions o;
  o.dags_folder = config.path("core.dags_folder").string();
  o.cache = (home.root / "cache").string();
  o.rescan_interval = milliseconds(config.seconds("dag_processor.refresh_interval_s"));
  o.cpp.describe_timeout = milliseconds(config.seconds("dag_processor.describe_timeout_s"));
  o.cpp.compile.compiler = config.text("compiler.command");
  o.cpp.compile.flags = words_of(config.text("compiler.flags"));
  o.cpp.compile.jobs = static_cast<int>(config.integer("compiler.jobs"));
  o.cpp.compile.timeout = milliseconds(config.seconds("compiler.timeout_s"));
  o.cpp.compile.memory_bytes = static_cast<std::uint64_t>(config.integer("compiler.memory_mib")) << 20U;
  return o;
}

// Where it was closed, SIGHUP says so, and means the end.
bool is_at_a_terminal() {
  return static_cast<bool>(Fd(::open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY)));
}

// A command without a server holds the lock for a moment; a server that was killed, for less than one, until the kernel has
// taken it apart and what it was just starting is gone.
Result<HomeLock> take_lock(const Home& home) {
  constexpr int attempts = 100, attempts_of_a_server = 20;
  for (int i = 0;; ++i) {
    auto attempt = try_lock(home, home.server_socket().string());
    if (!attempt) return std::unexpected(std::move(attempt.error()));
    if (attempt->lock) return std::move(*attempt->lock);
    if (i >= (attempt->owner.socket.empty() ? attempts : attempts_of_a_server)) return std::unexpected(attempt->in_use(home));
    ::usleep(50'000);
  }
}

}  // namespace

std::string program_beside_this(const std::string& name) {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  const fs::path path = self.parent_path() / name;
  return ::access(path.c_str(), X_OK) == 0 ? path.string() : std::string();
}

struct Server::Impl {
  Impl(EventLoop& l, Home h, Config c, ServerOptions o)
      : loop(l), home(std::move(h)), config(std::move(c)), options(std::move(o)) {}
  ~Impl() {
    if (signals) loop.unwatch(signals.get());
  }

  Result<void> open();
  Result<void> open_lookups();
  void build(store::ActiveState active);
  void answer(const engine::LookBack& question);
  void answer(const engine::FindRuntimes& question);
  void answer(const engine::FindOutcomes& question);
  void answer(const engine::FindDates& question);
  void reload();
  void watch_signals();
  void end_of_turn();
  void drain();
  void end_when_durable();

  EventLoop& loop;
  Home home;
  Config config;
  ServerOptions options;
  SystemClock clock;
  std::optional<HomeLock> lock;
  HomeSecrets secrets;
  HomeStore opened;
  HomeReader borrowed;
  std::unique_ptr<store::Reader> reader;
  std::optional<schedule::TimeZones> zones;
  std::optional<Lookups> lookups;
  std::unique_ptr<XComFiles> xcom_files;
  std::unique_ptr<Scheduler> scheduler;
  std::unique_ptr<TaskHost> host;
  std::unique_ptr<WorkerLink> worker;
  std::unique_ptr<Deliveries> deliveries;
  std::unique_ptr<Watchers> watchers;
  std::unique_ptr<DeletedRuns> deleted_runs;
  std::unique_ptr<ConnectionTests> connection_tests;
  std::unique_ptr<Commands> commands;
  std::unique_ptr<DagSource> dags;
  std::unique_ptr<UserQuestions> user_questions;
  std::unique_ptr<Upkeep> upkeep;
  std::unique_ptr<ControlSocket> socket;
  std::unique_ptr<WorkerProcess> worker_process;
  Fd signals;
  bool has_terminal = false, draining = false, ending = false, cut_short = false;
};

Result<void> Server::Impl::open() {
  auto taken = take_lock(home);
  if (!taken) return std::unexpected(std::move(taken.error()));
  lock = std::move(*taken);
  std::error_code error;
  auto read = open_secrets(home, *lock, fs::exists(config.path("database.path"), error), given_secrets(config));
  if (!read) return std::unexpected(std::move(read.error()));
  secrets = std::move(*read);
  auto store = open_store(config, secrets);
  if (!store) return std::unexpected(std::move(store.error()));
  opened = std::move(*store);
  auto active = opened.store->load_active();
  if (!active) return std::unexpected(std::move(active.error()));
  auto reading = opened.store->open_reader();
  if (!reading) return std::unexpected(std::move(reading.error()));
  reader = std::move(*reading);
  auto loaded = schedule::TimeZones::load();
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  zones = std::move(*loaded);
  if (auto looked = open_lookups(); !looked) return looked;
  auto sweeping = opened.store->open_reader();
  if (!sweeping) return std::unexpected(std::move(sweeping.error()));
  xcom_files = std::make_unique<XComFiles>(loop, home.xcoms());
  xcom_files->sweep(std::move(*sweeping));
  if (options.before_start) {
    if (auto done = options.before_start(); !done) return done;
  }
  build(std::move(*active));
  return dags->start();
}

Result<void> Server::Impl::open_lookups() {
  std::vector<store::Reader*> readers{reader.get()};
  if (options.borrowed_home) {
    auto other = Config::load(options.borrowed_home->root, environ);
    if (!other) return std::unexpected(std::move(other.error()));
    auto theirs = open_reader(*options.borrowed_home, *other);
    // A home that was never used has no connections.
    if (!theirs && theirs.error().kind != ErrorKind::not_found) return std::unexpected(std::move(theirs.error()));
    if (theirs) {
      borrowed = std::move(*theirs);
      readers.push_back(borrowed.reader.get());
    }
  }
  lookups.emplace(environ, std::move(readers));
  return {};
}

// In a turn of its own: it is asked while a batch is let go.
void Server::Impl::answer(const engine::LookBack& question) {
  loop.post([this, question] {
    auto found = look_back(*reader, question);
    if (!found) {
      log_error("run " + std::to_string(question.run) + " of dag " + question.dag_id +
                " does not learn how the run before it ended: " + found.error().text());
      return;
    }
    scheduler->step(std::move(*found));
  });
}

void Server::Impl::answer(const engine::FindRuntimes& question) {
  loop.post([this, question] {
    auto found = find_runtimes(*reader, question);
    if (!found) {
      log_error("run " + std::to_string(question.run) + " of dag " + question.dag_id +
                " has no deadline by its average runtime until the next start: " + found.error().text());
      return;
    }
    scheduler->step(std::move(*found));
  });
}

void Server::Impl::answer(const engine::FindOutcomes& question) {
  loop.post([this, question] {
    auto found = find_outcomes(*reader, question);
    if (!found) {
      log_error("dag " + question.dag_id + " is not paused, although its last runs may all have failed " +
                "(max_consecutive_failed_dag_runs): " + found.error().text());
      found = engine::OutcomesFound{.dag_id = question.dag_id, .question = question.question, .runs = {}};
    }
    scheduler->step(*std::move(found));
  });
}

void Server::Impl::answer(const engine::FindDates& question) {
  loop.post([this, question] {
    if (scheduler->is_in_flight(question)) {  // the store does not know yet how a run of these dates is
      return scheduler->when_durable([this, question] { answer(question); });
    }
    auto found = find_dates(scheduler->engine(), *reader, question);
    if (!found) {
      log_error("backfill " + std::to_string(question.backfill_id) + " of dag " + question.dag_id +
                " does not go on until the next start: " + found.error().text());
      return;
    }
    scheduler->step(std::move(*found));
  });
}

void Server::Impl::build(store::ActiveState active) {
  const WorkerLink::Past past{active.epoch, active.worker_id, active.next_sequence};
  const auto unreadable = active.import_errors;
  const auto active_runs = active.runs;
  for (const auto* list : {&active.dags, &active.older_versions}) {
    // A zone that is gone from this machine shows when the DAG is looked at again.
    for (const auto& dag : *list) {
      if (auto fine = check_schedule(*dag, *zones); !fine) log_warning(fine.error().text());
    }
  }
  engine::Config scheduling = engine_config(config, past.epoch, *zones);
  scheduling.ignores_pools = options.borrowed_home.has_value();
  scheduler = std::make_unique<Scheduler>(
      loop, clock, *opened.store, scheduling, to_snapshot(std::move(active)),
      Scheduler::Handlers{
          .launch =
              [this](engine::Launch launch) {
                upkeep->metrics().launched(launch);
                worker->launch(std::move(launch));
              },
          .kill = [this](const engine::Kill& kill) { worker->kill(kill); },
          .deliver = [this](const engine::Deliver& delivery) { deliveries->deliver(delivery); },
          .run_ended =
              [this](const DagRun& run) {
                if (options.on_run_ended) options.on_run_ended(run);
              },
          .look_back = [this](const engine::LookBack& question) { answer(question); },
          .find_runtimes = [this](const engine::FindRuntimes& question) { answer(question); },
          .find_outcomes = [this](const engine::FindOutcomes& question) { answer(question); },
          .find_dates = [this](const engine::FindDates& question) { answer(question); },
          .ask_timetable = [this](const engine::AskTimetable& question) { user_questions->answer(*scheduler, question); },
          .ask_weights = [this](const engine::AskWeights& question) { user_questions->answer(*scheduler, question); },
          .ask_mapper = [this](const engine::AskMapper& question) { user_questions->answer(*scheduler, question); },
          .committed =
              [this](const store::Batch& batch) {
                upkeep->metrics().committed(batch);
                if (!options.borrowed_home) watchers->committed(batch);
                if (options.on_commit) options.on_commit(batch);
              },
          .store_trouble =
              [this](const std::string& why) {
                upkeep->store_trouble(why);
                if (why.empty())
                  log_info("the database can be written again");
                else
                  log_error("nothing goes on until the database can be written: " + why);
              }});
  host = std::make_unique<TaskHost>(
      *scheduler, *reader, *lookups, *xcom_files,
      TaskHost::Options{.max_xcom_in_metadata = config.integer("core.max_xcom_in_metadata"),
                        .max_xcom_bytes = config.integer("core.max_xcom_bytes"),
                        .max_map_length = config.integer("core.max_map_length"),
                        .zones = &*zones,
                        .ask_timetable = [this](const auto& dag, const auto& question, OnTimetable on_answer) {
                          user_questions->ask(dag, question, std::move(on_answer));
                        }});
  worker = std::make_unique<WorkerLink>(
      *scheduler, *host, *reader, home, past,
      WorkerLink::Events{.on_ready =
                             [this] {
                               deliveries->deliver_all();
                               if (!options.borrowed_home) watchers->begin_anew();
                             },
                         .on_lost =
                             [this](const std::string& why) {
                               if (!draining) log_warning("the worker is gone" + (why.empty() ? "" : ": " + why));
                               if (draining && !worker_process) end_when_durable();
                             },
                         .on_callback_result =
                             [this](std::int64_t no, const std::string& why) {
                               if (!why.empty()) log_warning("a callback failed: " + why);
                               deliveries->on_result(no, why);
                             },
                         .on_watcher_message = [this](std::int64_t no, const Value& body,
                                                      const OnReply& reply) { watchers->on_message(no, body, reply); },
                         .on_watchers_lost = [this] { watchers->begin_anew(); }});
  watchers = std::make_unique<Watchers>(*scheduler, *worker, *host, *reader);
  deliveries = std::make_unique<Deliveries>(*scheduler, *worker, *reader, home);
  connection_tests = std::make_unique<ConnectionTests>(
      loop, options.operator_host.empty() ? program_beside_this("venturi-operators") : options.operator_host);
  deleted_runs = std::make_unique<DeletedRuns>(loop, *scheduler, *reader, home);
  deleted_runs->go_on();
  commands = std::make_unique<Commands>(
      *scheduler, *reader, *deleted_runs,
      Commands::Surroundings{
          .may_come = [this] { return !dags->is_scanned(); },
          .reparse = [this](const std::string& file) { file.empty() ? dags->rescan() : dags->reparse(file); },
          .see_again = [this](const std::shared_ptr<const Dag>& dag) { dags->see_again(dag); },
          .test_connection = [this](const Value& connection,
                                    OnResult on_result) { connection_tests->run(connection, std::move(on_result)); }});
  for (const store::ImportError& problem : unreadable) scheduler->writes().import_errors.push_back(problem);
  dags = std::make_unique<DagSource>(loop, *scheduler, *zones, *reader,
                                     processor_options(options.borrowed_home ? *options.borrowed_home : home, config),
                                     DagSource::Events{.on_dag = [this] { commands->dags_changed(); },
                                                       .on_scanned =
                                                           [this] {
                                                             commands->dags_changed();
                                                             if (options.on_scanned) options.on_scanned();
                                                           },
                                                       .choose = options.choose_dag});
  user_questions = std::make_unique<UserQuestions>(loop, config, *reader,
                                                   [this](UserQuestions::Of of, const Dag& dag, const std::string& what) {
                                                     // Of a version that is none any more nobody wants to know.
                                                     const auto current = scheduler->engine().find_dag(dag.dag_id);
                                                     if (!current || current->version_id != dag.version_id) return;
                                                     if (of == UserQuestions::Of::timetable)
                                                       dags->set_timetable_error(dag, what);
                                                     else if (of == UserQuestions::Of::weights)
                                                       dags->set_weight_error(dag, what);
                                                     else
                                                       dags->set_mapper_error(dag, what);
                                                   });
  upkeep = std::make_unique<Upkeep>(loop, *scheduler, *reader, *deleted_runs, *commands, *worker, *dags, home, config);
  upkeep->metrics().know(active_runs);
  if (!options.borrowed_home) upkeep->configure(config);
  socket = std::make_unique<ControlSocket>(loop, home.server_socket().string(), *commands,
                                           [this](std::unique_ptr<FrameConnection> connection, const task::Frame& hello) {
                                             worker->adopt(std::move(connection), hello);
                                           });
  if (options.standalone) {
    worker_process = std::make_unique<WorkerProcess>(
        loop, home.root.string(), worker_command(home, config, options.worker_program, options.operator_host),
        [this] { end_when_durable(); });
    worker_process->start();
  }
  loop.at_end_of_turn([this] { end_of_turn(); });
  scheduler->step(engine::Tick{});  // what a start has to do
}

void Server::Impl::watch_signals() {
  has_terminal = is_at_a_terminal();
  sigset_t mask;
  sigemptyset(&mask);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&mask, signal);
  ::sigprocmask(SIG_BLOCK, &mask, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  signals = Fd(::signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals) throw errno_error("signalfd");
  loop.watch(signals.get(), EPOLLIN, [this](std::uint32_t) {
    signalfd_siginfo info{};
    while (::read(signals.get(), &info, sizeof info) == sizeof info) {
      if (info.ssi_signo == SIGHUP && (!has_terminal || is_at_a_terminal())) {
        if (options.on_reload) options.on_reload(false);
        reload();
        if (options.on_reload) options.on_reload(true);
      } else if (info.ssi_signo == SIGUSR1)
        reopen_log();
      else if (options.on_signal)
        options.on_signal(static_cast<int>(info.ssi_signo));
      else
        drain();
    }
  });
}

// What cannot be taken over while it runs is told, and is as before until the next start.
void Server::Impl::reload() {
  auto read = Config::load(home.root, environ, &config);
  if (!read) return log_error("the configuration stays as it was: " + read.error().text());
  std::string taken, left;
  for (std::size_t i = 0; i < std::size(config_keys); ++i) {
    if (read->settings()[i].text == config.settings()[i].text) continue;
    std::string& list = is_reloaded(config_keys[i]) ? taken : left;
    list += (list.empty() ? "" : ", ") + std::string(config_keys[i].section) + "." + std::string(config_keys[i].key);
  }
  log_info(taken.empty() ? "the configuration was read: nothing of it has changed that can be taken over"
                         : "the configuration was read: taken over " + taken);
  if (!left.empty()) log_warning("these settings need a restart: " + left);
  config.take_reloaded(*read);
  set_up_log(config, home.root);
  scheduler->step(engine::SetParallelism{engine_config(config, 0, *zones).parallelism});
  upkeep->configure(config);
  dags->rescan();
}

// Everything that one wake-up brought has been handled: close the batch, write what is to be sent.
void Server::Impl::end_of_turn() {
  scheduler->end_of_turn();
  worker->flush();
  socket->flush();
}

void Server::Impl::drain() {
  if (!std::exchange(draining, true)) {
    if (worker_process) {
      log_info("stopping: running tasks may end; a second signal ends them at once");
      return worker_process->drain();
    }
    log_info("stopping; the worker goes on");
    return end_when_durable();
  }
  if (!std::exchange(cut_short, true)) {
    log_warning("stopping at once");
    if (worker_process) return worker_process->end_now();
    loop.stop();
  }
}

void Server::Impl::end_when_durable() {
  if (std::exchange(ending, true)) return;
  scheduler->when_durable([this] {
    scheduler->stop();
    loop.post([this] { loop.stop(); });  // after the answers of this turn are written
  });
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::open(EventLoop& loop, Home home, Config config, ServerOptions options) {
  auto impl = std::make_unique<Impl>(loop, std::move(home), std::move(config), std::move(options));
  if (auto opened = impl->open(); !opened) return std::unexpected(std::move(opened.error()));
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

void Server::run() {
  take_short_slices();
  impl_->watch_signals();
  impl_->loop.run();
}

void Server::drain() {
  impl_->drain();
}
bool Server::was_cut_short() const {
  return impl_->cut_short;
}
const HomeSecrets& Server::secrets() const {
  return impl_->secrets;
}
void Server::command(const Value& command, const std::function<void(Result<Value>)>& on_result) {
  impl_->commands->run(command, on_result);
}

}  // namespace venturi::server
