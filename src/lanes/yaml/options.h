// Options of tasks: what a task says itself and what default_args say.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lanes/yaml/arguments.h"
#include "lanes/yaml/keys.h"
#include "lanes/yaml/problems.h"
#include "lanes/yaml/values.h"
#include "venturi/dag.h"

namespace venturi::lanes::yaml {

// default_args of a DAG or group, or of a file.
struct DefaultArgs {
  TaskOptions options;
  std::map<std::string, const YamlNode*, std::less<>> arguments;  // of whatever operator has them
  Value params;                                                   // serialized, or null
};

class OptionReader {
 public:
  explicit OptionReader(Problems& problems) : problems_(problems), values_(problems) {}

  // A task's option; `key` is one of option_keys(), but params and do_xcom_push. Dates are kept as they are written: which time
  // that is, their DAG's time zone says.
  void set(TaskOptions& options, const Key& key, const YamlNode& node);
  [[nodiscard]] DefaultArgs default_args(const YamlNode& node);
  [[nodiscard]] Callbacks callbacks(Given given);
  [[nodiscard]] std::vector<AssetOrAlias> assets(Given given);
  // All of a list, {any: [...]}, {all: [...]}, or one asset. Nothing where it is a problem.
  [[nodiscard]] std::optional<AssetExpression> asset_expression(Given given, int depth = 0);
  // Serialized, as Airflow does; null where they are a problem.
  [[nodiscard]] Value params(Given given);

  // Tells of each key that is none of `names`.
  void unknown_key(const YamlNode& key, std::string_view of, std::span<const std::string> names);

 private:
  [[nodiscard]] std::optional<Asset> asset(Given given);
  [[nodiscard]] std::optional<AssetAlias> asset_alias(const YamlNode& node);
  void add_callback(Callbacks& callbacks, Given given);
  [[nodiscard]] std::optional<AssetWatcher> watcher(const YamlNode& node);
  // Of the catalog: a notifier, or an event trigger.
  struct BuiltIn {
    std::string_view name, classpath;
    const std::vector<catalog::ArgumentInfo>* arguments;
  };
  // {word: NAME, argument: value, ...}: its classpath and arguments. `beside`: keys that are none of its own. A problem is
  // told; nothing where it is not known at all.
  [[nodiscard]] std::optional<std::pair<std::string, Object>> built_in(const YamlNode& node, std::string_view word,
                                                                       std::span<const BuiltIn> all,
                                                                       std::span<const std::string_view> beside);
  [[nodiscard]] std::optional<Value> param(const YamlNode& node);

  Problems& problems_;
  Values values_;
};

[[nodiscard]] const catalog::OperatorInfo* find_operator(std::string_view name);
// do_xcom_push counts as one.
[[nodiscard]] const catalog::ArgumentInfo* find_argument(const catalog::OperatorInfo& info, std::string_view name);

}  // namespace venturi::lanes::yaml
