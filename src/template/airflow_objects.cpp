#include "template/airflow_objects.h"

#include <algorithm>
#include <array>

#include "template/dict.h"
#include "template/operators.h"
#include "template/text_shape.h"

namespace venturi::templates {
namespace {

constexpr std::array<std::string_view, 8> date_attributes = {"start_date",          "end_date",      "logical_date",
                                                             "data_interval_start", "run_after",     "timestamp",
                                                             "data_interval_end",   "partition_date"};

// Attributes whose values are members of an enum.
constexpr std::pair<std::string_view, std::string_view> enum_attributes[] = {{"trigger_rule", "TriggerRule"},
                                                                             {"weight_rule", "WeightRule"}};

}  // namespace

std::optional<Item> EnumObject::attribute(std::string_view name) {
  if (name == "value") return value_;
  if (name == "name") return upper_case(value_);
  return std::nullopt;
}

std::string EnumObject::str() {
  return type_ + "." + upper_case(value_);
}

std::string EnumObject::repr(Walk&) {
  return "<" + str() + ": " + string_repr(value_) + ">";
}

std::optional<Item> RecordObject::attribute(std::string_view name) {
  const Value* found = attributes_.is_object() ? attributes_.as_object().find(name) : nullptr;
  if (found == nullptr) return std::nullopt;
  if (found->is_string()) {
    if (std::ranges::find(date_attributes, name) != date_attributes.end()) {
      if (const auto time = parse_time(found->as_string())) return utc_datetime(*time);
    }
    const auto is_enum = std::ranges::find(enum_attributes, name, &std::pair<std::string_view, std::string_view>::first);
    if (is_enum != std::end(enum_attributes))
      return std::make_shared<EnumObject>(std::string(is_enum->second), found->as_string());
  }
  return from_value(*found);
}

std::optional<Item> LazyDate::plain() {
  const Lookup found = lookups_.previous_success();
  if (found.state == Lookup::State::not_yet) throw NotYet{previous_success_request()};
  const std::string text = found.value.get_string(field_);
  return make_date(parse_time(text));
}

std::string LazyDate::repr(Walk& walk) {
  std::string out;
  append_repr(out, *plain(), walk);
  return out;
}

std::string LazyDate::str() {
  return templates::str(*plain());
}

std::optional<Item> ModuleOfFunctions::attribute(std::string_view name) {
  const auto found = std::ranges::find(members_, name, &Member::first);
  return found == members_.end() ? std::nullopt : std::optional(found->second());
}

Item ModuleOfFunctions::call(Call& call) {
  return constructor_ ? constructor_(call) : HostObject::call(call);
}

Item make_date(const std::optional<Time>& time) {
  return time ? Item(utc_datetime(*time)) : Item();
}

namespace {

// Serialized tasks have what differs from the defaults; Airflow's task has all.
class TaskObject : public RecordObject {
 public:
  using RecordObject::RecordObject;
  std::optional<Item> attribute(std::string_view name) override {
    if (auto given = RecordObject::attribute(name)) return given;
    static const Value defaults = Object{{"owner", "airflow"},          {"trigger_rule", "all_success"},
                                         {"weight_rule", "downstream"}, {"priority_weight", 1},
                                         {"pool", "default_pool"},      {"pool_slots", 1},
                                         {"queue", "default"},          {"retries", 0},
                                         {"depends_on_past", false},    {"wait_for_downstream", false},
                                         {"do_xcom_push", true},        {"multiple_outputs", false}};
    return RecordObject("Task", "", defaults).attribute(name);
  }
};

}  // namespace

Item make_task(const AirflowFacts& facts) {
  const std::string type = facts.task.is_object() ? facts.task.get_string("task_type") : "";
  return std::make_shared<TaskObject>("Task", "<Task" + (type.empty() ? "" : "(" + type + ")") + ": " + facts.task_id + ">",
                                      facts.task);
}

}  // namespace venturi::templates
