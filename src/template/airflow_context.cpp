#include "template/airflow_context.h"

#include <algorithm>
#include <functional>
#include <map>

#include "template/airflow_objects.h"
#include "template/builtins.h"
#include "template/dict.h"

namespace venturi::templates {
namespace {

using Make = std::function<std::optional<Item>(const AirflowFacts&, const Lookups&)>;

std::string dated(const AirflowFacts& facts, std::string_view format) {
  return strftime(utc_datetime(*facts.logical_date), format, nullptr);
}

std::optional<Item> given(const std::optional<std::string>& text) {
  return text ? std::optional(Item(*text)) : std::nullopt;
}

std::string without(std::string text, std::string_view characters) {
  std::erase_if(text, [&](char c) { return characters.find(c) != std::string_view::npos; });
  return text;
}

// Names that there are in every run.
const std::map<std::string_view, Make>& always() {
  static const std::map<std::string_view, Make> names = {
      {"conn", [](const auto&, const auto& lookups) { return make_connections(lookups); }},
      {"dag", [](const auto& facts,
                 const auto&) { return std::make_shared<RecordObject>("DAG", "<DAG: " + facts.dag_id + ">", facts.dag); }},
      {"dag_run", [](const auto& facts, const auto& lookups) { return make_dag_run(facts, lookups); }},
      {"exception", [](const auto& facts, const auto&) { return given(facts.exception); }},
      {"expanded_ti_count",
       [](const auto& facts, const auto&) -> std::optional<Item> {
         return facts.expanded_ti_count ? std::optional(Item(*facts.expanded_ti_count)) : std::nullopt;
       }},
      {"inlet_events", [](const auto& facts, const auto& lookups) { return make_inlet_events(facts, lookups); }},
      {"inlets", [](const auto& facts, const auto&) { return make_assets(facts.inlets); }},
      {"macros", [](const auto& facts, const auto&) { return make_macros(facts); }},
      {"map_index_template",
       [](const auto& facts, const auto&) { return facts.map_index_template ? Item(*facts.map_index_template) : Item(); }},
      {"outlets", [](const auto& facts, const auto&) { return make_assets(facts.outlets); }},
      {"params", [](const auto& facts, const auto&) { return from_value(facts.params); }},
      {"partition_date", [](const auto& facts, const auto&) { return make_date(facts.partition_date); }},
      {"partition_key",
       [](const auto& facts, const auto&) { return facts.partition_key ? Item(*facts.partition_key) : Item(); }},
      {"prev_end_date_success",
       [](const auto&, const auto& lookups) { return std::make_shared<LazyDate>(lookups, "end_date"); }},
      {"prev_start_date_success",
       [](const auto&, const auto& lookups) { return std::make_shared<LazyDate>(lookups, "start_date"); }},
      {"reason", [](const auto& facts, const auto&) { return given(facts.reason); }},
      {"run_id", [](const auto& facts, const auto&) { return Item(facts.run_id); }},
      {"start_date", [](const auto& facts, const auto&) { return make_date(facts.start_date); }},
      {"task", [](const auto& facts, const auto&) { return make_task(facts); }},
      {"task_instance", [](const auto& facts, const auto& lookups) { return make_task_instance(facts, lookups); }},
      {"task_instance_key_str",
       [](const auto& facts, const auto&) {
         return Item(facts.dag_id + "__" + facts.task_id + "__" + (facts.logical_date ? dated(facts, "%Y%m%d") : facts.run_id));
       }},
      {"task_reschedule_count", [](const auto& facts, const auto&) { return Item(facts.task_reschedule_count); }},
      {"test_mode",
       [](const auto& facts, const auto&) -> std::optional<Item> {
         return facts.test_mode ? std::optional(Item(*facts.test_mode)) : std::nullopt;
       }},
      {"ti", [](const auto& facts, const auto& lookups) { return make_task_instance(facts, lookups); }},
      {"triggering_asset_events",
       [](const auto& facts, const auto& lookups) { return make_triggering_asset_events(facts, lookups); }},
      {"try_number", [](const auto& facts, const auto&) { return Item(facts.try_number); }},
      {"var", [](const auto&, const auto& lookups) { return make_variables(lookups); }},
  };
  return names;
}

// Names that there are where the run has a logical date.
const std::map<std::string_view, Make>& with_logical_date() {
  static const std::map<std::string_view, Make> names = {
      {"data_interval_end", [](const auto& facts, const auto&) { return make_date(facts.data_interval_end); }},
      {"data_interval_start", [](const auto& facts, const auto&) { return make_date(facts.data_interval_start); }},
      {"ds", [](const auto& facts, const auto&) { return Item(dated(facts, "%Y-%m-%d")); }},
      {"ds_nodash", [](const auto& facts, const auto&) { return Item(dated(facts, "%Y%m%d")); }},
      {"logical_date", [](const auto& facts, const auto&) { return make_date(facts.logical_date); }},
      {"prev_data_interval_end_success",
       [](const auto&, const auto& lookups) { return std::make_shared<LazyDate>(lookups, "data_interval_end"); }},
      {"prev_data_interval_start_success",
       [](const auto&, const auto& lookups) { return std::make_shared<LazyDate>(lookups, "data_interval_start"); }},
      {"ts", [](const auto& facts, const auto&) { return Item(iso_format(utc_datetime(*facts.logical_date))); }},
      {"ts_nodash", [](const auto& facts, const auto&) { return Item(dated(facts, "%Y%m%dT%H%M%S")); }},
      {"ts_nodash_with_tz",
       [](const auto& facts, const auto&) { return Item(without(iso_format(utc_datetime(*facts.logical_date)), "-:")); }},
  };
  return names;
}

// What Airflow 2 had.
const std::map<std::string_view, std::string_view>& removed() {
  static const std::map<std::string_view, std::string_view> names = {
      {"conf", "take what is needed from params or a variable"},
      {"execution_date", "use logical_date"},
      {"next_ds", "use data_interval_end | ds"},
      {"next_ds_nodash", "use data_interval_end | ds_nodash"},
      {"next_execution_date", "use data_interval_end"},
      {"prev_ds", "use prev_data_interval_start_success | ds"},
      {"prev_ds_nodash", "use prev_data_interval_start_success | ds_nodash"},
      {"prev_execution_date", "use prev_data_interval_start_success"},
      {"prev_execution_date_success", "use prev_data_interval_start_success"},
      {"tomorrow_ds", "use macros.ds_add(ds, 1)"},
      {"tomorrow_ds_nodash", "use logical_date.add(days=1) | ds_nodash"},
      {"triggering_dataset_events", "use triggering_asset_events"},
      {"yesterday_ds", "use macros.ds_add(ds, -1)"},
      {"yesterday_ds_nodash", "use logical_date.subtract(days=1) | ds_nodash"},
  };
  return names;
}

// What Airflow 3 has and templates here have not.
const std::map<std::string_view, std::string_view>& absent() {
  static const std::map<std::string_view, std::string_view> names = {
      {"asset_state_store", "state stores are not supported"},
      {"outlet_events", "say it in a task's code, templates see triggering_asset_events and inlet_events"},
      {"task_state_store", "state stores are not supported"},
  };
  return names;
}

}  // namespace

std::optional<Item> AirflowContext::find(std::string_view name) const {
  if (const Value* own = facts_.own.as_object().find(name)) return from_value(*own);
  if (const auto found = always().find(name); found != always().end()) return found->second(facts_, lookups_);
  if (!facts_.logical_date) return std::nullopt;
  const auto found = with_logical_date().find(name);
  return found == with_logical_date().end() ? std::nullopt : found->second(facts_, lookups_);
}

std::string AirflowContext::hint(std::string_view name) const {
  if (const auto found = removed().find(name); found != removed().end())
    return "Airflow 3 has removed it, " + std::string(found->second);
  if (const auto found = absent().find(name); found != absent().end()) return std::string(found->second);
  if (with_logical_date().contains(name)) return "the run has no logical date, use run_id or dag_run.run_after";
  if (always().contains(name)) return {};  // there is such a name, but nothing of it in this run
  std::vector<std::string_view> names;
  for (const auto& [known, make] : always()) names.push_back(known);
  for (const auto& [known, make] : with_logical_date()) names.push_back(known);
  const std::string_view near = nearest_name(name, names);
  return near.empty() ? "" : "did you mean " + std::string(near) + "?";
}

std::string AirflowContext::redact(std::string message) const {
  constexpr std::size_t shortest = 3;  // a shorter one is in any text, and gone from none by this
  for (const std::string& secret : lookups_.secrets()) {
    if (secret.size() < shortest) continue;
    for (std::size_t at = message.find(secret); at != std::string::npos; at = message.find(secret, at + 3))
      message.replace(at, secret.size(), "***");
  }
  return message;
}

}  // namespace venturi::templates
