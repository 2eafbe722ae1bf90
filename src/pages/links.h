// Addresses of pages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/percent.h"
#include "pages/html.h"

namespace venturi::pages {

[[nodiscard]] inline std::string dag_link(std::string_view dag_id) {
  return "/dags/" + percent_encoded(dag_id);
}
[[nodiscard]] inline std::string run_link(std::string_view dag_id, std::string_view run_id) {
  return dag_link(dag_id) + "/runs/" + percent_encoded(run_id);
}
// map_index -1: of the task that is not mapped, or of all instances of one that is.
[[nodiscard]] inline std::string task_link(std::string_view dag_id, std::string_view run_id, std::string_view task_id,
                                           std::int32_t map_index = -1) {
  std::string link = run_link(dag_id, run_id) + "/tasks/" + percent_encoded(task_id);
  if (map_index >= 0) link += "?map_index=" + std::to_string(map_index);
  return link;
}

}  // namespace venturi::pages
