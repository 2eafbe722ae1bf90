#include "home/airflow_config.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>

#include "home/config_keys.h"
#include "home/secret_value.h"

namespace venturi {
namespace {

constexpr auto keys = std::to_array<AirflowKey>({
    {"core", "dags_folder", "core.dags_folder", ""},
    {"core", "parallelism", "core.parallelism", ""},
    {"core", "max_active_tasks_per_dag", "core.max_active_tasks_per_dag", ""},
    {"core", "dag_concurrency", "core.max_active_tasks_per_dag", ""},  // its name in Airflow 2.1
    {"core", "max_active_runs_per_dag", "core.max_active_runs_per_dag", ""},
    {"core", "max_consecutive_failed_dag_runs_per_dag", "core.max_consecutive_failed_dag_runs_per_dag", ""},
    {"core", "default_pool_task_slot_count", "core.default_pool_task_slot_count", ""},
    {"core", "default_timezone", "core.default_timezone", ""},
    {"core", "dags_are_paused_at_creation", "core.dags_are_paused_at_creation", ""},
    {"core", "rerun_with_latest_version", "core.rerun_with_latest_version", ""},
    {"core", "max_map_length", "core.max_map_length", ""},
    {"api", "host", "api.host", ""},
    {"api", "port", "api.port", ""},
    {"api", "maximum_page_limit", "api.maximum_page_limit", ""},
    {"api", "expose_config", "api.expose_config", ""},
    {"core", "test_connection", "core.test_connection", ""},
    {"webserver", "web_server_host", "api.host", ""},  // in Airflow 2
    {"webserver", "web_server_port", "api.port", ""},
    {"logging", "logging_level", "logging.level", ""},
    {"state_store", "default_retention_days", "state_store.default_retention_days", ""},
    {"state_store", "max_value_storage_bytes", "state_store.max_value_storage_bytes", ""},
    {"scheduler", "partition_mapper_max_downstream_keys", "scheduler.partition_mapper_max_downstream_keys", ""},
    {"dag_processor", "refresh_interval", "dag_processor.refresh_interval_s", ""},
    {"dag_processor", "dag_file_processor_timeout", "dag_processor.describe_timeout_s", ""},
    {"core", "dag_file_processor_timeout", "dag_processor.describe_timeout_s", ""},
    {"scheduler", "dag_dir_list_interval", "dag_processor.refresh_interval_s", ""},  // in Airflow 2

    {"core", "executor", "", "tasks run on this machine, each in a process of its own"},
    {"core", "fernet_key", "core.fernet_key", ""},
    {"core", "load_examples", "", "there are no examples to load: examples/cookbook has some to copy"},
    {"core", "plugins_folder", "", "operators and timetables of one's own are code of the DAG"},
    {"core", "simple_auth_manager_users", "", "users are of the home: venturi users create"},
    {"core", "auth_manager", "", "users are of the home: venturi users create"},
    {"core", "default_task_retries", "", "default_args of the DAG: retries"},
    {"core", "default_task_execution_timeout", "", "default_args of the DAG: execution_timeout"},
    {"database", "sql_alchemy_conn", "", "the metadata are a SQLite file: [database] path"},
    {"core", "sql_alchemy_conn", "", "the metadata are a SQLite file: [database] path"},
    {"logging", "base_log_folder", "", "logs are in the folder logs of the home"},
    {"logging", "remote_logging", "", "logs are in the folder logs of the home"},
    {"api_auth", "jwt_secret", "api_auth.jwt_secret", ""},
    {"api", "secret_key", "", "the home has a key of its own, the file signing_key"},
    {"secrets", "backend", "", "connections and variables are in the home, or in AIRFLOW_CONN_ID and AIRFLOW_VAR_KEY"},
});

// Each name stands in it once, and either has a setting of ours or says what there is in its place.
static_assert([] {
  for (auto key = keys.begin(); key != keys.end(); ++key) {
    if (key->setting.empty() == key->instead.empty()) return false;
    if (!key->setting.empty() && find_config_key(key->setting) == std::size(config_keys)) return false;
    for (const auto* other = keys.begin(); other != key; ++other) {
      if (other->section == key->section && other->key == key->key) return false;
    }
  }
  return true;
}());

struct OfSection {
  std::string_view section, instead;
};
constexpr auto sections = std::to_array<OfSection>({
    {"scheduler", "the scheduler acts when something happens, and has nothing to tune"},
    {"triggerer", "what waits, waits in the operator host of the worker"},
    {"celery", "tasks run on this machine"},
    {"kubernetes", "tasks run on this machine"},
    {"kubernetes_executor", "tasks run on this machine"},
    {"local_kubernetes_executor", "tasks run on this machine"},
    {"smtp", "a connection of type smtp: smtp_default"},
    {"email", "a connection of type smtp: smtp_default"},
    {"webserver", "the pages are where the REST API is: [api] host and port"},
    {"fab", "users are of the home: venturi users create"},
    {"database", "the metadata are a SQLite file: [database] path"},
    {"secrets", "connections and variables are in the home, or in AIRFLOW_CONN_ID and AIRFLOW_VAR_KEY"},
    {"kerberos", "nothing here takes a ticket"},
    {"logging", "logs are in the folder logs of the home"},
});

const AirflowKey* find_key(std::string_view section, std::string_view key) {
  const auto* found = std::ranges::find_if(keys, [&](const AirflowKey& k) { return k.section == section && k.key == key; });
  return found == keys.end() ? nullptr : found;
}

std::string in_lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string without_doubled_percents(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] == '%' && i + 1 < text.size() && text[i + 1] == '%') ++i;
  }
  return out;
}

}  // namespace

