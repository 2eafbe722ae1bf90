// `tasks render`: the templates of a task as they are rendered for a run, without running it. What was rendered by a try is
// shown as it was; before there was one, it is rendered here, of what is in the metadata now.
#include <algorithm>
#include <utility>

#include "base/json.h"
#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "home/small_file.h"
#include "model/connection.h"
#include "model/dag.h"
#include "schedule/time_zone.h"
#include "schedule/timetable.h"
#include "server/dag_source.h"
#include "server/execute_task.h"
#include "server/lookups.h"
#include "template/airflow_context.h"

extern char** environ;

namespace venturi::cli {
namespace {

class Zones final : public templates::Zones {
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

// Files that templates name, below the folder of the DAG's file and its template_searchpath.
class Files final : public templates::Loader {
 public:
  explicit Files(const Dag& dag) {
    folders_.push_back(std::filesystem::path(dag.fileloc).parent_path());
    for (const std::string& folder : dag.template_searchpath) folders_.emplace_back(folder);
  }
  [[nodiscard]] std::optional<std::string> source(std::string_view name) const override {
    while (name.starts_with('/')) name.remove_prefix(1);
    const std::filesystem::path path(name);
    if (std::ranges::find(path, std::filesystem::path("..")) != path.end()) return std::nullopt;
    for (const auto& folder : folders_) {
      if (auto content = read_small_file(folder / path, std::size_t{4} << 20U); content && *content) return *std::move(content);
    }
    return std::nullopt;
  }

 private:
  std::vector<std::filesystem::path> folders_;
};

Value text_or_null(const std::optional<std::string>& text) {
  return text ? Value(*text) : Value();
}

// Answers what templates ask for, and remembers what must not be shown.
class Answers {
 public:
  explicit Answers(const Metadata& metadata) : reader_(metadata.reader()), lookups_(environ, {&reader_}) {}

