// Airflow's configuration keys, as far as there are settings of the same meaning here: AIRFLOW__SECTION__KEY in the
// environment, and airflow.cfg files, which `config import` reads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace venturi {

struct AirflowKey {
  std::string_view section, key;  // Airflow's
  std::string_view setting;       // ours, "core.parallelism"; empty: there is none
  std::string_view instead;       // of one that is not used: what there is in its place
};

// Nothing is known of the key itself: what is known of its section, or of all.
[[nodiscard]] std::string_view instead_of_airflow_key(std::string_view section, std::string_view key);
// The setting of the same meaning, "core.parallelism"; empty: there is none.
[[nodiscard]] std::string_view setting_of_airflow_key(std::string_view section, std::string_view key);
// Of several names for one setting the present one has the lowest number, one of a former Airflow a higher one; with the
// endings of further forms (secret_name()) the same.
[[nodiscard]] int place_of_airflow_key(std::string_view section, std::string_view key);
// Airflow's value in the words of the setting; nothing where there are none for it, such as the time zone "system".
[[nodiscard]] std::optional<std::string> value_of_airflow(std::string_view setting, std::string_view value);

// "core", "sql_alchemy_conn_cmd" of AIRFLOW__CORE__SQL_ALCHEMY_CONN_CMD; nothing where the name is not of that form.
struct AirflowName {
  std::string section, key;
};
[[nodiscard]] std::optional<AirflowName> airflow_name(std::string_view variable);

// A line of an airflow.cfg.
struct AirflowEntry {
  std::string section, key, value;
  int line = 0;
};
// What Python's configparser makes of it: comments, values that go on in indented lines, %% for %. The error has the line.
[[nodiscard]] Result<std::vector<AirflowEntry>> parse_airflow_cfg(std::string_view text);

}  // namespace venturi
