// `dags test` and `tasks test`.
#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "cli/handlers.h"
#include "cli/live_table.h"
#include "cli/log_follower.h"
#include "cli/log_text.h"
#include "cli/output.h"
#include "cli/task_rows.h"
#include "cli/test_run.h"
#include "home/small_file.h"
#include "server/run_paths.h"

namespace venturi::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t tail_lines = 20;
constexpr auto shortest_redraw = 100ms;  // for eyes
constexpr auto log_interval = 100ms;
constexpr auto patience = 1s;

struct Prepared {
  OpenedHome real;
  TestHome home;
  TestRunRequest request;
};

Result<Prepared> prepare(const Arguments& arguments, const char* conf) {
  auto real = open_or_make_home();
  if (!real) return std::unexpected(std::move(real.error()));
  TestRunRequest request{arguments.text("dag_id"), std::nullopt, SystemClock().now(), arguments.json(conf)};
  if (const auto date = arguments.maybe("logical_date")) {
    const auto time = read_date(*date, real->config);
    if (!time) return std::unexpected(time.error());
    request.logical_date = *time;
  }
  auto home = TestHome::make(*real);
  if (!home) return std::unexpected(std::move(home.error()));
  // What server and worker say of themselves would stand between the lines of the run.
  set_log_name("test");
  set_log_level("WARNING");
  return Prepared{std::move(*real), std::move(*home), std::move(request)};
}

std::filesystem::path log_of(const TestHome& home, const TestRun& run, const TaskInstance& ti) {
  return home.home().logs() / server::log_path(run.view().dag().dag_id, run.run_id(), ti.task_id, ti.map_index, ti.try_number);
}

// Files that do not give their DAGs are perhaps the reason why one is missing.
void tell_import_errors(const TestHome& home) {
  const auto reader = server::open_reader(home.home(), home.config());
  if (!reader) return;  // the run did not get that far
  const auto problems = reader->reader->import_errors();
  if (!problems) return print_note("note: import errors cannot be read: " + problems.error().text());
  for (const store::ImportError& problem : *problems)
    print_note("import error in " + problem.filename + ":\n" + printable(problem.stacktrace, true));
}

// Says what takes so long, where it does.
class LookingNote {
 public:
  LookingNote(EventLoop& loop, const Prepared& prepared) : loop_(loop) {
    timer_ = loop.after(patience, [this, text = "note: looking for DAG " + prepared.request.dag_id + " in " +
                                                prepared.real.config.path("core.dags_folder").string() +
                                                "; what changed there is compiled first"] {
      timer_.reset();
      print_note(text);
    });
  }
  ~LookingNote() { found(); }
  LookingNote(const LookingNote&) = delete;
  LookingNote& operator=(const LookingNote&) = delete;
  void found() {
    if (timer_) loop_.cancel(*std::exchange(timer_, std::nullopt));
  }

 private:
  EventLoop& loop_;
  std::optional<EventLoop::TimerId> timer_;
};

int exit_code(const TestRun& run) {
  if (run.interrupted_by() != 0) return 128 + run.interrupted_by();
  return run.ended() && run.ended()->state == RunState::success ? exit_done : exit_failed;
}

Result<int> no_run(const TestRun& run, TestHome& home, Error error, bool keep) {
  if (run.interrupted_by() != 0) return 128 + run.interrupted_by();
  if (error.kind == ErrorKind::not_found) tell_import_errors(home);
  if (keep) {
    home.keep();
    print_note("kept: " + home.home().root.string());
  }
  return std::unexpected(std::move(error));
}

// ---- dags test -----------------------------------------------------------------------------------------------------------

