// What the tasks of scenarios do, by their kind (../README.md).
#pragma once

#include <venturi/dag.h>
#include <venturi/own_operator.h>

#include <string>
#include <vector>

namespace oracle {

// All kinds whose behaviour is a few lines: one operator, whose fields are templates and what it is mapped over.
struct ScenarioTask {
  std::string kind;
  venturi::Value args;
  venturi::Field<venturi::Value> item{}, item2{}, text{};

  venturi::Value execute(const venturi::Context& context) const;
};
VENTURI_STRUCT(ScenarioTask, item, item2, text);
VENTURI_TEMPLATE_FIELDS(ScenarioTask, item, item2, text);

// A poke of a sensor that is true at the n-th; the count outlives the process, and begins anew with each try.
[[nodiscard]] bool poke(const venturi::Context& context, const venturi::Value& args, const std::string& state_folder);

// An id, a list of ids, or nothing.
[[nodiscard]] std::vector<std::string> ids_of(const venturi::Value& choice);

// Functions of map().
[[nodiscard]] venturi::Value doubled(const venturi::Value& item);
[[nodiscard]] venturi::Value without_odd(const venturi::Value& item);

// Exceptions begin with the name of Airflow's, for callbacks that record it.
[[noreturn]] void raise_error(const std::string& why);
[[noreturn]] void raise_fail(const std::string& why);
[[noreturn]] void raise_skip(const std::string& why);

}  // namespace oracle
