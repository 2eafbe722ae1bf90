#include "model/dag_operator.h"

#include <algorithm>
#include <limits>

namespace venturi {
namespace {

using Limits = std::numeric_limits<std::int64_t>;
constexpr int large = std::numeric_limits<std::int32_t>::max();

std::string trigger_rule_words() {
  std::string words;
  for (int rule = 0; rule <= static_cast<int>(TriggerRule::all_skipped); ++rule) {
    words.append(words.empty() ? "" : ", ").append(to_string(static_cast<TriggerRule>(rule)));
  }
  return words;
}

// {"on_failure_callback": [{"classpath": ..., "kwargs": {...}}, ...], ...}
Object read_notifiers(Fields& fields) {
  Object notifiers;
  const Value* found = fields.find("notifiers");
  if (found == nullptr) return notifiers;
  const auto refuse = [&] {
    fields.refuse("notifiers have to be lists of {classpath, kwargs} by event",
                  "build the DAG program with the SDK of this Venturi");
    return Object();
  };
  if (!found->is_object()) return refuse();
  for (const auto& [event, list] : found->as_object()) {
    const Value& items = unwrapped(list);
    if (!items.is_array()) return refuse();
    Array read;
    for (const Value& item : items.as_array()) {
      const Value& notifier = unwrapped(item);
      const Value* classpath = notifier.get("classpath");
      const Value* kwargs = notifier.get("kwargs");
      if (classpath == nullptr || !classpath->is_string()) return refuse();
      if (kwargs != nullptr && !unwrapped(*kwargs).is_object()) return refuse();
      read.push_back(Object{{"classpath", *classpath}, {"kwargs", kwargs == nullptr ? Value(Object()) : unwrapped(*kwargs)}});
    }
    if (!read.empty()) notifiers.add(event, std::move(read));
  }
  return notifiers;
}

TriggerRule read_trigger_rule(Fields& fields) {
  const std::string word = fields.string("trigger_rule", "all_success");
  const auto rule = parse_trigger_rule(word);
  if (!rule) fields.refuse("unknown trigger rule \"" + word + "\"", "known are " + trigger_rule_words());
  return rule.value_or(TriggerRule::all_success);
}

constexpr std::string_view own_classes = "venturi.program.";

WeightRule read_weight_rule(Fields& fields, Task& task) {
  const std::string word = fields.string("weight_rule", "downstream");
  if (word.starts_with(own_classes)) {
    task.weight_class = word.substr(own_classes.size());
    return WeightRule::absolute;
  }
  const auto rule = parse_weight_rule(word);
  if (!rule) {
    fields.refuse("the weight rule \"" + word + "\" is not supported",
                  "use downstream, upstream, absolute, or in a DAG program a class of your own");
  }
  return rule.value_or(WeightRule::downstream);
}

// A number since Airflow 3.2; before it true, which meant 2.
double read_backoff(Fields& fields) {
  const Value* value = fields.find("retry_exponential_backoff");
  if (value != nullptr && value->is_bool()) return value->as_bool() ? 2 : 0;
  return fields.number("retry_exponential_backoff", 0, 0);
}

// {"task_id": ..., "key": ...}, or a list itself; {"type": "zip" | "concat", "args": [...]}; {"type": "map", "arg": ...}, which
// is as long as what it stands for.
class ListReader {
 public:
  using List = DeclaredTask::List;
  using Join = MappedList::Join;
  explicit ListReader(Fields& fields) : fields_(fields) {}

  [[nodiscard]] List read(const Value& value) {
    const Value* ref = reference(value);
    if (ref == nullptr) return read_constant(value);
    const std::string type = ref->get_string("type");
    const Value* arg = ref->get("arg");
    if (type == "map" && arg != nullptr) return read(*arg);
    if (type == "concat") return read_joined(Join::concat, *ref);
    // None fills as well as any other value.
    if (type == "zip") return read_joined(ref->as_object().contains("fillvalue") ? Join::zip_longest : Join::zip, *ref);
    const Value* task_id = ref->get("task_id");
    if (!type.empty() || task_id == nullptr || !task_id->is_string()) return refuse(value);
    return {.task_id = task_id->as_string(), .key = ref->get_string("key", "return_value")};
  }

