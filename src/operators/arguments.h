// The arguments of a built-in operator: declared in its registry entry, read from its serialized form, with references to
// XComs replaced by their values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/catalog.h"
#include "venturi/value.h"

namespace venturi::operators {

using catalog::ArgumentType;

struct Argument {
  std::string_view name;
  ArgumentType type = ArgumentType::string;
  bool required = false;
  bool templated = false;
  bool names_own_file = false;  // one that the operator itself reads or writes: never a template's (template_ext)
};

// One of Airflow's template_fields: the strings in it are rendered before the operator runs.
[[nodiscard]] constexpr Argument templated(Argument argument) {
  argument.templated = true;
  return argument;
}

// The same, where it is the path of a file that the operator itself reads or writes.
[[nodiscard]] constexpr Argument templated_path(Argument argument) {
  argument.names_own_file = true;
  return templated(argument);
}

// Plain JSON of what Airflow's serialization made of a value: {"__type": "dict" | "set" | "tuple" | ..., "__var": ...}.
// References to XComs ({"__type": "xcomref", ...}) stay as they are.
[[nodiscard]] Value decode_serialized(const Value& value);

// Of a mapped task's instances: one, or all of them; or an item of a list (server/mapped_operator.h).
struct XComRef {
  std::string task_id, key;
  std::int64_t map_index = -1;
  std::optional<std::int64_t> item = {};
  bool is_sequence = false;
  friend bool operator==(const XComRef&, const XComRef&) = default;
};

// Whether it stands for an XCom in a serialized operator.
[[nodiscard]] bool is_xcom_ref(const Value& value);

class Arguments {
 public:
  // `serialized` is the operator's "__var" (or a notifier's kwargs); members that are not declared are passed over. `declared`
  // outlives the arguments: it is the registry's.
  Arguments(const std::vector<Argument>& declared, const Value& serialized);
  Arguments(std::vector<Argument>&& declared, const Value& serialized) = delete;

  // Each XCom that the arguments refer to, once.
  [[nodiscard]] std::vector<XComRef> xcom_refs() const;
  // Puts the value in place of each reference to it.
  void resolve(const XComRef& ref, const Value& value);
  // Gives an argument that was not given, or replaces it.
  void set(std::string_view name, Value value) { values_.set(name, std::move(value)); }
  // Gives back what they take.
  void forget() { values_ = Object(); }
  // Throws TaskFailedForGood naming the argument where a required one is absent or one is of a wrong type. string_list
  // takes a string too: Airflow's lists of addresses are often one text with commas.
  void check() const;

  [[nodiscard]] const Object& all() const { return values_; }
  // Whether it was given, be it as null.
  [[nodiscard]] bool has(std::string_view name) const { return values_.contains(name); }
  // nullptr where it was not given, or is null.
  [[nodiscard]] const Value* find(std::string_view name) const;
  [[nodiscard]] std::string string(std::string_view name, std::string_view otherwise = {}) const;
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
  [[nodiscard]] double number(std::string_view name, double otherwise) const;
  [[nodiscard]] bool boolean(std::string_view name, bool otherwise) const;
  // A string is split at commas and semicolons.
  [[nodiscard]] std::vector<std::string> string_list(std::string_view name) const;

 private:
  // expand_kwargs: the members of the item are arguments.
  void spread_kwargs();

  const std::vector<Argument>* declared_;
  Object values_;
};

}  // namespace venturi::operators
