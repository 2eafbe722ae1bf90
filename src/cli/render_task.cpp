#include "cli/render_task.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "base/json.h"
#include "engine/mapping.h"
#include "model/connection.h"
#include "operators/arguments.h"
#include "operators/outcome.h"
#include "operators/templates.h"
#include "server/execute_task.h"
#include "server/lookups.h"

extern char** environ;

namespace venturi::cli {
namespace {

// Answers what templates ask for, from the metadata and the environment, and remembers what must not be shown.
class Answers {
 public:
  explicit Answers(store::Reader& reader) : reader_(reader), lookups_(environ, {&reader_}) {}

  Result<std::optional<Value>> find(const Value& request) {
    if (const Value* conn_id = request.get("connection")) return find_connection(conn_id->as_string());
    if (const Value* key = request.get("variable")) {
      auto value = lookups_.variable(key->as_string());
      if (!value) return std::unexpected(std::move(value.error()));
      if (!*value) return std::nullopt;
      if (is_sensitive_name(key->as_string())) secrets_.push_back(**value);
      return Value(std::move(**value));
    }
    if (request.get("template_file") != nullptr) return operators::read_template_file(request);
    const Value* xcom = request.get("xcom");
    if (xcom == nullptr) return std::nullopt;  // of asset events and other runs
    const store::XComKey key{xcom->get_string("dag_id"), xcom->get_string("run_id"), xcom->get_string("task_id"),
                             static_cast<std::int32_t>(xcom->get_int("map_index", -1)), xcom->get_string("key")};
    return xcom->get("map_index") == nullptr ? find_all(key) : find_one(key);
  }
  // That an argument is, or has in it; null where it is not there.
  Result<Value> find(const operators::XComRef& ref, const DagRun& run) {
    const store::XComKey key{run.dag_id, run.run_id, ref.task_id, static_cast<std::int32_t>(ref.map_index), ref.key};
    auto found = ref.is_sequence ? find_all(key) : find_one(key);
    if (!found) return std::unexpected(std::move(found.error()));
    Value value = std::move(*found).value_or(Value());
    if (!ref.item) return value;
    const auto item = static_cast<std::size_t>(*ref.item);
    if (value.is_object()) {  // its items are pairs
      if (item >= value.as_object().size()) return Value();
      const auto& [name, member] = *(value.as_object().begin() + *ref.item);
      return Value(Array{Value(name), member});
    }
    return value.is_array() && item < value.as_array().size() ? value.as_array()[item] : Value();
  }

  [[nodiscard]] std::string masked(std::string text) {
    std::ranges::sort(secrets_, std::greater{}, &std::string::size);
    for (const std::string& secret : secrets_) {
      if (secret.empty()) continue;
      for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3))
        text.replace(at, secret.size(), "***");
    }
    return text;
  }
  // String by string: escaped as in JSON text a secret would not be found.
  [[nodiscard]] Value masked_value(const Value& value) {
    if (value.is_string()) return Value(masked(value.as_string()));
    if (value.is_array()) {
      Array items;
      for (const Value& item : value.as_array()) items.push_back(masked_value(item));
      return Value(std::move(items));
    }
    if (!value.is_object()) return value;
    Object members;
    for (const auto& [key, member] : value.as_object()) members.add(masked(key), masked_value(member));
    return Value(std::move(members));
  }

 private:
  Result<std::optional<Value>> find_connection(const std::string& conn_id) {
    const auto found = lookups_.connection(conn_id);
    if (!found) return std::unexpected(found.error());
    if (!*found) return std::nullopt;
    Value connection = operators::connection_for_templates(**found);
    templates::FetchedLookups known;
    known.add(templates::connection_request(conn_id), connection);
    for (std::string& secret : known.secrets()) secrets_.push_back(std::move(secret));
    return connection;
  }

  Result<std::optional<Value>> find_all(const store::XComKey& key) {
    const auto texts = reader_.xcom_sequence(key, 0, -1);
    if (!texts) return std::unexpected(texts.error());
    if (texts->empty()) return std::nullopt;
    Array items;
    for (const std::string& text : *texts) {
      auto item = parse(text);
      if (!item) return std::unexpected(std::move(item.error()));
      items.push_back(std::move(*item));
    }
    return Value(std::move(items));
  }
  Result<std::optional<Value>> find_one(const store::XComKey& key) {
    const auto text = reader_.xcom(key);
    if (!text) return std::unexpected(text.error());
    if (!*text) return std::nullopt;
    auto value = parse(**text);
    if (!value) return std::unexpected(std::move(value.error()));
    return std::optional(std::move(*value));
  }
  static Result<Value> parse(const std::string& text) {
    if (store::file_of_xcom(text)) return Value("(an XCom that is kept in a file)");
    return parse_json(text);
  }

