#include "server/command_client.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "base/fd.h"
#include "server/cleaning_commands.h"
#include "server/commands.h"
#include "server/dag_source.h"
#include "server/home_store.h"
#include "server/scheduler.h"
#include "server/user_questions.h"
#include "task/frame.h"

namespace venturi::server {
namespace {

// How long a server may take from its lock to its socket, and a command to be done with its lock.
constexpr auto patience = std::chrono::seconds(10);
constexpr unsigned between_us = 20'000;

// Nothing where nobody listens there (any more).
std::optional<Result<Value>> ask_server(const std::string& socket, const Value& command) {
  try {
    const Fd connection = connect_unix(socket);
    if (!connection) return std::nullopt;
    if (peer_uid(connection.get()) != ::geteuid()) {
      return fail(ErrorKind::denied, "the server of this home belongs to another user", socket, "run the command as that user");
    }
    task::write_frame(connection.get(), 1, command);
    const auto answer = task::read_frame(connection.get());
    if (!answer) {
      return fail(ErrorKind::unavailable, "the server ended before it answered", socket,
                  "see whether the command was carried out, and repeat it where it was not");
    }
    if (!answer->error.is_null()) return std::unexpected(error_from(answer->error));
    return answer->body;
  } catch (const std::system_error& e) {
    return fail(ErrorKind::unavailable, std::string("the server cannot be asked: ") + e.what(), socket);
  } catch (const task::ProtocolError& e) {
    return fail(ErrorKind::unavailable, std::string("the server's answer cannot be read: ") + e.what(), socket);
  }
}

// As Airflow's own command line names what it logs.
Value audit_of(const Value& command) {
  std::string event = "cli_" + command.get_string("command");
  std::ranges::replace_if(event, [](char c) { return c == ' ' || c == '-'; }, '_');
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  const bool has_name = ::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr;
  return Object{{"event", std::move(event)}, {"owner", has_name ? entry.pw_name : std::to_string(::geteuid())}};
}

Result<Value> run_here(const Home& home, const Config& config, const HomeLock& lock, const Value& command) {
  std::error_code error;
  auto secrets = open_secrets(home, lock, std::filesystem::exists(config.path("database.path"), error), given_secrets(config));
  if (!secrets) return std::unexpected(std::move(secrets.error()));
  auto opened = open_store(config, *secrets);
  if (!opened) return std::unexpected(std::move(opened.error()));
  auto active = opened->store->load_active();
  if (!active) return std::unexpected(std::move(active.error()));
  auto reader = opened->store->open_reader();
  if (!reader) return std::unexpected(std::move(reader.error()));
  auto zones = schedule::TimeZones::load();
  if (!zones) return std::unexpected(std::move(zones.error()));
  for (const auto& dag : active->dags)
    (void)check_schedule(*dag, *zones);  // an import error of the server's, not of this command

  EventLoop loop;
  const SystemClock clock;
  // Nothing is launched from here: what is ready is the next server's to launch.
  engine::Config without_slots = engine_config(config, active->epoch, *zones);
  without_slots.parallelism = 0;
  std::optional<Result<Value>> result;
  UserQuestions user_questions(loop, config, **reader, [](UserQuestions::Of, const Dag&, const std::string&) {});
  Scheduler* running = nullptr;
  Scheduler scheduler(loop, clock, *opened->store, without_slots, to_snapshot(std::move(*active)),
                      {.launch = [](const engine::Launch&) {},
                       .kill = [](const engine::Kill&) {},
                       .deliver = [](const engine::Deliver&) {},
                       .run_ended = [](const DagRun&) {},
                       // When the DAG runs next is the next server's to ask.
                       .ask_timetable =
                           [&](const engine::AskTimetable& question) {
                             if (!question.is_for_schedule) user_questions.answer(*running, question);
                           },
                       .store_trouble =
                           [&](const std::string& why) {
                             result = fail(ErrorKind::exhausted, why);
                             loop.stop();
                           }});
  running = &scheduler;
  DeletedRuns deleted_runs(loop, scheduler, **reader, home);
  Retention retention(loop, scheduler, **reader, deleted_runs, home, config.path("database.path").string());
  Commands commands(scheduler, **reader, deleted_runs, {});
  add_cleaning_commands(commands, scheduler, retention);
  loop.at_end_of_turn([&] { scheduler.end_of_turn(); });
  loop.post([&] {
    commands.run(command, [&](Result<Value> outcome) {
      result = std::move(outcome);
      loop.stop();
    });
  });
  loop.run();
  return std::move(*result);
}

}  // namespace

Result<Value> run_command(const Home& home, const Config& config, const Value& command) {
  Value request = command;
  request.as_object().set("type", "Command");
  request.as_object().set("audit", audit_of(command));
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    auto attempt = try_lock(home, {});
    if (!attempt) return std::unexpected(std::move(attempt.error()));
    if (attempt->lock) return run_here(home, config, *attempt->lock, request);
    if (!attempt->owner.socket.empty()) {
      if (auto answer = ask_server(attempt->owner.socket, request)) return std::move(*answer);
    }
    if (std::chrono::steady_clock::now() > end) return std::unexpected(attempt->in_use(home));
    ::usleep(between_us);
  }
}

}  // namespace venturi::server
