// Where the logs and files of a run lie, as Airflow's log_filename_template has it. Ids are checked for what names of folders
// may hold where they enter.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace venturi::server {

// Relative to the folder of logs.
[[nodiscard]] inline std::string run_log_folder(std::string_view dag_id, std::string_view run_id) {
  return "dag_id=" + std::string(dag_id) + "/run_id=" + std::string(run_id);
}
[[nodiscard]] inline std::string log_path(std::string_view dag_id, std::string_view run_id, std::string_view task_id,
                                          std::int32_t map_index, std::int32_t try_number) {
  std::string path = run_log_folder(dag_id, run_id) + "/task_id=" + std::string(task_id);
  if (map_index >= 0) path += "/map_index=" + std::to_string(map_index);
  return path + "/attempt=" + std::to_string(try_number) + ".log";
}

// Of a DAG run's own callbacks.
[[nodiscard]] inline std::string callback_log_path(std::string_view dag_id, std::string_view run_id) {
  return run_log_folder(dag_id, run_id) + "/callbacks.log";
}

// Relative to the folder of files.
[[nodiscard]] inline std::string files_path(std::string_view dag_id, std::string_view run_id) {
  return std::string(dag_id) + "/" + std::string(run_id);
}

}  // namespace venturi::server
