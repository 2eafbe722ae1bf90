// TriggerDagRunOperator: asks for a run of another DAG, and may wait for its end.
//
//   trigger_dag_id, trigger_run_id, conf   without a run id: manual__<logical date>
//   logical_date                           now, or none where run_after is given; None: the run has none
//   run_after                              now: the run is queued until then
//   wait_for_completion, poke_interval     false, 60 s
//   deferrable                             true: it waits deferred, without a slot
//   allowed_states, failed_states          ["success"], ["failed"]: how the run may end, and how it may not
//   reset_dag_run                          false; true: a run of this id that is there already is cleared and runs again
//   skip_when_already_exists               true: skipped where a run of this id or logical date is there; otherwise failed, and
//                                          not tried again
//   fail_when_dag_is_paused                true: failed where the DAG is paused
//   note                                   of the run, for people
//
// The server makes the run and the XCom trigger_run_id in one transaction, so asking twice gives one run. A wait is a
// coroutine.
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/json.h"
#include "base/random.h"
#include "base/time.h"
#include "model/state.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/standard/standard.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;
using operators::TaskSkipped;

// Templates give booleans as text.
bool flag_of(const Arguments& arguments, std::string_view name) {
  const Value* value = arguments.find(name);
  if (value == nullptr) return false;
  if (value->is_bool()) return value->as_bool();
  const std::string text = value->is_string() ? value->as_string() : "";
  if (text == "True" || text == "true" || text == "1") return true;
  if (text == "False" || text == "false" || text == "0" || (value->is_string() && text.empty())) return false;
  throw TaskFailedForGood(fmt::format("the argument {} must be true or false, not {}", name, to_json(*value)));
}

std::vector<std::string> run_states_of(const Arguments& arguments, std::string_view name, const char* otherwise) {
  if (!arguments.has(name)) return {otherwise};
  std::vector<std::string> states = arguments.string_list(name);
  for (const std::string& state : states) {
    if (!parse_run_state(state)) {
      throw TaskFailedForGood(
          fmt::format("{} has '{}', which is no state of a DAG run (there are queued, running, success, failed)", name, state));
    }
  }
  return states;
}

// Nothing: None, or not given.
std::optional<Time> date_of(const Arguments& arguments, std::string_view name) {
  const std::string text = arguments.string(name, "None");
  if (text == "None" || text.empty()) return std::nullopt;
  const auto date = parse_time(text);
  if (!date) {
    throw TaskFailedForGood(
        fmt::format("the argument {} must be a date and time like 2026-01-31T00:00:00+00:00, or None, not '{}'", name, text));
  }
  return date;
}

// Nothing: the run is to have none, as in Airflow also where run_after alone is given.
std::optional<Time> logical_date_of(const Arguments& arguments) {
  if (!arguments.has("logical_date") && !arguments.has("run_after")) return SystemClock().now();
  return date_of(arguments, "logical_date");
}

std::string run_id_of(const Arguments& arguments, const std::optional<Time>& date, const std::optional<Time>& run_after) {
  std::string given = arguments.string("trigger_run_id");
  if (!given.empty()) return given;
  const std::optional<Time> time = arguments.has("run_after") ? run_after : date;
  std::string id = "manual__" + format_time_offset(time.value_or(SystemClock().now()));
  if (date) return id;
  id += '_';
  for (const char byte : random_bytes(8)) id += static_cast<char>('a' + static_cast<unsigned char>(byte) % 26);
  return id;
}

Value conf_of(const Arguments& arguments) {
  const Value* given = arguments.find("conf");
  if (given == nullptr) return {};
  Value conf = *given;
  if (conf.is_string()) {
    auto parsed = parse_json(conf.as_string());
    if (!parsed) throw TaskFailedForGood("conf parameter should be JSON Serializable: " + parsed.error().text());
    conf = *std::move(parsed);
  }
  if (!conf.is_object()) throw TaskFailedForGood(fmt::format("the argument conf must be an object, not {}", conf.type_name()));
  return conf;
}

struct Awaited {
  std::string dag_id, run_id;
  std::vector<std::string> allowed, failed;
  double poke_interval = 60;
  bool is_deferrable = false;
};

