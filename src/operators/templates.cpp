#include "operators/templates.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/time.h"
#include "model/dag.h"
#include "operators/outcome.h"
#include "schedule/time_zone.h"

namespace venturi::operators {
namespace {

// Rendering is not interrupted, and the host's loop may stand still for 20 ms: about what so many steps take, or copying so
// much.
constexpr templates::Limits limits{.steps = 200'000,
                                   .output_bytes = 16UL << 20U,
                                   .value_bytes = 4UL << 20U,
                                   .value_items = 200'000,
                                   .total_bytes = 48UL << 20U};
constexpr const char* limit_hint =
    "; the process that renders it serves other tasks too: make what is so large in a task, and hand it on as an XCom or a "
    "file";

using templates::AirflowFacts;
using templates::ErrorKind;
using templates::TemplateError;

// The zones of the tz database, read when a template names one.
class TzZones final : public templates::Zones {
 public:
  [[nodiscard]] std::optional<templates::Offset> at(std::string_view zone, Time time) const override {
    if (!zones_) return std::nullopt;
    auto found = zones_->find(zone);
    if (!found && zones_->add(zone)) found = zones_->find(zone);
    if (!found) return std::nullopt;
    const auto offset =
        std::chrono::floor<std::chrono::seconds>((*found)->to_local(time).time_since_epoch() - time.time_since_epoch());
    auto [abbreviation, dst] = (*found)->abbreviation(time);
    return templates::Offset{.seconds = static_cast<int>(offset.count()), .dst = dst, .abbreviation = std::move(abbreviation)};
  }