  store::Reader& reader_;
  server::Lookups lookups_;
  std::vector<std::string> secrets_;
};

// Which items a mapped instance takes, as far as the lists are known.
Result<std::vector<std::int64_t>> items_of(store::Reader& reader, const Dag& dag, const Task& task, const DagRun& run,
                                           std::int64_t map_index) {
  if (task.mapped_over.empty() || map_index < 0) return std::vector<std::int64_t>();
  const auto known = run.no == 0 ? Result<std::vector<XComLength>>(std::vector<XComLength>()) : reader.xcom_lengths(run.no);
  if (!known) return std::unexpected(known.error());
  std::vector<std::int64_t> lengths;
  for (const MappedList& axis : task.mapped_over) {
    axis.for_each_source([&](const MappedList& source) {
      if (!source.task) return lengths.push_back(source.length);
      const Task& of = dag.tasks[*source.task];
      std::int64_t length = 0;
      for (const XComLength& xcom : *known) {
        if (xcom.task_id == of.task_id && xcom.key == source.key) length += of.is_mapped() ? 1 : xcom.length;
      }
      lengths.push_back(length);
    });
  }
  return engine::items_at(task.mapped_over, lengths, map_index);
}

// What the names in the task's own list view lies in the task.
std::vector<operators::Argument> declared_of(const Task& task) {
  std::vector<operators::Argument> declared;
  const Value* fields = task.serialized.get("template_fields");
  if (fields == nullptr || !fields->is_array()) return declared;
  for (const Value& field : fields->as_array())
    declared.push_back(operators::templated({.name = field.as_string(), .type = operators::ArgumentType::any}));
  return declared;
}

std::vector<std::string_view> extensions_of(const Task& task) {
  std::vector<std::string_view> extensions;
  const Value* endings = task.serialized.get("template_ext");
  if (endings == nullptr || !endings->is_array()) return extensions;
  for (const Value& ending : endings->as_array()) extensions.emplace_back(ending.as_string());
  return extensions;
}

Result<Object> render(Answers& answers, const engine::Launch& launch) {
  const Task& task = launch.dag->tasks[launch.task];
  const Value op = server::operator_with_context(launch);
  const Value details = Object{{"ti", server::task_instance_value(launch.ti, launch.run, task.queue)},
                               {"ti_context", server::run_context(launch, {})},
                               {"start_date", nullptr}};
  const auto of_templates = operators::TemplateDetails::of(details, op);
  const auto declared = declared_of(task);
  const auto extensions = extensions_of(task);
  operators::Arguments arguments(declared, op);
  operators::TemplatedArguments templates(declared, extensions, op, *of_templates, arguments);
  while (const auto wanted = templates.render()) {
    auto found = answers.find(*wanted);
    if (!found) return std::unexpected(std::move(found.error()));
    templates.answer(*wanted, std::move(*found));
  }
  for (const operators::XComRef& ref : arguments.xcom_refs()) {
    const auto value = answers.find(ref, launch.run);
    if (!value) return std::unexpected(value.error());
    arguments.resolve(ref, *value);
  }
  return templates.rendered();
}

}  // namespace

Result<Object> render_task(const Metadata& metadata, const std::shared_ptr<const Dag>& dag, TaskIndex task, const DagRun& run,
                           const TaskInstance& ti) {
  Answers answers(metadata.reader());
  auto items = items_of(metadata.reader(), *dag, dag->tasks[task], run, ti.map_index);
  if (!items) return std::unexpected(std::move(items.error()));
  try {
    auto rendered = render(answers, {.ti = ti, .dag = dag, .task = task, .run = run, .items = *std::move(items)});
    if (!rendered) return rendered;
    return answers.masked_value(Value(std::move(*rendered))).as_object();
  } catch (const operators::TaskFailed& e) {
    return fail(ErrorKind::invalid, answers.masked(e.what()));
  }
}

}  // namespace venturi::cli
