#include "lanes/yaml/reference.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "catalog/catalog.h"
#include "lanes/yaml/arguments.h"
#include "lanes/yaml/keys.h"
#include "lanes/yaml/partition_words.h"
#include "lanes/yaml/timetable_words.h"

namespace venturi::lanes::yaml {
namespace {

std::string_view words_for(KeyKind kind) {
  using enum KeyKind;
  switch (kind) {
    case text:
    case id:
    case operator_name:
      return "text";
    case flag:
      return "boolean";
    case flag_or_duration:
      return "boolean or time span";
    case integer:
      return "integer";
    case number:
      return "number";
    case duration:
      return "time span";
    case date:
      return "date";
    case dates:
      return "date or list";
    case texts:
    case steps:
      return "text or list";
    case trigger_rule:
    case weight_rule:
    case deadline_reference:
    case window_direction:
      return "word";
    case schedule:
      return "schedule";
    case params:
      return "params";
    case callbacks:
      return "notifiers";
    case watchers:
      return "list of watchers";
    case deadlines:
      return "deadlines";
    case assets:
    case inlets:
    case asset_expression:
      return "assets";
    case partition_mapper:
      return "partition mapper";
    case partition_mappers:
      return "list of partition mappers";
    case partition_mapper_config:
      return "mapping";
    case partition_window:
      return "window";
    case wait_policy:
      return "wait policy";
    case default_args:
      return "options and arguments";
    case tasks:
    case task_groups:
    case dags:
      return "mapping or list";
    case expand:
    case partial:
      return "mapping";
    case expand_kwargs:
      return "list";
    case teardown:
      return "true, names, mapping";
  }
  return "";
}

std::string_view words_for(const catalog::ArgumentInfo& argument) {
  if (is_duration(argument)) return "time span";
  switch (argument.type) {
    case catalog::ArgumentType::any:
      return "any value";
    case catalog::ArgumentType::string:
      return "text";
    case catalog::ArgumentType::integer:
      return "integer";
    case catalog::ArgumentType::number:
      return "number";
    case catalog::ArgumentType::boolean:
      return "boolean";
    case catalog::ArgumentType::object:
      return "mapping";
    case catalog::ArgumentType::string_list:
      return "text or list";
    case catalog::ArgumentType::list:
      return "list";
  }
  return "";
}

void add_keys(std::string& page, std::string_view title, std::span<const Key> keys) {
  page += fmt::format("\n## {}\n\n| key | value | |\n|---|---|---|\n", title);
  for (const Key& key : keys) page += fmt::format("| `{}` | {} | {} |\n", key.name, words_for(key.kind), key.help);
}

void add_arguments(std::string& page, std::string_view name, const std::vector<catalog::ArgumentInfo>& arguments) {
  page += fmt::format("| `{}` | ", name);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const catalog::ArgumentInfo& argument = arguments[i];
    page += fmt::format("{}{}`{}`{} {}{}", i == 0 ? "" : ", ", argument.required ? "**" : "", argument.name,
                        argument.required ? "**" : "", words_for(argument), argument.templated ? " ᵗ" : "");
  }
  page += " |\n";
}

// "`cron` text: A cron expression"
template <class Argument>
std::string arguments_text(const std::vector<Argument>& arguments) {
  std::string text;
  for (const Argument& argument : arguments) {
    const std::string_view bold = argument.required ? "**" : "";
    text += fmt::format("{}{}`{}`{} {}: {}", text.empty() ? "" : ".<br>", bold, argument.key.name, bold,
                        words_for(argument.key.kind), argument.key.help);
  }
  return text;
}

void add_words(std::string& page, std::string_view title, std::span<const PartitionWord> words) {
  page += fmt::format("\n| {} | | arguments |\n|---|---|---|\n", title);
  for (PartitionWord word : words) {
    std::erase_if(word.arguments, [](const auto& argument) { return argument.key.name == "max_downstream_keys"; });  // of all
    page += fmt::format("| `{}` | {} | {} |\n", word.name, word.help, arguments_text(word.arguments));
  }
}

}  // namespace

std::string yaml_reference() {
  std::string page =
      "# Words of YAML files\n\n"
      "Made from the program's own tables. [yaml.md](../yaml.md) explains them; `venturi dags schema` prints the same as JSON "
      "schema "
      "([dag-schema.json](dag-schema.json)).\n\n"
      "A time span is a number of seconds, a text such as `30s`, `5m`, `1h30m`, `2d`, or a mapping with the words of Python's "
      "timedelta (`{minutes: 5}`). What stands behind a semicolon is the default.\n";
  add_keys(page, "A DAG", dag_keys());
  add_keys(page, "A task", task_keys());
  add_keys(page, "Options of tasks, and default_args", option_keys());
  add_keys(page, "A task group", group_keys());
  add_keys(page, "A deadline", deadline_keys());
  add_keys(page, "An asset, where it is no text", asset_keys());
  add_keys(page, "An asset alias, of inlets and schedules", asset_alias_keys());
  page +=
      "\n## Timetables\n\nOf a `schedule`: `{timetable: CronTriggerTimetable, cron: \"0 6 * * *\"}`. Bold arguments are "
      "needed.\n\n| timetable | arguments |\n|---|---|\n";
  for (const TimetableKind& kind : timetable_kinds())
    page += fmt::format("| `{}` | {} |\n", kind.name, arguments_text(kind.arguments));
  page +=
      "\n## Partition mappers\n\nWhat has no arguments that it needs may be its name alone; else `{mapper: FixedKeyMapper, "
      "downstream_key: all}`, and so `{window: ...}` and `{wait_policy: ...}`. All mappers "
      "have `max_downstream_keys`: so many runs of one event at most; [scheduler] partition_mapper_max_downstream_keys. "
      "[assets.md](../assets.md#partitions-runs-for-parts-of-the-data) says what they do.\n";
  add_words(page, "mapper", partition_mapper_words());
  add_words(page, "window", partition_window_words());
  add_words(page, "wait policy", wait_policy_words());
  add_keys(page, "A file of several DAGs", file_keys());
  page += fmt::format("\nTrigger rules: `{}`. Weight rules: `{}`. References of deadlines: `{}`.\n",
                      fmt::join(trigger_rule_words(), "`, `"), fmt::join(weight_rule_words(), "`, `"),
                      fmt::join(deadline_reference_words(), "`, `"));
  page +=
      "\n## Operators and sensors\n\nTheir arguments; bold ones are needed, ᵗ marks templates. In the place of any of them may "
      "stand "
      "`{xcom: task}`. [operators.md](../operators.md) says what they do.\n\n| operator | arguments |\n|---|---|\n";
  for (const catalog::OperatorInfo& op : catalog::operators()) add_arguments(page, op.task_type, op.arguments);
  page += "\n## Notifiers\n\n| notifier | arguments |\n|---|---|\n";
  for (const catalog::NotifierInfo& notifier : catalog::notifiers()) add_arguments(page, notifier.name, notifier.arguments);
  return page;
}

}  // namespace venturi::lanes::yaml
