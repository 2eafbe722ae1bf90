// The objects behind Airflow's names.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "template/airflow_context.h"
#include "template/call.h"

namespace venturi::templates {

// Airflow's enums are strings too: equal to their value, but str() gives "TriggerRule.ALL_SUCCESS".
class EnumObject final : public HostObject {
 public:
  EnumObject(std::string type, std::string value) : type_(std::move(type)), value_(std::move(value)) {}
  [[nodiscard]] std::string type_name() const override { return type_; }
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override;
  [[nodiscard]] std::optional<Item> plain() override { return Item(value_); }
  [[nodiscard]] std::string repr(Walk& walk) override;
  [[nodiscard]] std::string str() override;

 private:
  const std::string type_, value_;
};

// A DAG, task or event: attributes from a JSON object.
class RecordObject : public HostObject {
 public:
  // `attributes` must live on. Those that are dates or enums in Airflow become that.
  RecordObject(std::string type, std::string repr, const Value& attributes)
      : type_(std::move(type)), repr_(std::move(repr)), attributes_(attributes) {}
  [[nodiscard]] std::string type_name() const override { return type_; }
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override;
  [[nodiscard]] std::string repr(Walk&) override { return repr_; }

 private:
  const std::string type_, repr_;
  const Value& attributes_;
};

// A date that is looked up when it is used: as Airflow's proxies it is never None itself, only prints as that.
class LazyDate final : public HostObject {
 public:
  LazyDate(const Lookups& lookups, std::string field) : lookups_(lookups), field_(std::move(field)) {}
  [[nodiscard]] std::string type_name() const override { return "Proxy"; }
  [[nodiscard]] std::optional<Item> plain() override;
  [[nodiscard]] std::string repr(Walk& walk) override;
  [[nodiscard]] std::string str() override;

 private:
  const Lookups& lookups_;
  const std::string field_;
};

[[nodiscard]] Item make_date(const std::optional<Time>& time);  // pendulum, or None
[[nodiscard]] Item make_task(const AirflowFacts& facts);
[[nodiscard]] Item make_task_instance(const AirflowFacts& facts, const Lookups& lookups);
[[nodiscard]] Item make_dag_run(const AirflowFacts& facts, const Lookups& lookups);
[[nodiscard]] Item make_variables(const Lookups& lookups);
[[nodiscard]] Item make_connections(const Lookups& lookups);
[[nodiscard]] Item make_macros(const AirflowFacts& facts);
// airflow_assets.cpp
[[nodiscard]] Item make_assets(const Value& declared);  // inlets or outlets
[[nodiscard]] Item make_triggering_asset_events(const AirflowFacts& facts, const Lookups& lookups);
[[nodiscard]] Item make_inlet_events(const AirflowFacts& facts, const Lookups& lookups);
[[nodiscard]] Value consumed_asset_events(const AirflowFacts& facts, const Lookups& lookups);

// An object of functions and constants, as Python's modules and classes are.
class ModuleOfFunctions final : public HostObject {
 public:
  using Member = std::pair<std::string_view, std::function<Item()>>;
  ModuleOfFunctions(std::string repr, std::vector<Member> members, std::function<Item(Call&)> constructor = nullptr)
      : repr_(std::move(repr)), members_(std::move(members)), constructor_(std::move(constructor)) {}
  [[nodiscard]] std::string type_name() const override { return constructor_ ? "type" : "module"; }
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override;
  [[nodiscard]] bool callable() const override { return constructor_ != nullptr; }
  Item call(Call& call) override;
  [[nodiscard]] std::string repr(Walk&) override { return repr_; }

 private:
  const std::string repr_;
  const std::vector<Member> members_;
  const std::function<Item(Call&)> constructor_;
};

}  // namespace venturi::templates
