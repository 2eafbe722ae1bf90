// Arguments of operators and notifiers, against what catalog/catalog.h says of them.
#pragma once

#include <functional>
#include <optional>

#include "base/yaml.h"
#include "catalog/catalog.h"
#include "lanes/yaml/problems.h"
#include "lanes/yaml/values.h"
#include "venturi/value.h"

namespace venturi::lanes::yaml {

// {xcom: task}, {xcom: task, key: name} or {item: name}: what another task gives, or the item of a mapped group.
[[nodiscard]] bool is_reference(const YamlNode& node);

class ArgumentReader {
 public:
  // The serialized form of a reference; nothing where it is a problem, which it then has told.
  using Reference = std::function<std::optional<Value>(const YamlNode&)>;

  // Without `reference` (a notifier's arguments) mappings are what they are.
  ArgumentReader(Problems& problems, Reference reference)
      : problems_(problems), values_(problems), reference_(std::move(reference)) {}

  // In serialized form; nothing where it is a problem, or null.
  [[nodiscard]] std::optional<Value> read(const catalog::ArgumentInfo& info, const YamlNode& node);
  // A value of any type.
  [[nodiscard]] std::optional<Value> any(const YamlNode& node);

 private:
  [[nodiscard]] bool fits(const catalog::ArgumentInfo& info, const YamlNode& node);
  void check_templates(std::string_view name, const YamlNode& node);

  Problems& problems_;
  Values values_;
  Reference reference_;
};

// Whether a text, a duration where the argument is one: for the JSON schema.
[[nodiscard]] bool is_duration(const catalog::ArgumentInfo& info);

}  // namespace venturi::lanes::yaml