// The answer; true where that is the end it waited for. Throws TaskFailed for another end.
bool is_over(OperatorTry& t, const Awaited& run, const Value& answer) {
  const std::string state = answer.get_string("state");
  if (std::ranges::find(run.failed, state) != run.failed.end())
    throw TaskFailed(fmt::format("{} failed with failed state {} (run {})", run.dag_id, state, run.run_id));
  if (std::ranges::find(run.allowed, state) != run.allowed.end()) {
    t.log.info(fmt::format("DagRun finished with allowed state {}.", state));
    return true;
  }
  if (const auto parsed = parse_run_state(state); parsed && is_finished(*parsed)) {
    throw TaskFailed(fmt::format("run {} of {} ended as {}, which is neither in allowed_states nor in failed_states",
                                 run.run_id, run.dag_id, state));
  }
  return false;
}

void say_what_for(OperatorTry& t, const Awaited& run) {
  t.log.info(fmt::format("Waiting for dag run {} of {} to complete execution in allowed state {}.", run.run_id, run.dag_id,
                         fmt::join(run.allowed, ", ")));
}

asio::awaitable<bool> ask_for_end(OperatorTry& t, const Awaited& run) {
  const std::size_t held = t.memory.used();
  const Value answer = co_await t.host.ask(Object{{"type", "GetDagRunState"}, {"dag_id", run.dag_id}, {"run_id", run.run_id}});
  t.memory.release(t.memory.used() - held);
  co_return is_over(t, run, answer);
}

asio::awaitable<void> wait_for_end(OperatorTry& t, const Awaited& run) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  if (run.is_deferrable) t.defer_in_place("airflow.providers.standard.triggers.external_task.DagStateTrigger");
  do {
    say_what_for(t, run);
    timer.expires_after(std::chrono::duration_cast<std::chrono::steady_clock::duration>(
        std::chrono::duration<double>(std::clamp(run.poke_interval, 0.0, 1e9))));
    co_await timer.async_wait(asio::use_awaitable);
  } while (!co_await ask_for_end(t, run));
}

// What is to be waited for; null where nothing is.
asio::awaitable<std::unique_ptr<const Awaited>> trigger(OperatorTry& t, Arguments arguments) {
  auto awaited = std::make_unique<Awaited>();
  Awaited& run = *awaited;
  run.dag_id = arguments.string("trigger_dag_id");
  run.allowed = run_states_of(arguments, "allowed_states", "success");
  if (run.allowed.empty()) run.allowed = {"success"};
  run.failed = run_states_of(arguments, "failed_states", "failed");
  run.poke_interval = arguments.number("poke_interval", 60);
  run.is_deferrable = arguments.boolean("deferrable", false);
  const bool waits = flag_of(arguments, "wait_for_completion"), skips = flag_of(arguments, "skip_when_already_exists");
  Value conf = conf_of(arguments);
  const std::string note = arguments.string("note");
  const std::optional<Time> date = logical_date_of(arguments);
  const std::optional<Time> run_after = date_of(arguments, "run_after");
  run.run_id = run_id_of(arguments, date, run_after);

  if (arguments.boolean("fail_when_dag_is_paused", false)) {
    const Value dag = co_await t.host.ask(Object{{"type", "GetDag"}, {"dag_id", run.dag_id}});
    if (dag.get_bool("is_paused")) throw TaskFailed(fmt::format("Dag {} is paused", run.dag_id));
  }
  t.log.info(fmt::format("Triggering Dag Run {} of {}.", run.run_id, run.dag_id));
  const Value answer = co_await t.host.ask(Object{{"type", "TriggerDagRun"},
                                                  {"dag_id", run.dag_id},
                                                  {"run_id", run.run_id},
                                                  {"logical_date", date ? Value(format_time(*date)) : Value()},
                                                  {"run_after", run_after ? Value(format_time(*run_after)) : Value()},
                                                  {"conf", std::move(conf)},
                                                  {"reset_dag_run", arguments.boolean("reset_dag_run", false)},
                                                  {"partition_key", nullptr},
                                                  {"note", note.empty() ? Value() : Value(note)}});
  if (answer.get_string("type") == "ErrorResponse") {
    const Value* detail = answer.get("detail");
    const std::string why = detail == nullptr ? to_json(answer) : detail->get_string("message", to_json(*detail));
    if (skips) throw TaskSkipped("Dag Run already exists, skipping task as skip_when_already_exists is set to True: " + why);
    throw TaskFailedForGood("Dag Run already exists, marking task as failed: " + why);
  }
  t.log.info(fmt::format("Dag Run {} of {} triggered successfully.", run.run_id, run.dag_id));
  if (!waits) co_return nullptr;
  co_return awaited;
}

}  // namespace

asio::awaitable<Value> run_trigger_dag_run(OperatorTry& t, Arguments arguments) {
  if (const auto run = co_await trigger(t, std::move(arguments))) co_await wait_for_end(t, *run);
  co_return Value();
}

}  // namespace venturi::providers
