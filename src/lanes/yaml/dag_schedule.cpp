// When a DAG runs: dates, schedules, timetables.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "lanes/yaml/dag_builder.h"
#include "lanes/yaml/partitions.h"
#include "lanes/yaml/timetable_words.h"
#include "schedule/partition_key.h"

namespace venturi::lanes::yaml {
Date DagBuilder::read_date(Given given, const std::string& zone) {
  const auto text = values_.text(given);
  if (!text) return {};
  const auto time = calendar_.to_utc(*text, zone.empty() ? "UTC" : zone);
  if (time) return Date(*time);
  problems_.add(given.node.mark, fmt::format("{}: {} is no date", quoted(given.name), quoted(*text)), time.error().hint);
  return {};
}

// Those of tasks, once all have what default_args say.
void DagBuilder::settle_dates() {
  const std::string& zone = dag_->options.timezone;
  std::set<std::string> told;  // one of default_args once, not for each task
  for (const Task& task : tasks_) {
    TaskOptions& o = task.node->options;
    for (const auto& [name, date] : {std::pair("start_date", &o.start_date), std::pair("end_date", &o.end_date)}) {
      if (date->time() || !date->is_given()) continue;
      const std::string text = date->text();
      const auto time = calendar_.to_utc(text, zone.empty() ? "UTC" : zone);
      *date = time ? Date(*time) : Date();
      if (!time && told.insert(text).second)
        problems_.add(task.mark, fmt::format("{}: {} is no date", quoted(name), quoted(text)), time.error().hint);
    }
  }
}

void DagBuilder::read_schedule(DagOptions& options, const YamlNode& node) {
  if (node.is_sequence()) {
    if (const auto assets = options_.asset_expression({"schedule", node})) options.schedule = Schedule(*assets);
    return;
  }
  if (node.is_mapping()) {
    if (node.find("timetable") != nullptr) return read_timetable(options, node);
    if (node.find("assets") != nullptr) return read_asset_schedule(options, node);
    if (const auto delta = values_.duration({"schedule", node})) options.schedule = Schedule(*delta);
    return;
  }
  if (node.value.is_string()) {
    const std::string& text = node.value.as_string();
    if (const auto delta = parse_duration(text))
      options.schedule = Schedule(*delta);
    else
      options.schedule = Schedule(text);
    return;
  }
  values_.refuse({"schedule", node}, "a cron expression, a preset, a time span, assets or a timetable",
                 "write \"0 5 * * *\", \"@daily\", 6h, [s3://lake/orders], or {timetable: ...}");
}

// {assets: ...}, and `time` beside it: at the times of another schedule as well.
void DagBuilder::read_asset_schedule(DagOptions& options, const YamlNode& node) {
  const auto assets = options_.asset_expression({"assets", *node.find("assets")});
  DagOptions timed;
  for (const auto& [key, member] : node.members) {
    if (key->text == "assets") continue;
    if (key->text != "time") {
      options_.unknown_key(*key, "a schedule of assets", std::vector<std::string>{"assets", "time"});
    } else if (member->value.is_string()) {
      read_schedule(timed, *member);
    } else {
      values_.refuse({"time", *member}, "a cron expression, a preset or a time span");
    }
  }
  if (!assets) return;
  if (node.find("time") == nullptr)
    options.schedule = Schedule(*assets);
  else
    options.schedule = AssetOrTimeSchedule{.timetable = timed.schedule, .assets = *assets};
}

void DagBuilder::read_timetable(DagOptions& options, const YamlNode& node) {
  const auto name = values_.text({"timetable", *node.find("timetable")});
  if (!name) return;
  const auto& kinds = timetable_kinds();
  const auto kind = std::ranges::find(kinds, *name, &TimetableKind::name);
  std::vector<std::string> names;
  if (kind == kinds.end()) {
    for (const TimetableKind& known : kinds) names.emplace_back(known.name);
    return problems_.add(node.find("timetable")->mark, "unknown timetable " + quoted(*name), did_you_mean(*name, names));
  }
  for (const TimetableArgument& argument : kind->arguments) {
    names.emplace_back(argument.key.name);
    const YamlNode* given = node.find(argument.key.name);
    if (argument.required && (given == nullptr || given->is_null()))
      problems_.add(node.mark, *name + " needs " + quoted(argument.key.name), "give it");
  }
  for (const auto& [key, member] : node.members) {
    if (key->text != "timetable" && std::ranges::find(names, key->text) == names.end())
      options_.unknown_key(*key, *name, names);
  }
  if (kind->path.empty()) return read_partitioned_assets(options, node);
  const std::string zone = options.timezone.empty() ? "UTC" : options.timezone;
  Object var;
  for (const TimetableArgument& argument : kind->arguments) {
    const YamlNode* given = node.find(argument.key.name);
    if (given != nullptr && !given->is_null()) {
      var.set(argument.serialized, timetable_value(argument.key, *given, zone));
      continue;
    }
    if (argument.serialized == "timezone") var.set("timezone", zone);
    if (argument.serialized == "interval") var.set("interval", 0.0);
    if (argument.key.kind == KeyKind::flag || argument.key.kind == KeyKind::flag_or_duration)
      var.set(argument.serialized, false);
  }
  timetable_ = Object{{"__type", std::string(kind->path) + *name}, {"__var", std::move(var)}};
}

void DagBuilder::read_partitioned_assets(DagOptions& options, const YamlNode& node) {
  const YamlNode* given = node.find("assets");
  if (given == nullptr || given->is_null()) return;
  const auto assets = options_.asset_expression({"assets", *given});
  if (!assets) return;
  PartitionReader reader(problems_, calendar_);
  PartitionedAssetTimetable timetable{.assets = *assets};
  const YamlNode* by_default = node.find("default_partition_mapper");
  if (by_default != nullptr && !by_default->is_null()) {
    if (auto mapper = reader.mapper({"default_partition_mapper", *by_default}))
      timetable.default_partition_mapper = std::move(*mapper);
  }
  const YamlNode* config = node.find("partition_mapper_config");
  if (config != nullptr && !config->is_null())
    timetable.partition_mapper_config = reader.config({"partition_mapper_config", *config}, *assets);
  options.schedule = timetable;
}

Value DagBuilder::timetable_value(const Key& argument, const YamlNode& node, const std::string& zone) {
  const Given given{argument.name, node};
  switch (argument.kind) {
    case KeyKind::flag:
      return values_.flag(given).value_or(false);
    case KeyKind::flag_or_duration: {
      if (node.value.is_bool()) return node.value;
      const auto duration = values_.duration(given, "true, false or ");
      return duration ? internal::seconds_of(*duration) : 0.0;
    }
    case KeyKind::integer:
      return values_.integer(given, argument.minimum).value_or(0);
    case KeyKind::duration: {
      const auto duration = values_.duration(given);
      return duration ? internal::seconds_of(*duration) : 1.0;
    }
    case KeyKind::texts: {
      Array list;
      for (auto& text : values_.texts(given).value_or(std::vector<Values::Text>{})) list.emplace_back(std::move(text.text));
      return list;
    }
    case KeyKind::dates: {
      Array list;
      for (const auto& text : values_.texts(given).value_or(std::vector<Values::Text>{})) {
        const auto time = calendar_.to_utc(text.text, zone);
        if (time)
          list.emplace_back(format_time(*time));
        else
          problems_.add(text.mark, quoted(text.text) + " is no date", time.error().hint);
      }
      return list;
    }
    default: {
      auto text = values_.text(given).value_or("");
      if (argument.name == "key_format") {
        if (const auto fine = schedule::check_key_format(text); !fine)
          problems_.add(node.mark, "`key_format`: " + fine.error().what, fine.error().hint);
      }
      return text;
    }
  }
}

void DagBuilder::check_timetable(const Value& serialized_dag) {
  const auto fine = calendar_.check_timetable(*serialized_dag.get("dag")->get("timetable"));
  if (fine) return;
  const YamlNode* schedule = node_.find("schedule");
  problems_.add(schedule == nullptr ? mark_ : schedule->mark,
                fine.error().where.empty() ? fine.error().what : fine.error().where + ": " + fine.error().what,
                fine.error().hint);
}

}  // namespace venturi::lanes::yaml