// Lines, or a table on a terminal that has room for it.
class Progress {
 public:
  Progress(EventLoop& loop, const TestRun& run) : loop_(loop), run_(run) {}
  ~Progress() { stop(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void on_commit(const store::Batch& batch) {
    if (!has_begun_) {
      has_begun_ = true;
      is_table_ = LiveTable::fits(run_.view().dag().tasks.size() + 2);
    }
    if (!is_table_)
      print(run_.view().transition_lines(batch));
    else if (!timer_)
      redraw_in(shortest_redraw);
  }
  void stop() {
    if (timer_) loop_.cancel(*std::exchange(timer_, std::nullopt));
    table_.clear();
  }

 private:
  void redraw_in(std::chrono::milliseconds delay) {
    timer_ = loop_.after(delay, [this] {
      timer_.reset();
      table_.draw(format_rows(run_.view().task_rows(SystemClock().now()), OutputFormat::table));
      const auto& tasks = run_.view().tasks();
      const bool counts =
          std::ranges::any_of(tasks, [](const auto& entry) { return entry.second.state == TaskState::running; });
      if (counts) redraw_in(1s);
    });
  }

  EventLoop& loop_;
  const TestRun& run_;
  LiveTable table_;
  bool has_begun_ = false, is_table_ = false;
  std::optional<EventLoop::TimerId> timer_;
};

// What each task wrote: after the table, since lines of tasks that run side by side would mix.
void tell_logs(const TestHome& home, const TestRun& run, bool keep) {
  for (const auto& [no, ti] : run.view().tasks()) {
    if (ti.try_number == 0) continue;
    const auto path = log_of(home, run, ti);
    const auto content = read_small_file(path, std::size_t{1} << 30);
    const bool is_empty = content && (!*content || (*content)->empty());
    if (is_empty && ti.state != TaskState::failed) continue;
    print("\nLog of " + name_of(ti) + ", try " + std::to_string(ti.try_number) + (keep ? ", " + path.string() : ", its end") +
          ":\n");
    if (!content)
      print("  " + content.error().text() + "\n");
    else if (is_empty)
      print("  it wrote nothing\n");
    else
      print(log_tail_text(**content, tail_lines));
  }
}

void summarize(const TestHome& home, const TestRun& run, bool keep) {
  print("\n" + format_rows(run.view().task_rows(SystemClock().now()), OutputFormat::table));
  tell_logs(home, run, keep);
  const auto ended = run.ended();
  if (!ended) return print("\nDAG " + run.view().dag().dag_id + ", run " + run.run_id() + ": stopped before its end\n");
  const std::string duration = duration_text(ended->start_date, ended->end_date);
  print("\nDAG " + ended->dag_id + ", run " + ended->run_id + ": " +
        (run.interrupted_by() != 0 ? "stopped" : std::string(to_string(ended->state))) +
        (duration.empty() ? "" : " after " + duration) + "\n");
}

}  // namespace

Result<int> dags_test(const Arguments& arguments) {
  auto prepared = prepare(arguments, "conf");
  if (!prepared) return std::unexpected(std::move(prepared.error()));
  auto& [real, home, request] = *prepared;
  const bool keep = arguments.has("keep");
  EventLoop loop;
  LookingNote note(loop, *prepared);
  std::optional<Progress> progress;
  TestRun run(
      loop, real.home, home, std::move(request),
      {.on_triggered = [&] { note.found(); }, .on_commit = [&](const store::Batch& batch) { progress->on_commit(batch); }});
  progress.emplace(loop, run);
  auto went = run.go();
  progress.reset();
  if (!went || run.run_id().empty()) return no_run(run, home, went ? Error{} : std::move(went.error()), keep);
  summarize(home, run, keep);
  if (keep) {
    home.keep();
    print("Kept: " + home.home().root.string() + "\n");
  }
  return exit_code(run);
}

// ---- tasks test ----------------------------------------------------------------------------------------------------------

namespace {

// Shows the log of the only task as it grows.
class LiveLog {
 public:
  LiveLog(EventLoop& loop, const TestHome& home, const TestRun& run) : loop_(loop), home_(home), run_(run) {}
  ~LiveLog() {
    if (timer_) loop_.cancel(*timer_);
  }
  LiveLog(const LiveLog&) = delete;
  LiveLog& operator=(const LiveLog&) = delete;

  void on_commit() {
    const auto& tasks = run_.view().tasks();
    if (log_ || tasks.empty() || tasks.begin()->second.try_number == 0 || run_.run_id().empty()) return;
    log_.emplace(log_of(home_, run_, tasks.begin()->second));
    look_again();
  }
  void show(bool at_end) {
    if (!log_) return;
    const auto lines = log_->read(at_end);
    if (!lines) return print_note("note: " + lines.error().text());
    print(log_tail_text(*lines, lines->size()));
  }

 private:
  void look_again() {
    timer_ = loop_.after(log_interval, [this] {
      show(false);
      look_again();
    });
  }

  EventLoop& loop_;
  const TestHome& home_;
  const TestRun& run_;
  std::optional<LogFollower> log_;
  std::optional<EventLoop::TimerId> timer_;
};

}  // namespace

Result<int> tasks_test(const Arguments& arguments) {
  auto prepared = prepare(arguments, "task-params");
  if (!prepared) return std::unexpected(std::move(prepared.error()));
  auto& [real, home, request] = *prepared;
  request.only_task = arguments.text("task_id");
  const bool keep = arguments.has("keep");
  EventLoop loop;
  LookingNote note(loop, *prepared);
  std::optional<LiveLog> log;
  TestRun run(loop, real.home, home, std::move(request),
              {.on_triggered =
                   [&] {
                     note.found();
                     log->on_commit();
                   },
               .on_commit = [&](const store::Batch&) { log->on_commit(); }});
  log.emplace(loop, home, run);
  auto went = run.go();
  if (!went || run.run_id().empty()) return no_run(run, home, went ? Error{} : std::move(went.error()), keep);
  log->show(true);
  log.reset();
  for (const auto& [no, ti] : run.view().tasks()) {
    const std::string why = end_text(ti), duration = duration_text(ti.start_date, ti.end_date);
    print_note("task " + ti.task_id + ": " + std::string(to_string(ti.state)) + (duration.empty() ? "" : " after " + duration) +
               (why.empty() ? "" : ": " + why));
  }
  if (keep) {
    home.keep();
    print_note("kept: " + home.home().root.string());
  }
  return exit_code(run);
}

}  // namespace venturi::cli
