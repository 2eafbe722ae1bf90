// The words of a YAML file, once: what is read, what the JSON schema says and what docs/reference/yaml.md lists follow from
// these tables.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace venturi::lanes::yaml {

enum class KeyKind : std::uint8_t {
  text,
  id,  // dag_id, task_id, group_id
  flag,
  flag_or_duration,
  integer,
  number,
  duration,      // seconds, "30s", "1h30m", or {minutes: 5} with the words of Python's timedelta
  date,          // "2026-01-31", "2026-01-31T06:30"
  dates,         // one, or a list of them
  texts,         // a text, or a list of them
  trigger_rule,  // one of its words
  weight_rule,
  schedule,
  params,
  callbacks,
  deadlines,
  deadline_reference,  // one of its words
  assets,              // a uri, {uri, name, group, extra, watchers}, or a list of them
  watchers,            // of an asset: a list of {name, trigger, ...}
  inlets,              // these, or {alias, group}
  asset_expression,    // what a DAG is scheduled on
  partition_mapper,    // partition_words.h
  partition_mappers,
  partition_mapper_config,  // uri → partition mapper
  partition_window,
  window_direction,  // one of its words
  wait_policy,
  default_args,
  tasks,
  task_groups,
  steps,  // names of tasks and groups
  operator_name,
  expand,         // name → list
  expand_kwargs,  // list of mappings
  partial,        // name → value
  teardown,
  dags,
};

struct Key {
  std::string_view name;
  KeyKind kind;
  std::string_view help;
  int minimum = 0;  // of integers
};

// Of a DAG.
[[nodiscard]] std::span<const Key> dag_keys();
// Of a task group.
[[nodiscard]] std::span<const Key> group_keys();
// Of a deadline of a DAG, and of an asset.
[[nodiscard]] std::span<const Key> deadline_keys();
[[nodiscard]] std::span<const Key> asset_keys();
[[nodiscard]] std::span<const Key> asset_alias_keys();
// What every task may say, and default_args.
[[nodiscard]] std::span<const Key> option_keys();
// What a task says of itself alone.
[[nodiscard]] std::span<const Key> task_keys();
// Of a file of several DAGs.
[[nodiscard]] std::span<const Key> file_keys();

[[nodiscard]] const Key* find_key(std::span<const Key> keys, std::string_view name);
void add_names(std::vector<std::string>& names, std::span<const Key> keys);

// Words that people from Airflow and its YAML tools try, and what to write here; empty where there is nothing to say.
[[nodiscard]] std::string_view advice_for(std::string_view unknown_key);

[[nodiscard]] std::span<const std::string_view> trigger_rule_words();
[[nodiscard]] std::span<const std::string_view> weight_rule_words();
[[nodiscard]] std::span<const std::string_view> deadline_reference_words();

}  // namespace venturi::lanes::yaml