 private:
  static const Value* reference(const Value& value) {
    const Value& ref = unwrapped(value);
    const bool is_bare = &ref == &value && ref.is_object() &&
                         (ref.get("task_id") != nullptr || ref.get("args") != nullptr || ref.get("arg") != nullptr);
    return value.get_string("__type") == "xcomref" || is_bare ? &ref : nullptr;
  }
  List read_joined(Join join, const Value& ref) {
    const Value* args = ref.get("args");
    if (args == nullptr || !args->is_array() || args->as_array().empty()) return refuse(ref);
    List list{.join = join};
    for (const Value& arg : args->as_array()) list.parts.push_back(read(arg));
    return list;
  }
  List read_constant(const Value& value) {
    const Value& inner = unwrapped(value);
    if (!inner.is_array() && !inner.is_object()) return refuse(value);
    const std::size_t length = inner.is_array() ? inner.as_array().size() : inner.as_object().size();
    return {.length = static_cast<std::int32_t>(length)};
  }
  List refuse(const Value& value) {
    fields_.refuse("expand_input has something else than lists, XComs, and zips or concatenations of them: " +
                       to_json(value).substr(0, 200),
                   "build the DAG program with the SDK of this Venturi");
    return {};
  }
  Fields& fields_;
};

void read_expansion(Fields& fields, DeclaredTask& declared) {
  if (!fields.boolean("_is_mapped", false)) return;
  read_expand_input(fields, fields.find(fields.string("_expand_input_attr", "expand_input")), declared.mapped_over);
}

}  // namespace

bool has_template(const Value& value) {
  if (value.is_string()) return may_be_template(value.as_string());
  if (value.is_array()) return std::ranges::any_of(value.as_array(), has_template);
  return value.is_object() &&
         std::ranges::any_of(value.as_object(), [](const auto& member) { return has_template(member.second); });
}

namespace {

// A text that ends with one of the operator's template_ext is the name of a file with a template in it.
bool names_template(const Value& value, const std::vector<std::string>& extensions) {
  if (value.is_array())
    return std::ranges::any_of(value.as_array(), [&](const Value& item) { return names_template(item, extensions); });
  if (value.is_object()) {
    return std::ranges::any_of(value.as_object(),
                               [&](const auto& member) { return names_template(member.second, extensions); });
  }
  return value.is_string() &&
         std::ranges::any_of(extensions, [&](const std::string& extension) { return value.as_string().ends_with(extension); });
}

}  // namespace

// {"type": "dict-of-lists", "value": {name: list, ...}}, each name an axis; {"type": "list-of-dicts", "value": list}.
void read_expand_input(Fields& fields, const Value* input, std::vector<DeclaredTask::List>& mapped_over) {
  const Value* lists = input == nullptr ? nullptr : input->get("value");
  ListReader reader(fields);
  if (lists != nullptr && input->get_string("type") == "list-of-dicts") {
    mapped_over.push_back(reader.read(*lists));
    return;
  }
  if (lists == nullptr || input->get_string("type") != "dict-of-lists" || !unwrapped(*lists).is_object()) {
    return fields.refuse("a mapped task without lists that it is mapped over",
                         "only expand() with lists by name, and expand_kwargs() with a list, are known");
  }
  for (const auto& [name, list] : unwrapped(*lists).as_object()) mapped_over.push_back(reader.read(list));
}

Callbacks read_callbacks(Fields& fields) {
  Callbacks callbacks;
  callbacks.on_execute = fields.boolean("has_on_execute_callback", false);
  callbacks.on_success = fields.boolean("has_on_success_callback", false);
  callbacks.on_failure = fields.boolean("has_on_failure_callback", false);
  callbacks.on_retry = fields.boolean("has_on_retry_callback", false);
  callbacks.on_skipped = fields.boolean("has_on_skipped_callback", false);
  callbacks.notifiers = read_notifiers(fields);
  return callbacks;
}

namespace {

void read_past_and_limits(Fields& fields, Task& task) {
  task.start_date = fields.time("start_date");
  task.end_date = fields.time("end_date");
  task.depends_on_past = fields.boolean("depends_on_past", false);
  task.ignore_first_depends_on_past = fields.boolean("ignore_first_depends_on_past", false);
  task.wait_for_downstream = fields.boolean("wait_for_downstream", false);
  const auto limit = [&fields](const char* name) -> std::optional<int> {
    if (fields.find(name) == nullptr) return std::nullopt;
    return static_cast<int>(fields.integer(name, 1, 1, large));
  };
  task.max_active_tis_per_dag = limit("max_active_tis_per_dag");
  task.max_active_tis_per_dagrun = limit("max_active_tis_per_dagrun");
}

}  // namespace

namespace {

// [{"__type": "asset", "__var": {"name", "uri", "group", "extra"}}, {"__type": "asset_alias", "__var": {"name", "group"}}], of
// a mapped task among what its instances have in common.
void read_assets(const Value& serialized, const Value* partial, const char* member, std::vector<Outlet>& assets,
                 std::vector<OutletAlias>& aliases) {
  const Value* list = serialized.get(member);
  if ((list == nullptr || !list->is_array()) && partial != nullptr) list = unwrapped(*partial).get(member);
  if (list == nullptr || !list->is_array()) return;
  for (const Value& item : list->as_array()) {
    const Value& asset = unwrapped(item);
    if (item.get_string("__type") == "asset_alias") aliases.push_back({asset.get_string("name"), asset.get_string("group")});
    if (item.get_string("__type") != "asset") continue;
    assets.push_back(
        {{asset.get_string("name"), asset.get_string("uri")}, asset.get_string("group"), asset.get_value("extra")});
    if (assets.back().key.name.empty()) assets.back().key.name = assets.back().key.uri;
  }
}

}  // namespace

DeclaredTask read_operator_members(Fields& fields, std::string task_id, const Value& serialized) {
  DeclaredTask declared;
  Task& task = declared.task;
  task.task_id = std::move(task_id);
  task.task_type = fields.string("task_type", "BaseOperator");
  task.task_module = fields.string("_task_module");
  task.trigger_rule = read_trigger_rule(fields);
  task.is_setup = fields.boolean("is_setup", false);
  task.is_teardown = fields.boolean("is_teardown", false);
  task.on_failure_fail_dagrun = fields.boolean("on_failure_fail_dagrun", false);
  read_past_and_limits(fields, task);
  task.retries = static_cast<int>(fields.integer("retries", 0, 0, large));
  task.retries_on_loss = static_cast<int>(fields.integer("retries_on_loss", 0, 0, large));
  task.retry_delay = fields.duration("retry_delay").value_or(std::chrono::minutes(5));
  task.retry_exponential_backoff = read_backoff(fields);
  task.max_retry_delay = fields.duration("max_retry_delay");
  task.light = fields.boolean("light", false);
  task.execution_timeout = fields.duration("execution_timeout");
  task.pool = fields.string("pool", "default_pool");
  task.pool_slots = static_cast<int>(fields.integer("pool_slots", 1, 1, large));
  task.priority_weight = clip_weight(fields.integer("priority_weight", 1, Limits::min(), Limits::max()));
  task.queue = fields.string("queue", "default");
  task.owner = fields.string("owner", "airflow");
  task.callbacks = read_callbacks(fields);
  const Value* partial = serialized.get("partial_kwargs");
  const std::vector<std::string> extensions = fields.strings("template_ext");
  const auto is_rendered = [&extensions](const Value& value) {
    return has_template(value) || (!extensions.empty() && names_template(value, extensions));
  };
  for (const std::string& name : fields.strings("template_fields")) {
    const Value* value = serialized.get(name);
    if (value == nullptr && partial != nullptr) value = unwrapped(*partial).get(name);
    task.has_templates = task.has_templates || (value != nullptr && is_rendered(*value));
  }
  const Value* name = serialized.get("map_index_template");
  if (name == nullptr && partial != nullptr) name = unwrapped(*partial).get("map_index_template");
  task.has_templates = task.has_templates || name != nullptr;
  // Constants that it is mapped over are rendered too, as in Airflow.
  if (const Value* input = serialized.get(serialized.get_string("_expand_input_attr")); input != nullptr && !task.in_program())
    task.has_templates = task.has_templates || is_rendered(*input);
  // What a mail is not given it takes from its connection, as templates: whether there are any is known to who reads that.
  if (task.task_type == "EmailOperator") {
    for (const char* name : {"from_email", "subject", "html_content"})
      task.has_templates = task.has_templates || serialized.get(name) == nullptr;
  }
  read_assets(serialized, partial, "outlets", task.outlets, task.outlet_aliases);
  read_assets(serialized, partial, "inlets", task.inlets, task.inlet_aliases);
  task.serialized = serialized;
  declared.weight_rule = read_weight_rule(fields, task);
  declared.downstream = fields.strings("downstream_task_ids");
  read_expansion(fields, declared);
  return declared;
}

}  // namespace venturi