 private:
  mutable Result<schedule::TimeZones> zones_ = schedule::TimeZones::load();
};

std::optional<Time> time_in(const Value& object, std::string_view key) {
  const Value* text = object.get(key);
  return text != nullptr && text->is_string() ? parse_time(text->as_string()) : std::nullopt;
}

// Of the DAG's and the operator's params, those of the run's conf in their place.
Value params_of(const Value& of_dag, const Value& op, const Value& conf) {
  Object params;
  if (of_dag.is_object()) params = of_dag.as_object();
  if (const Value* own = op.get("params"); own != nullptr && own->is_array()) {
    for (const Value& pair : own->as_array()) {
      if (!pair.is_array() || pair.as_array().size() != 2) continue;
      params.set(pair.as_array()[0].as_string(), decode_serialized(pair.as_array()[1].get_value("default")));
    }
  }
  if (conf.is_object()) {
    for (const auto& [name, value] : conf.as_object()) params.set(name, value);
  }
  return params;
}

AirflowFacts facts_of(const Value& op, const TemplateDetails& details) {
  const Value run = details.ti_context.get_value("dag_run"), sent = op.get_value("_template_context");
  AirflowFacts f;
  f.dag_id = details.ti.get_string("dag_id");
  f.task_id = details.ti.get_string("task_id");
  f.run_id = run.get_string("run_id", details.ti.get_string("run_id"));
  f.run_type = run.get_string("run_type", "manual");
  f.run_state = run.get_string("state", "running");
  f.logical_date = time_in(run, "logical_date");
  f.data_interval_start = time_in(run, "data_interval_start");
  f.data_interval_end = time_in(run, "data_interval_end");
  f.run_after = time_in(run, "run_after");
  f.run_start_date = time_in(run, "start_date");
  f.run_end_date = time_in(run, "end_date");
  if (const Value* user = run.get("triggering_user_name"); user != nullptr && user->is_string())
    f.triggering_user_name = user->as_string();
  if (const Value* key = run.get("partition_key"); key != nullptr && key->is_string()) f.partition_key = key->as_string();
  f.partition_date = time_in(run, "partition_date");
  if (const Value* conf = run.get("conf"); conf != nullptr && conf->is_object()) f.conf = *conf;
  f.try_number = details.ti.get_int("try_number", 1);
  f.map_index = details.ti.get_int("map_index", -1);
  f.max_tries = details.ti_context.get_int("max_tries");
  f.task_reschedule_count = details.ti_context.get_int("task_reschedule_count");
  f.now = SystemClock().now();
  if (details.exception.is_string()) f.exception = details.exception.as_string();
  if (details.reason.is_string()) f.reason = details.reason.as_string();
  f.start_date = details.start_date.is_string() ? parse_time(details.start_date.as_string()) : f.now;
  f.ti = Object{{"hostname", details.ti.get_value("hostname")}, {"queue", details.ti.get_value("queue")}};
  // Such a run has some: where it did not bring them, the server has them.
  f.asset_events = run.get_value("consumed_asset_events");
  if (!f.asset_events.is_array() || f.asset_events.as_array().empty())
    f.asset_events = f.run_type == "asset_triggered" ? Value() : Value(Array{});
  for (const auto& [name, list] : {std::pair("inlets", &f.inlets), std::pair("outlets", &f.outlets)}) {
    if (const Value* given = op.get(name); given != nullptr && given->is_array()) *list = *given;
  }
  f.task = op;
  f.dag = sent.get_value("dag");
  if (const std::string name = op.get_string("map_index_template"); !name.empty()) f.map_index_template = name;
  if (details.own.is_object()) f.own = details.own;
  f.params = params_of(sent.get_value("params"), op, f.conf);
  // The same in each rendering of a try, another one in the next.
  f.seed = std::hash<std::string>{}(details.ti.get_string("id"));
  return f;
}

bool is_for_good(ErrorKind kind) {
  return kind == ErrorKind::syntax || kind == ErrorKind::assertion || kind == ErrorKind::security || kind == ErrorKind::limit;
}

}  // namespace

namespace {

Value masked(const TryLog& log, const Value& value) {
  if (value.is_string()) return log.mask(value.as_string());
  if (value.is_array()) {
    Array items;
    for (const Value& item : value.as_array()) items.push_back(masked(log, item));
    return items;
  }
  if (!value.is_object()) return value;
  Object members;
  for (const auto& [key, member] : value.as_object()) members.add(key, masked(log, member));
  return members;
}

}  // namespace

Value rendered_map_index(const TryLog& log, std::string_view name) {
  return Object{{"type", "SetRenderedMapIndex"}, {"rendered_map_index", log.mask(std::string(name))}};
}

Value rendered_fields(const TryLog& log, const Object& rendered) {
  return Object{{"type", "SetRenderedFields"}, {"rendered_fields", masked(log, rendered)}};
}

std::optional<TemplateDetails> TemplateDetails::of(const Value& details, const Value& op) {
  if (op.get("_template_context") == nullptr) return std::nullopt;
  return TemplateDetails{.ti = details.get_value("ti"),
                         .ti_context = details.get_value("ti_context"),
                         .start_date = details.get_value("start_date"),
                         .exception = details.get_value("exception"),
                         .reason = details.get_value("reason"),
                         .own = details.get_value("own")};
}

TemplatedArguments::TemplatedArguments(const std::vector<Argument>& declared, const std::vector<std::string_view>& extensions,
                                       const Value& op, const TemplateDetails& details, Arguments& arguments)
    : extensions_(extensions),
      arguments_(arguments),
      facts_(facts_of(op, details)),
      files_(std::make_shared<TemplateFiles>(template_folders(facts_.dag))) {
  for (const Argument& argument : declared) {
    if (argument.templated) places_.push_back({std::string(argument.name), !argument.names_own_file});
  }
  auto environment = std::make_shared<templates::Environment>();
  environment->limits = limits;
  environment->zones = std::make_shared<TzZones>();
  environment->loader = files_;
  environment_ = std::move(environment);
}

void TemplatedArguments::answer(const Value& request, std::optional<Value> value) {
  if (!files_->take_answer(request, value)) lookups_.add(request, std::move(value));
}

std::optional<Value> TemplatedArguments::render() {
  Object rendered;
  for (const Place& place : places_) {
    const Value* value = arguments_.find(place.argument);
    if (value == nullptr) continue;
    Value to;
    if (auto wanted = render(place, *value, to)) return wanted;
    rendered.add(place.argument, std::move(to));
  }
  for (const auto& [name, value] : rendered) arguments_.set(name, value);
  return std::nullopt;
}

std::optional<Value> TemplatedArguments::render_map_index(std::string& name) {
  name.clear();
  if (!facts_.map_index_template) return std::nullopt;
  Object task = facts_.task.as_object();
  for (const auto& [argument, value] : arguments_.all()) task.set(argument, value);
  facts_.task = std::move(task);
  Value to;
  if (auto wanted = render({"map_index_template"}, *facts_.map_index_template, to)) return wanted;
  name = to.as_string();
  return std::nullopt;
}

Object TemplatedArguments::rendered() const {
  Object rendered;
  for (const Place& place : places_) {
    if (const Value* value = arguments_.find(place.argument)) rendered.add(place.argument, *value);
  }
  return rendered;
}

std::string_view TemplatedArguments::extension_of(const Place& place, std::string_view text) const {
  if (!place.may_name_files) return {};
  const auto found =
      std::ranges::find_if(extensions_, [text](std::string_view extension) { return text.ends_with(extension); });
  return found == extensions_.end() ? std::string_view() : *found;
}

// As in Airflow it is the text as it was given that names a file, before anything in it is rendered.
templates::Template TemplatedArguments::template_of(const Place& place, const std::string& text) const {
  const std::string_view extension = extension_of(place, text);
  if (extension.empty()) return {text, "template of " + place.argument, environment_};
  const auto source = files_->source(text);
  if (source) return {*source, text, environment_};
  std::string what = "TemplateNotFound: " + text + ": " + files_->where_not(text) + ". What ends with " +
                     std::string(extension) + " in " + place.argument + " names a file with the template";
  if (may_be_template(text)) what += ", and a file's name is no template itself";
  throw TaskFailed(what + ": put a blank behind it if it shall be taken as it is");
}

// As Airflow's render_template: strings in lists and in the values of dicts too.
std::optional<Value> TemplatedArguments::render(const Place& place, const Value& value, Value& to) const {
  if (value.is_array()) {
    Array items(value.as_array().size());
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (auto wanted = render(place, value.as_array()[i], items[i])) return wanted;
    }
    to = std::move(items);
    return std::nullopt;
  }
  if (value.is_object()) {
    if (is_xcom_ref(value)) {
      to = value;
      return std::nullopt;
    }
    Object members;
    for (const auto& [key, member] : value.as_object()) {
      if (auto wanted = render(place, member, members.add(key, Value()))) return wanted;
    }
    to = std::move(members);
    return std::nullopt;
  }
  to = value;
  if (!value.is_string()) return std::nullopt;
  if (!may_be_template(value.as_string()) && extension_of(place, value.as_string()).empty()) {
    if (const std::string& text = value.as_string(); text.ends_with('\n')) to = text.substr(0, text.size() - 1);  // as Jinja
    return std::nullopt;
  }
  try {
    const templates::AirflowContext context(facts_, lookups_);
    auto outcome = template_of(place, value.as_string()).render(context);
    if (auto* wanted = std::get_if<templates::NotYet>(&outcome)) return std::move(wanted->request);
    to = std::move(std::get<std::string>(outcome));
    return std::nullopt;
  } catch (const templates::NotYet& wanted) {
    return wanted.request;
  } catch (const TemplateError& e) {
    std::string what = std::string(templates::python_name(e.kind())) + ": " + e.what();
    if (e.kind() == ErrorKind::limit) what += limit_hint;
    if (e.kind() == ErrorKind::no_template) what += files_->hint();
    if (is_for_good(e.kind())) throw TaskFailedForGood(what);
    throw TaskFailed(what);
  }
}

