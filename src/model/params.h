// Params of a DAG and of its tasks, and whether the values of a run fit their JSON schemas (draft 2020-12;
// sdk/definitions/param.py).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/dag.h"
#include "venturi/value.h"

namespace venturi {

struct Param {
  std::string name;
  std::optional<Value> value = std::nullopt;  // nothing: each run has to bring it
  Value schema = {};
  std::string description = {};
};
// In the order of their declaration.
[[nodiscard]] std::vector<Param> read_params(const Dag& dag);
// The error names the param, what it is and what its schema wants.
[[nodiscard]] Result<void> check_param(const Dag& dag, const Param& param, const Value& value);

// The DAG's params as a run with this configuration (an object, or null) sees them: the defaults, what the configuration has in
// their place, and what else it has. The error names the param, what it is and what its schema wants.
[[nodiscard]] Result<Object> params_of_run(const Dag& dag, const Value& conf);

// Whether each schema is one, and, where runs are scheduled without anybody who could give values, whether the defaults fit.
[[nodiscard]] Result<void> check_params(const Dag& dag);

}  // namespace venturi
