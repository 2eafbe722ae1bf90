#include "scenario_callbacks.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
using namespace venturi;

namespace oracle {
namespace {

void note(const std::string& folder, const std::string& dag_id, const Value& record) {
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/callbacks." + dag_id + ".jsonl", std::ios::app) << to_json(record) + "\n";
}

// What tasks throw here begins with the name of Airflow's exception; what the server itself says does not.
Value exception_of(const CallbackContext& context) {
  const std::string& error = context.error();
  if (error.empty()) return nullptr;
  const std::string name = error.substr(0, error.find(':'));
  if (name.size() < error.size() && std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalpha(c); }))
    return name;
  if (error.starts_with("Sensor has timed out")) return "AirflowSensorTimeout";
  if (error.find("execution_timeout") != std::string::npos) return "AirflowTaskTimeout";
  return error;
}

}  // namespace

Callback task_callback(const std::string& event, const std::string& state_folder) {
  return [event, state_folder](const CallbackContext& context) {
    note(state_folder, context.dag_id(),
         Object{{"run_id", context.run_id()},
                {"event", event},
                {"task_id", context.task_id()},
                {"map_index", context.map_index()},
                {"try_number", context.try_number()},
                {"exception", exception_of(context)}});
  };
}

Callback dag_callback(const std::string& event, const std::string& state_folder) {
  return [event, state_folder](const CallbackContext& context) {
    const std::string reason = context.event() == "success" ? "success" : context.error();
    note(state_folder, context.dag_id(), Object{{"run_id", context.run_id()}, {"event", "dag_" + event}, {"reason", reason}});
  };
}

}  // namespace oracle
