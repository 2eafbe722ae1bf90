// Where connections and variables come from, in Airflow's order: environment variables of the server (AIRFLOW_CONN_TEST_DB,
// AIRFLOW_VAR_LIMIT) before the metadata. `dags test` asks the metadata of the real home behind its own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/connection.h"
#include "store/store.h"

namespace venturi::server {

class Lookups {
 public:
  // The readers are asked in this order; they outlive this. `environment` ends with a null pointer, as environ does.
  Lookups(const char* const* environment, std::vector<store::Reader*> readers);

  // Nothing where nobody knows it. An error: an environment variable that cannot be read, or the store.
  [[nodiscard]] Result<std::optional<Connection>> connection(std::string_view conn_id) const;
  [[nodiscard]] Result<std::optional<std::string>> variable(std::string_view key) const;
  // Of the metadata, sorted; the environment's are found by name only, as in Airflow.
  [[nodiscard]] Result<std::vector<std::string>> variable_keys() const;

 private:
  [[nodiscard]] std::optional<std::string> from_environment(std::string_view prefix, std::string_view name) const;
  const char* const* environment_;
  std::vector<store::Reader*> readers_;
};

}  // namespace venturi::server