Value connection_for_templates(const Connection& c) {
  const auto text = [](const std::optional<std::string>& value) { return value ? Value(*value) : Value(); };
  return Object{{"conn_id", c.conn_id},         {"conn_type", c.conn_type},
                {"description", c.description}, {"host", text(c.host)},
                {"schema", text(c.schema)},     {"login", text(c.login)},
                {"password", text(c.password)}, {"port", c.port ? Value(*c.port) : Value()},
                {"extra", text(c.extra)}};
}

Value message_for(const Value& xcom) {
  Object message{
      {"key", xcom.at("key")}, {"dag_id", xcom.at("dag_id")}, {"run_id", xcom.at("run_id")}, {"task_id", xcom.at("task_id")}};
  if (xcom.get("map_index") != nullptr) {
    message.add("type", "GetXCom");
    message.add("map_index", xcom.at("map_index"));
  } else {
    message.add("type", "GetXComSequenceSlice");
    for (const char* bound : {"start", "stop", "step"}) message.add(bound, nullptr);
  }
  message.add("include_prior_dates", xcom.at("include_prior_dates"));
  message.add("max_bytes", most_xcom_bytes);
  return message;
}

Value read_question_answer(Value answer) {
  if (answer.get_string("type") == "ErrorResponse") throw TaskFailed("a template cannot be rendered: " + to_json(answer));
  return answer;
}

std::optional<Value> read_answer(const Value& answer) {
  expect_xcom(answer);
  const std::string type = answer.get_string("type");
  if (type == "XComResult") return answer.get("value") == nullptr ? std::nullopt : std::optional(answer.at("value"));
  if (type == "XComSequenceSliceResult") {
    const Value& root = answer.at("root");
    return root.as_array().empty() ? std::nullopt : std::optional(root);
  }
  return std::nullopt;
}

}  // namespace venturi::operators
