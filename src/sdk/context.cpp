#include "venturi/context.h"

#include "sdk/context_data.h"
#include "sdk/json_read.h"

namespace venturi::inline sdk {

using internal::error_code;

void skip_task(const std::string& why) {
  throw TaskSkipped(why);
}
void fail_task(const std::string& why) {
  throw TaskFailedForGood(why);
}

Value Connection::extra_dejson() const {
  if (extra.empty()) return Object{};
  Value value = internal::read_json(extra, "the extra of connection " + conn_id);
  if (!value.is_object()) throw ValueError("the extra of connection " + conn_id + " is no JSON object");
  return value;
}

namespace detail {
namespace {

// Shorter ones would mask ordinary words, as in the worker's logs.
constexpr std::size_t shortest_secret = 5;

std::optional<Time> time_in(const Value& object, std::string_view key) {
  const Value* value = object.get(key);
  return value != nullptr && value->is_string() ? parse_time(value->as_string()) : std::nullopt;
}

}  // namespace

void ContextData::set_task_instance(const Value& ti) {
  if (!ti.is_object()) return;
  ti_id = ti.get_string("id");
  dag_id = ti.get_string("dag_id", dag_id);
  task_id = ti.get_string("task_id", task_id);
  run_id = ti.get_string("run_id", run_id);
  try_number = static_cast<int>(ti.get_int("try_number"));
  map_index = static_cast<int>(ti.get_int("map_index", -1));
}

void ContextData::set_dag_run(const Value& run) {
  conf = Object{};
  if (!run.is_object()) return;
  dag_id = run.get_string("dag_id", dag_id);
  run_id = run.get_string("run_id", run_id);
  run_type = run.get_string("run_type");
  logical_date = time_in(run, "logical_date");
  data_interval_start = time_in(run, "data_interval_start");
  data_interval_end = time_in(run, "data_interval_end");
  run_after = time_in(run, "run_after");
  run_start_date = time_in(run, "start_date");
  if (const Value* key = run.get("partition_key"); key != nullptr && key->is_string()) partition_key = key->as_string();
  partition_date = time_in(run, "partition_date");
  if (const Value* given = run.get("conf"); given != nullptr && given->is_object()) conf = *given;
  consumed_asset_events = run.get_value("consumed_asset_events");
}

void ContextData::set_params(const Params& of_dag, const Params* of_task) {
  Object merged;
  for (const Params* declared : {&of_dag, of_task}) {
    if (declared == nullptr) continue;
    for (const auto& [name, param] : declared->list()) {
      if (param.value.is_given()) merged.set(name, param.value.get());
    }
  }
  if (conf.is_object()) {
    for (const auto& [name, value] : conf.as_object()) merged.set(name, value);
  }
  params = std::move(merged);
}

Value ContextData::ask(const Object& request) {
  internal::Answer answer = comms.ask(request);
  if (!answer.error.is_null()) {
    throw ServerError(request.at("type").as_string() + " failed: " + internal::error_text(answer.error));
  }
  return std::move(answer.body);
}

Object ContextData::xcom_address(std::string_view key) const {
  return Object{{"key", key}, {"dag_id", dag_id}, {"run_id", run_id}, {"task_id", task_id}, {"map_index", map_index}};
}

std::string_view ContextData::run_files() const {
  return run_dir ? std::string_view(*run_dir) : "/no folder for files of the run: only Venturi's workers have one";
}

void ContextData::remember_secret(std::string_view secret) {
  if (secret.size() >= shortest_secret) secrets_.emplace_back(secret);
}

std::string ContextData::without_secrets(std::string text) const {
  for (const std::string& secret : secrets_) {
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
      text.replace(at, secret.size(), "***");
    }
  }
  return text;
}

}  // namespace detail

const std::string& Context::dag_id() const {
  return data_->dag_id;
}
const std::string& Context::task_id() const {
  return data_->task_id;
}
const std::string& Context::run_id() const {
  return data_->run_id;
}
const std::string& Context::run_type() const {
  return data_->run_type;
}
int Context::try_number() const {
  return data_->try_number;
}
int Context::max_tries() const {
  return data_->max_tries;
}
int Context::map_index() const {
  return data_->map_index;
}
std::optional<Time> Context::logical_date() const {
  return data_->logical_date;
}
std::optional<Time> Context::data_interval_start() const {
  return data_->data_interval_start;
}
std::optional<Time> Context::data_interval_end() const {
  return data_->data_interval_end;
}
std::optional<Time> Context::run_after() const {
  return data_->run_after;
}
std::optional<Time> Context::start_date() const {
  return data_->run_start_date;
}
const std::optional<std::string>& Context::partition_key() const {
  return data_->partition_key;
}
std::optional<Time> Context::partition_date() const {
  return data_->partition_date;
}
const Value& Context::conf() const {
  return data_->conf;
}
const Value& Context::params() const {
  return data_->params;
}
const Logger& Context::log() const {
  return data_->logger;
}

