#include "providers/standard/bash_environment.h"

#include <cstdlib>

#include <fmt/format.h>

#include "base/time.h"
#include "operators/outcome.h"

namespace venturi::providers {
namespace {

using operators::TaskFailedForGood;

std::string email_of(const Value& op) {
  const Value* email = op.get("email");
  if (email == nullptr) return {};
  if (email->is_string()) return email->as_string();
  std::string list;
  if (!email->is_array()) return list;
  for (const Value& address : email->as_array()) {
    if (address.is_string()) list += (list.empty() ? "" : ",") + address.as_string();
  }
  return list;
}

}  // namespace

std::vector<std::string> bash_environment(const operators::Arguments& arguments, const operators::TaskFacts& facts,
                                          const Value& op) {
  // An Object, so that the later of two with the same name counts.
  Object variables;
  const Value* given = arguments.find("env");
  if (given == nullptr || arguments.boolean("append_env", false)) {
    for (const char* name : {"PATH", "HOME", "LANG", "TZ", "USER"}) {
      if (const char* value = std::getenv(name)) variables.set(name, value);
    }
  }
  if (given != nullptr) {
    for (const auto& [name, value] : given->as_object()) {
      if (name.empty() || name.find('=') != std::string::npos || name.find('\0') != std::string::npos) {
        throw TaskFailedForGood(fmt::format("env: '{}' is no name of an environment variable", name));
      }
      if (!value.is_string()) {
        throw TaskFailedForGood(fmt::format("env: the value of {} must be a string, not {}", name, value.type_name()));
      }
      if (value.as_string().find('\0') != std::string::npos) {
        throw TaskFailedForGood(fmt::format("env: the value of {} has a zero byte in it", name));
      }
      variables.set(name, value);
    }
  }
  // airflow/sdk/execution_time/context.py, context_to_airflow_vars
  variables.set("AIRFLOW_CTX_DAG_OWNER", op.get_string("owner", "airflow"));
  if (std::string email = email_of(op); !email.empty()) variables.set("AIRFLOW_CTX_DAG_EMAIL", std::move(email));
  variables.set("AIRFLOW_CTX_DAG_ID", facts.run->dag_id);
  variables.set("AIRFLOW_CTX_TASK_ID", facts.task_id);
  if (facts.run->logical_date) variables.set("AIRFLOW_CTX_LOGICAL_DATE", format_time_offset(*facts.run->logical_date));
  variables.set("AIRFLOW_CTX_TRY_NUMBER", std::to_string(facts.try_number));
  variables.set("AIRFLOW_CTX_DAG_RUN_ID", facts.run->run_id);
  // The worker's mark: what somebody left behind is found by it (worker/process_tree.h).
  if (const char* mark = std::getenv("VENTURI_WORKER")) variables.set("VENTURI_WORKER", mark);

  std::vector<std::string> list;
  for (const auto& [name, value] : variables) list.push_back(name + "=" + value.as_string());
  return list;
}

}  // namespace venturi::providers
