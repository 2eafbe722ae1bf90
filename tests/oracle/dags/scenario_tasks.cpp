#include "scenario_tasks.h"

#include <venturi/json.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "scenario_options.h"
using namespace venturi;

namespace oracle {

void raise_error(const std::string& why) {
  throw std::runtime_error("RuntimeError: " + why);
}
void raise_fail(const std::string& why) {
  fail_task("AirflowFailException: " + why);
}
void raise_skip(const std::string& why) {
  skip_task("AirflowSkipException: " + why);
}

std::vector<std::string> ids_of(const Value& choice) {
  std::vector<std::string> ids;
  if (choice.is_null()) return ids;
  if (!choice.is_array()) return {choice.as_string()};
  for (const Value& id : choice.as_array()) ids.push_back(id.as_string());
  return ids;
}

// Python's x * 2.
Value doubled(const Value& item) {
  if (item.is_string()) return item.as_string() + item.as_string();
  if (item.is_int()) return item.as_int() * 2;
  if (!item.is_array()) return item.as_double() * 2;
  Array twice = item.as_array();
  twice.insert(twice.end(), item.as_array().begin(), item.as_array().end());
  return twice;
}

Value without_odd(const Value& item) {
  if (item.as_int() % 2 != 0) raise_skip("odd");
  return item;
}

namespace {

void sleep_ms(const ScenarioTask& task, std::int64_t ms) {
  if (task.sleeps) std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

// xcom_pull of a template knows all that Airflow's does.
Value pull_xcom(const Context& context, const Value& pull) {
  std::string arguments;
  for (const auto& [name, value] : pull.as_object())
    arguments += (arguments.empty() ? "" : ", ") + name + "=" + (value.is_null() ? "none" : to_json(value));
  return from_json(context.render("{{ ti.xcom_pull(" + arguments + ") | tojson }}"), "the XCom");
}

Value render_many(const Context& context, const Value& texts) {
  Array rendered;
  for (const Value& text : texts.as_array()) {
    try {
      rendered.emplace_back(context.render(text.as_string()));
    } catch (const HookError& e) {  // "UndefinedError: 'x' is undefined (...)"
      const std::string_view what = e.what();
      rendered.emplace_back(Object{{"error", what.substr(0, what.find(':'))}});
    }
  }
  return rendered;
}

// Entries of the context: dates as ISO texts, plain values as they are, all else as text.
Value context_entries(const Context& context, const Value& names) {
  Object entries;
  for (const Value& name : names.as_array()) {
    const std::string text = context.render(
        "{% set v = " + name.as_string() +
        " %}{% if v is undefined or v is none %}null{% elif v.isoformat is defined %}{{ v.isoformat() | tojson }}"
        "{% elif v is boolean or v is number or v is mapping or (v is sequence and v is not string) %}{{ v | tojson }}"
        "{% else %}{{ v | string | tojson }}{% endif %}");
    entries.set(name.as_string(), from_json(text, name.as_string()));
  }
  return entries;
}

Value do_item(const ScenarioTask& task, const Context& context) {
  const Value& item = *task.item;
  const std::string word = item.is_string() ? item.as_string() : "";
  if (word == "fail") raise_error("item says fail");
  if (word == "skip") raise_skip("item says skip");
  if (word == "raise_fail") raise_fail("item says raise_fail");
  if (word.starts_with("fail_times:") && context.try_number() <= std::stoi(word.substr(11)))
    raise_error("item says fail at first");
  if (word.starts_with("sleep:")) sleep_ms(task, std::stoll(word.substr(6)));
  return item;
}

Value push_keys(const Context& context, const Value& args) {
  for (const auto& [key, value] : args.at("values").as_object()) context.xcom_push(key, value);
  return args.get_value("value");
}

Value push_by_try(const Context& context, const Value& args) {
  const Array& values = args.at("values").as_array();
  return values.at(std::min(static_cast<std::size_t>(context.try_number()), values.size()) - 1);
}

Value fail_n_times(const Context& context, const Value& args) {
  if (context.try_number() <= args.get_int("n"))
    raise_error("try " + std::to_string(context.try_number()) + " fails on purpose");
  return context.try_number();
}

Value skip_n_times(const Context& context, const Value& args) {
  if (context.try_number() <= args.get_int("n")) raise_skip("skips on purpose");
  return context.try_number();
}

Value produce_asset(const Context& context, const Value& args) {
  if (const Value* extra = args.get("extra")) {
    for (const auto& [uri, value] : extra->as_object()) context.outlet_events(Asset(uri)).set_extra(value);
  }
  const std::string end = args.get_string("end");
  if (end == "fail") raise_error("producer fails on purpose");
  if (end == "skip") raise_skip("producer skips on purpose");
  return args.get_value("value");
}

Value wait_deferred(const Context& context, const Value& args) {
  const Resumption* resumed = context.resumed();
  const std::int64_t hop = resumed == nullptr ? 0 : resumed->kwargs.get_int("hop");
  if (hop < args.get_int("hops", 1)) {
    DeferOptions options{.method_name = "resume", .kwargs = {{"hop", hop + 1}}, .timeout = {}};
    if (const Value* timeout = args.get("timeout_s")) options.timeout = seconds(timeout->as_double());
    context.defer(TimeDeltaTrigger(std::chrono::milliseconds(args.get_int("ms"))), std::move(options));
  }
  const std::string end = args.get_string("end", "succeed");
  if (end == "fail") raise_error("fails after the wait on purpose");
  if (end == "fail_first" && context.try_number() == 1) raise_error("fails after the first wait on purpose");
  if (end == "skip") raise_skip("skips after the wait on purpose");
  return args.get_value("value");
}

Value echo(const ScenarioTask& task) {
  if (task.item2->is_null()) return *task.item;
  return Array{*task.item, *task.item2};
}

using Body = std::function<Value(const ScenarioTask& task, const Context& context)>;

// NOLINTBEGIN(readability-named-parameter): most take one of the two
const std::map<std::string, Body>& bodies() {
  static const std::map<std::string, Body> by_kind{
      {"noop", [](const ScenarioTask&, const Context&) { return Value(); }},
      {"succeed", [](const ScenarioTask&, const Context&) { return Value(); }},
      {"fail", [](const ScenarioTask&, const Context&) -> Value { raise_error("fails on purpose"); }},
      {"raise_fail", [](const ScenarioTask&, const Context&) -> Value { raise_fail("fails without retry on purpose"); }},
      {"skip", [](const ScenarioTask&, const Context&) -> Value { raise_skip("skips on purpose"); }},
      {"fail_n_times", [](const ScenarioTask& t, const Context& c) { return fail_n_times(c, t.args); }},
      {"skip_n_times", [](const ScenarioTask& t, const Context& c) { return skip_n_times(c, t.args); }},
      {"sleep_ms",
       [](const ScenarioTask& t, const Context&) {
         sleep_ms(t, t.args.get_int("ms"));
         return Value();
       }},
      {"deferrable_wait_ms", [](const ScenarioTask& t, const Context& c) { return wait_deferred(c, t.args); }},
      {"produce_asset", [](const ScenarioTask& t, const Context& c) { return produce_asset(c, t.args); }},
      {"push_xcom", [](const ScenarioTask& t, const Context&) { return t.args.get_value("value"); }},
      {"push_keys", [](const ScenarioTask& t, const Context& c) { return push_keys(c, t.args); }},
      {"push_by_try", [](const ScenarioTask& t, const Context& c) { return push_by_try(c, t.args); }},
      {"pull_xcom", [](const ScenarioTask& t, const Context& c) { return pull_xcom(c, t.args.at("pull")); }},
      {"render", [](const ScenarioTask& t, const Context&) { return *t.text; }},
      {"render_many", [](const ScenarioTask& t, const Context& c) { return render_many(c, t.args.at("texts")); }},
      {"echo", [](const ScenarioTask& t, const Context&) { return echo(t); }},
      {"by_item", [](const ScenarioTask& t, const Context& c) { return do_item(t, c); }},
      {"context", [](const ScenarioTask& t, const Context& c) { return context_entries(c, t.args.at("names")); }}};
  return by_kind;
}
// NOLINTEND(readability-named-parameter)

}  // namespace

Value ScenarioTask::execute(const Context& context) const {
  const auto body = bodies().find(kind);
  if (body == bodies().end()) throw std::runtime_error("there is no kind " + kind + " of tasks here yet");
  return body->second(*this, context);
}

bool poke(const Context& context, const Value& args, const std::string& state_folder) {
  const std::filesystem::path folder = std::filesystem::path(state_folder) / "pokes";
  std::filesystem::create_directories(folder);
  const std::string name = context.dag_id() + "." + context.run_id() + "." + context.task_id() + "." +
                           std::to_string(context.map_index()) + "." + std::to_string(context.try_number());
  std::ofstream(folder / name, std::ios::app) << "x";
  const auto count = static_cast<std::int64_t>(std::filesystem::file_size(folder / name));
  if (count == args.get_int("raise_at")) {
    const std::string kind = args.get_string("raise_kind");
    if (kind == "fail") raise_fail("at poke");
    if (kind == "skip") raise_skip("at poke");
    raise_error("at poke");
  }
  return args.get("n") != nullptr && count >= args.get_int("n");
}

}  // namespace oracle
