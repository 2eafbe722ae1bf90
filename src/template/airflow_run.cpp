// ti and dag_run.
#include "template/airflow_objects.h"
#include "template/dict.h"
#include "template/operators.h"

namespace venturi::templates {
namespace {

// The model's dates are Python's own, not pendulum's.
Item python_date(const std::optional<Time>& time) {
  if (!time) return {};
  DateTime date = utc_datetime(*time);
  date.pendulum = false;
  return date;
}

Item optional_text(const std::optional<std::string>& text) {
  return text ? Item(*text) : Item();
}

class DagRunObject final : public HostObject {
 public:
  DagRunObject(const AirflowFacts& facts, const Lookups& lookups) : facts_(facts), lookups_(lookups) {}
  [[nodiscard]] std::string type_name() const override { return "DagRun"; }
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override {
    if (name == "dag_id") return facts_.dag_id;
    if (name == "run_id") return facts_.run_id;
    if (name == "run_type") return std::make_shared<EnumObject>("DagRunType", facts_.run_type);
    if (name == "state") return std::make_shared<EnumObject>("DagRunState", facts_.run_state);
    if (name == "logical_date") return python_date(facts_.logical_date);
    if (name == "data_interval_start") return python_date(facts_.data_interval_start);
    if (name == "data_interval_end") return python_date(facts_.data_interval_end);
    if (name == "run_after") return python_date(facts_.run_after);
    if (name == "start_date") return python_date(facts_.run_start_date);
    if (name == "end_date") return python_date(facts_.run_end_date);
    if (name == "clear_number") return facts_.clear_number;
    if (name == "conf") return conf_ = conf_ ? conf_ : from_value(facts_.conf);
    if (name == "triggering_user_name") return optional_text(facts_.triggering_user_name);
    if (name == "partition_key") return optional_text(facts_.partition_key);
    if (name == "partition_date") return python_date(facts_.partition_date);
    if (name == "note") return optional_text(facts_.note);
    if (name == "consumed_asset_events") return from_value(consumed_asset_events(facts_, lookups_));
    return std::nullopt;
  }
  [[nodiscard]] std::string repr(Walk&) override { return "<DagRun " + facts_.dag_id + " " + facts_.run_id + ">"; }

 private:
  const AirflowFacts& facts_;
  const Lookups& lookups_;
  std::optional<Item> conf_;  // one object, which a template may change
};

class TaskInstanceObject final : public HostObject {
 public:
  TaskInstanceObject(const AirflowFacts& facts, const Lookups& lookups)
      : facts_(facts), lookups_(lookups), others_("ti", "", facts.ti) {}
  [[nodiscard]] std::string type_name() const override { return "RuntimeTaskInstance"; }
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override {
    if (name == "task_id") return facts_.task_id;
    if (name == "dag_id") return facts_.dag_id;
    if (name == "run_id") return facts_.run_id;
    if (name == "try_number") return facts_.try_number;
    if (name == "max_tries") return facts_.max_tries;
    if (name == "map_index") return facts_.map_index;
    if (name == "state") return std::make_shared<EnumObject>("TaskInstanceState", facts_.state);
    if (name == "start_date") return make_date(facts_.start_date);
    if (name == "end_date") return Item();
    if (name == "task") return make_task(facts_);
    if (name == "xcom_pull") {
      return make_function("xcom_pull",
                           [&facts = facts_, &lookups = lookups_](Call& call) { return pull(facts, lookups, call); });
    }
    return others_.attribute(name);
  }
  [[nodiscard]] std::string repr(Walk&) override {
    return "<TaskInstance: " + facts_.dag_id + "." + facts_.task_id + " " + facts_.run_id + " [" + facts_.state + "]>";
  }

 private:
  static Lookup fetch(const Lookups& lookups, const XComRequest& request) {
    Lookup found = lookups.xcom(request);
    if (found.state == Lookup::State::not_yet) throw NotYet{xcom_request(request)};
    return found;
  }

  static Item pull(const AirflowFacts& facts, const Lookups& lookups, Call& call) {
    call.args.insert(call.args.begin(), Item());
    const Args args(call, {"self", "task_ids", "dag_id", "key", "include_prior_dates", "map_indexes", "default", "run_id"}, 1);
    const auto text = [&](std::size_t i, const std::string& otherwise) { return args[i].is_none() ? otherwise : args.text(i); };
    XComRequest request{text(2, facts.dag_id),   text(7, facts.run_id), "",
                        text(3, "return_value"), std::nullopt,          args.truth(4, false)};
    const bool one_task = args[1].is_none() || args[1].is_text();
    std::vector<std::string> tasks;
    if (args[1].is_none()) {
      tasks.push_back(facts.task_id);
    } else if (one_task) {
      tasks.push_back(args.text(1));
    } else {
      for (const Item& task : templates::iterate(call.runtime, args[1])) tasks.push_back(templates::str(task));
    }
    Items values;
    if (!args.has(5)) {
      for (const std::string& task : tasks) {
        request.task_id = task;
        const Lookup found = fetch(lookups, request);
        if (found.state == Lookup::State::absent)
          values.emplace_back();
        else if (!found.value.is_array())
          values.push_back(from_value(found.value));
        else
          for (const Value& value : found.value.as_array()) values.push_back(from_value(value));
      }
      return one_task && values.size() == 1 ? values.front() : Item::list(std::move(values));
    }
    const bool one_index = args[5].is_none() || args[5].is_integer();
    const Items indexes = one_index ? Items{args[5]} : templates::iterate(call.runtime, args[5]);
    for (const std::string& task : tasks) {
      for (const Item& index : indexes) {
        if (!index.is_none() && !index.is_integer())
          fail(ErrorKind::type, "Invalid type for map_indexes: expected int, not " + templates::type_name(index));
        request.task_id = task;
        request.map_index = index.is_none() ? -1 : index.as_integer();
        const Lookup found = fetch(lookups, request);
        const bool none = found.state == Lookup::State::absent || found.value.is_null();
        values.push_back(none ? args[6] : from_value(found.value));
      }
    }
    return one_task && one_index ? values.front() : Item::list(std::move(values));
  }

  const AirflowFacts& facts_;
  const Lookups& lookups_;
  RecordObject others_;
};

}  // namespace

Item make_dag_run(const AirflowFacts& facts, const Lookups& lookups) {
  return std::make_shared<DagRunObject>(facts, lookups);
}

Item make_task_instance(const AirflowFacts& facts, const Lookups& lookups) {
  return std::make_shared<TaskInstanceObject>(facts, lookups);
}

}  // namespace venturi::templates
