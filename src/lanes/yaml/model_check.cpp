#include "lanes/yaml/model_check.h"

#include "model/dag.h"

namespace venturi::lanes::yaml {

std::optional<ModelError> model_error(const Value& serialized) {
  const auto dag = read_serialized_dag(serialized);
  if (dag) return std::nullopt;
  const Error& error = dag.error();
  ModelError told{{}, error.where.empty() ? error.what : error.where + ": " + error.what, error.hint};
  constexpr std::string_view of_task = ", task ";
  if (const std::size_t at = error.where.find(of_task); at != std::string::npos) {
    const std::string_view id = std::string_view(error.where).substr(at + of_task.size());
    told.task_id = id.substr(0, id.find(','));
  }
  return told;
}

}  // namespace venturi::lanes::yaml
