// Files of variables: what `variables import` reads and `variables export` writes.
//
//   {"limit": 10, "greeting": "hello", "mail": {"value": "a@b.c", "description": "who is told"}}
//
// As in Airflow a text is a value as it stands, and everything else is one as JSON.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace venturi::cli {

[[nodiscard]] Result<std::vector<store::VariableRow>> read_variable_file(const std::filesystem::path& path);
// JSON that read_variable_file reads back to the same.
[[nodiscard]] std::string variable_file(const std::vector<store::VariableRow>& variables);

}  // namespace venturi::cli