  Result<void> answer(const Value& request) {
    auto value = find(request);
    if (!value) return std::unexpected(std::move(value.error()));
    fetched_.add(request, std::move(*value));
    return {};
  }
  [[nodiscard]] const templates::FetchedLookups& fetched() const { return fetched_; }
  [[nodiscard]] std::string masked(std::string text) const {
    auto secrets = fetched_.secrets();
    secrets.insert(secrets.end(), secrets_.begin(), secrets_.end());
    std::ranges::sort(secrets, std::greater{}, &std::string::size);
    for (const std::string& secret : secrets) {
      if (secret.empty()) continue;
      for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3))
        text.replace(at, secret.size(), "***");
    }
    return text;
  }
  // String by string: escaped as in JSON text a secret would not be found.
  [[nodiscard]] Value masked_value(const Value& value) const {
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
  Result<std::optional<Value>> find(const Value& request) {
    if (const Value* conn_id = request.get("connection")) {
      const auto c = lookups_.connection(conn_id->as_string());
      if (!c) return std::unexpected(c.error());
      if (!*c) return std::nullopt;
      return Value(Object{{"conn_id", (*c)->conn_id},
                          {"conn_type", (*c)->conn_type},
                          {"description", (*c)->description},
                          {"host", text_or_null((*c)->host)},
                          {"schema", text_or_null((*c)->schema)},
                          {"login", text_or_null((*c)->login)},
                          {"password", text_or_null((*c)->password)},
                          {"port", (*c)->port ? Value(*(*c)->port) : Value()},
                          {"extra", text_or_null((*c)->extra)}});
    }
    if (const Value* key = request.get("variable")) {
      auto value = lookups_.variable(key->as_string());
      if (!value) return std::unexpected(std::move(value.error()));
      if (!*value) return std::nullopt;
      if (is_sensitive_name(key->as_string())) secrets_.push_back(**value);
      return Value(std::move(**value));
    }
    if (const Value* xcom = request.get("xcom")) return find_xcom(*xcom);
    return std::nullopt;
  }

  Result<std::optional<Value>> find_xcom(const Value& xcom) {
    store::XComKey key{xcom.get_string("dag_id"), xcom.get_string("run_id"), xcom.get_string("task_id"), -1,
                       xcom.get_string("key")};
    if (xcom.get("map_index") == nullptr) {
      const auto texts = reader_.xcom_sequence(key, 0, -1);
      if (!texts) return std::unexpected(texts.error());
      Array items;
      for (const std::string& text : *texts) {
        auto item = parse(text);
        if (!item) return std::unexpected(std::move(item.error()));
        items.push_back(std::move(*item));
      }
      return Value(std::move(items));
    }
    key.map_index = static_cast<std::int32_t>(xcom.get_int("map_index", -1));
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
  templates::FetchedLookups fetched_;
  std::vector<std::string> secrets_;
};

// A run that is not there, as one by hand at this date would be.
Result<DagRun> made_up_run(const Dag& dag, Time date) {
  auto zones = schedule::TimeZones::load();
  if (!zones) return std::unexpected(zones.error());
  DagRun run;
  run.dag_id = dag.dag_id;
  run.run_id = "manual__" + format_time_offset(date);
  run.run_type = RunType::manual;
  run.logical_date = run.data_interval_start = run.data_interval_end = date;
  run.run_after = date;
  run.conf = Object();
  if (!server::check_schedule(dag, *zones)) return run;
  const auto timetable = schedule::make_timetable(dag.timetable, *zones);
  if (!timetable || (*timetable)->is_user_defined()) return run;
  const schedule::DataInterval interval = (*timetable)->manual_interval(date);
  run.data_interval_start = interval.start;
  run.data_interval_end = interval.end;
  return run;
}

templates::AirflowFacts facts_of(const Dag& dag, const Task& task, const DagRun& run, const std::optional<TaskInstance>& ti,
                                 std::int64_t map_index) {
  const Value context = server::template_context(dag, run);
  templates::AirflowFacts f;
  f.dag_id = run.dag_id;
  f.run_id = run.run_id;
  f.run_type = to_string(run.run_type);
  f.run_state = to_string(run.state);
  f.logical_date = run.logical_date;
  f.data_interval_start = run.data_interval_start;
  f.data_interval_end = run.data_interval_end;
  f.run_after = run.run_after;
  f.run_start_date = run.start_date;
  f.run_end_date = run.end_date;
  f.partition_key = run.partition_key;
  f.partition_date = run.partition_date;
  if (run.conf.is_object()) f.conf = run.conf;
  f.task_id = task.task_id;
  f.try_number = ti ? std::max(ti->try_number, 1) : 1;
  f.map_index = map_index;
  f.max_tries = task.retries;
  f.now = SystemClock().now();
  f.start_date = f.now;
  f.dag = context.get_value("dag");
  f.params = context.get_value("params");
  f.task = task.serialized;
  f.seed = std::hash<std::string>{}(run.run_id + task.task_id);
  return f;
}

class Renderer {
 public:
  Renderer(const Dag& dag, const Task& task, const templates::AirflowFacts& facts, Answers& answers)
      : facts_(facts), answers_(answers), files_(std::make_shared<Files>(dag)) {
    auto environment = std::make_shared<templates::Environment>();
    environment->zones = std::make_shared<Zones>();
    environment->loader = files_;
    environment_ = std::move(environment);
    if (const Value* endings = task.serialized.get("template_ext"); endings != nullptr && endings->is_array())
      extensions_ = endings->as_array();
  }

  // As Airflow's render_template: strings in lists and in the values of dicts too.
  Result<Value> render(const std::string& field, const Value& value) {
    if (value.is_array()) {
      Array items;
      for (const Value& item : value.as_array()) {
        auto rendered = render(field, item);
        if (!rendered) return rendered;
        items.push_back(std::move(*rendered));
      }
      return Value(std::move(items));
    }
    if (value.is_object()) {
      Object members;
      for (const auto& [key, member] : value.as_object()) {
        auto rendered = render(field, member);
        if (!rendered) return rendered;
        members.add(key, std::move(*rendered));
      }
      return Value(std::move(members));
    }
    return value.is_string() ? render_text(field, value.as_string()) : value;
  }

 private:
  Result<Value> render_text(const std::string& field, const std::string& text) {
    std::string source = text;
    const bool is_file =
        std::ranges::any_of(extensions_, [&](const Value& ending) { return text.ends_with(ending.as_string()); });
    if (is_file) {
      auto content = files_->source(text);
      if (!content) return fail(ErrorKind::not_found, "there is no such file in the folders of the DAG: " + text, field);
      source = std::move(*content);
    }
    if (!may_be_template(source)) return Value(std::move(source));
    try {
      const templates::Template parsed(source, is_file ? text : "template of " + field, environment_);
      for (;;) {
        Value wanted;
        try {
          auto outcome = parsed.render(templates::AirflowContext(facts_, answers_.fetched()));
          if (auto* done = std::get_if<std::string>(&outcome)) return Value(std::move(*done));
          wanted = std::get<templates::NotYet>(outcome).request;
        } catch (const templates::NotYet& not_yet) {
          wanted = not_yet.request;
        }
        if (auto answered = answers_.answer(wanted); !answered) return std::unexpected(std::move(answered.error()));
      }
    } catch (const templates::TemplateError& e) {
      return fail(ErrorKind::invalid, answers_.masked(std::string(templates::python_name(e.kind())) + ": " + e.what()), field);
    }
  }

  const templates::AirflowFacts& facts_;
  Answers& answers_;
  std::shared_ptr<Files> files_;
  std::shared_ptr<const templates::Environment> environment_;
  Array extensions_;
};

Result<Object> render_here(const Metadata& metadata, const Dag& dag, const Task& task, const DagRun& run,
                           const std::optional<TaskInstance>& ti, std::int64_t map_index) {
  Answers answers(metadata);
  const auto facts = facts_of(dag, task, run, ti, map_index);
  Renderer renderer(dag, task, facts, answers);
  Object rendered;
  const Value* fields = task.serialized.get("template_fields");
  if (fields == nullptr || !fields->is_array()) return rendered;
  for (const Value& field : fields->as_array()) {
    const Value* value = task.serialized.get(field.as_string());
    if (value == nullptr) continue;
    auto done = renderer.render(field.as_string(), *value);
    if (!done) return std::unexpected(std::move(done.error()));
    rendered.add(field.as_string(), std::move(*done));
  }
  return answers.masked_value(Value(std::move(rendered))).as_object();  // what is secret shows in none of them
}

struct Asked {
  std::shared_ptr<const Dag> dag;
  DagRun run;
  std::optional<TaskInstance> ti;
};

Result<Asked> find_asked(const Arguments& arguments, const Metadata& metadata) {
  const std::string dag_id = arguments.text("dag_id"), text = arguments.text("logical_date_or_run_id");
  const std::int64_t map_index = arguments.integer("map-index");
  store::Reader& reader = metadata.reader();
  auto dag = need_dag(reader, dag_id);
  if (!dag) return std::unexpected(std::move(dag.error()));
  Asked asked{*dag, {}, std::nullopt};
  auto run = need_run(metadata, dag_id, text);
  if (!run) {
    if (run.error().kind != ErrorKind::not_found || !parse_time(text)) return std::unexpected(std::move(run.error()));
    const auto date = read_date(text, metadata.config);
    if (!date) return std::unexpected(date.error());
    auto made_up = made_up_run(**dag, *date);
    if (!made_up) return std::unexpected(std::move(made_up.error()));
    asked.run = std::move(*made_up);
    return asked;
  }
  asked.run = std::move(*run);
  auto version = reader.dag_version(asked.run.dag_version_id);
  if (!version) return std::unexpected(std::move(version.error()));
  if (*version) asked.dag = std::move(*version);
  auto all = reader.task_instances(asked.run.no);
  if (!all) return std::unexpected(std::move(all.error()));
  const auto found = std::ranges::find_if(
      *all, [&](const TaskInstance& ti) { return ti.task_id == arguments.text("task_id") && ti.map_index == map_index; });
  if (found != all->end()) asked.ti = std::move(*found);
  return asked;
}

}  // namespace

Result<int> tasks_render(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const auto asked = find_asked(arguments, *metadata);
  if (!asked) return std::unexpected(asked.error());
  const auto& [dag, run, ti] = *asked;
  const std::string task_id = arguments.text("task_id");
  const auto index = dag->find_task(task_id);
  if (!index)
    return fail(ErrorKind::not_found, "there is no task " + task_id, "dag " + dag->dag_id,
                "see: venturi tasks list " + dag->dag_id);
  const Task& task = dag->tasks[*index];
  Object rendered;
  const auto stored = ti ? metadata->reader().rendered_fields(ti->no) : Result<std::optional<std::string>>(std::nullopt);
  if (!stored) return std::unexpected(stored.error());
  if (*stored) {
    auto fields = parse_json(**stored);
    if (!fields) return std::unexpected(std::move(fields.error()));
    rendered = std::move(fields->as_object());
  } else {
    auto fields = render_here(*metadata, *dag, task, run, ti, arguments.integer("map-index"));
    if (!fields) {
      fields.error().where = "dag " + dag->dag_id + ", task " + task_id + ", " + fields.error().where;
      return std::unexpected(std::move(fields.error()));
    }
    rendered = std::move(*fields);
  }
  if (const auto format = arguments.maybe("output")) {
    Rows rows{{"property", "rendered"}, {}};
    for (const auto& [name, value] : rendered) rows.rows.push_back({name, value});
    print(format_rows(rows, output_format(*format)));
    return exit_done;
  }
  if (rendered.empty()) print_note("note: task " + task_id + " has no templates");
  const std::string line = "# " + std::string(58, '-') + "\n";
  for (const auto& [name, value] : rendered) {
    print(line + "# property: " + name + "\n" + line + printable(value.is_string() ? value.as_string() : to_json(value), true) +
          "\n\n");
  }
  return exit_done;
}

}  // namespace venturi::cli