bool Context::is_cancelled() const {
  return data_->comms.is_cancelled();
}

Connection Context::get_connection(std::string_view conn_id) const {
  const Value answer = data_->ask({{"type", "GetConnection"}, {"conn_id", conn_id}});
  if (answer.get_string("type") != "ConnectionResult") {
    const std::string id(conn_id);
    if (error_code({answer, {}}) != "CONNECTION_NOT_FOUND") {
      throw ServerError("the connection " + id + " was not given: " + internal::error_text(answer));
    }
    throw NotFound("there is no connection " + id + ": add it with venturi connections add " + id + " --conn-uri ...");
  }
  Connection c{.conn_id = answer.get_string("conn_id", conn_id),
               .conn_type = answer.get_string("conn_type"),
               .host = answer.get_string("host"),
               .schema = answer.get_string("schema"),
               .login = answer.get_string("login"),
               .password = answer.get_string("password"),
               .port = std::nullopt,
               .extra = answer.get_string("extra")};
  if (const Value* port = answer.get("port"); port != nullptr && port->is_int()) c.port = static_cast<int>(port->as_int());
  data_->remember_secret(c.password);
  return c;
}

namespace {
std::optional<std::string> find_variable(detail::ContextData& data, std::string_view key) {
  const Value answer = data.ask({{"type", "GetVariable"}, {"key", key}});
  if (answer.get_string("type") == "VariableResult") return answer.get_string("value");
  if (answer.is_null() || error_code({answer, {}}) == "VARIABLE_NOT_FOUND") return std::nullopt;
  throw ServerError("the variable " + std::string(key) + " was not given: " + internal::error_text(answer));
}
}  // namespace

std::string Context::get_variable(std::string_view key) const {
  if (auto value = find_variable(*data_, key)) return std::move(*value);
  const std::string name(key);
  throw NotFound("there is no variable " + name + ": add it with venturi variables set " + name + " ...");
}

std::string Context::get_variable(std::string_view key, std::string_view otherwise) const {
  return find_variable(*data_, key).value_or(std::string(otherwise));
}

Value Context::get_variable_json(std::string_view key) const {
  return internal::read_json(get_variable(key), "variable " + std::string(key));
}

namespace {
void expect_done(const Value& answer, const std::string& what) {
  if (answer.get_string("type") == "ErrorResponse") throw ServerError(what + " failed: " + internal::error_text(answer));
}
}  // namespace

void Context::set_variable(std::string_view key, std::string_view value, std::string_view description) const {
  const Value answer = data_->ask({{"type", "PutVariable"},
                                   {"key", key},
                                   {"value", value},
                                   {"description", description.empty() ? Value() : Value(description)}});
  expect_done(answer, "setting the variable " + std::string(key));
}

void Context::delete_variable(std::string_view key) const {
  expect_done(data_->ask({{"type", "DeleteVariable"}, {"key", key}}), "deleting the variable " + std::string(key));
}

Value Context::pull(const XComQuery& query) const {
  const Value answer = data_->ask({{"type", "GetXCom"},
                                   {"key", query.key},
                                   {"dag_id", query.dag_id.empty() ? std::string_view(data_->dag_id) : query.dag_id},
                                   {"run_id", query.run_id.empty() ? std::string_view(data_->run_id) : query.run_id},
                                   {"task_id", query.task_id.empty() ? std::string_view(data_->task_id) : query.task_id},
                                   {"map_index", query.map_index},
                                   {"include_prior_dates", query.include_prior_dates}});
  if (const std::string code = error_code({answer, {}}); !code.empty() && code != "XCOM_NOT_FOUND") {
    throw ServerError("the XCom " + std::string(query.key) + " was not given: " + internal::error_text(answer));
  }
  const Value* value = answer.get("value");
  return value == nullptr ? Value() : *value;
}

void Context::push(std::string_view key, Value value) const {
  Object request = data_->xcom_address(key);
  request.add("type", "SetXCom");
  request.add("value", std::move(value));
  expect_done(data_->ask(request), "pushing the XCom " + std::string(key));
}

void Context::put(std::string_view name, Value value) const {
  if (!data_->own.is_object()) data_->own = Object{};
  data_->own.as_object().set(name, std::move(value));
}

const std::string& Context::run_dir() const {
  if (!data_->run_dir) {
    throw std::runtime_error(
        "there is no folder for files of the run: only Venturi's workers have one, and this task runs under another "
        "supervisor");
  }
  return *data_->run_dir;
}

std::string_view Context::run_files() const {
  return data_->run_dir ? std::string_view(*data_->run_dir) : std::string_view();
}

RunFileWriter Context::create_run_file(std::string name, std::vector<Column> columns) const {
  return {run_dir(), std::move(name), std::move(columns)};
}

std::string_view CallbackContext::event() const {
  return data_->event;
}
const std::string& CallbackContext::error() const {
  return data_->error;
}

}  // namespace venturi::inline sdk