std::string_view setting_of_airflow_key(std::string_view section, std::string_view key) {
  const AirflowKey* found = find_key(section, key);
  return found == nullptr ? std::string_view() : found->setting;
}

int place_of_airflow_key(std::string_view section, std::string_view key) {
  const AirflowKey* found = find_key(section, key);
  if (found == nullptr) found = find_key(section, secret_name(key).key);
  return static_cast<int>((found == nullptr ? keys.data() + keys.size() : found) - keys.data());
}

std::string_view instead_of_airflow_key(std::string_view section, std::string_view key) {
  for (const std::string_view suffix : {"_cmd", "_secret"}) {
    if (key.ends_with(suffix)) key.remove_suffix(suffix.size());
  }
  if (const AirflowKey* found = find_key(section, key)) return found->instead;
  const auto* found = std::ranges::find(sections, section, &OfSection::section);
  return found == sections.end() ? "there is no setting of this meaning" : found->instead;
}

std::optional<std::string> value_of_airflow(std::string_view setting, std::string_view value) {
  if (setting == "core.default_timezone" && in_lower_case(value) == "system") return std::nullopt;
  if (setting == "core.dags_folder") {
    // As Airflow's expand_env_var, but for other variables.
    const char* home = std::getenv("HOME");
    for (const std::string_view start : {"~/", "$HOME/", "${HOME}/"}) {
      if (home != nullptr && value.starts_with(start)) return std::string(home) + "/" + std::string(value.substr(start.size()));
    }
    if (!value.starts_with('/')) return std::nullopt;  // relative to where Airflow was started
  }
  return std::string(value);
}

std::optional<AirflowName> airflow_name(std::string_view variable) {
  constexpr std::string_view prefix = "AIRFLOW__";
  if (!variable.starts_with(prefix)) return std::nullopt;
  variable.remove_prefix(prefix.size());
  const std::size_t at = variable.find("__");
  if (at == std::string_view::npos || at == 0 || at + 2 == variable.size()) return std::nullopt;
  return AirflowName{in_lower_case(variable.substr(0, at)), in_lower_case(variable.substr(at + 2))};
}

Result<std::vector<AirflowEntry>> parse_airflow_cfg(std::string_view text) {
  std::vector<AirflowEntry> entries;
  std::string section;
  bool goes_on = false;  // an indented line belongs to the last entry
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    const std::string_view words = trimmed(line);
    if (words.empty() || words.starts_with('#') || words.starts_with(';')) continue;
    if (goes_on && (line.front() == ' ' || line.front() == '\t')) {
      entries.back().value += "\n" + without_doubled_percents(words);
      continue;
    }
    goes_on = false;
    if (words.starts_with('[')) {
      const std::size_t close = words.find(']');
      if (close == std::string_view::npos)
        return fail(ErrorKind::invalid, "the section's name has no end", "line " + std::to_string(number), "write [core]");
      section = in_lower_case(words.substr(1, close - 1));
      continue;
    }
    const std::size_t mark = words.find_first_of("=:");
    if (mark == std::string_view::npos || mark == 0 || section.empty()) {
      return fail(ErrorKind::invalid,
                  section.empty() ? "the key stands outside of a section" : "this is not of the form KEY = VALUE",
                  "line " + std::to_string(number));
    }
    entries.push_back({section, in_lower_case(trimmed(words.substr(0, mark))),
                       without_doubled_percents(trimmed(words.substr(mark + 1))), number});
    goes_on = true;
  }
  return entries;
}

}  // namespace venturi
