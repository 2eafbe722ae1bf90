// Files with connections or variables, in Airflow's three formats (airflow/secrets/local_filesystem.py):
//
//   .json   {"test_db": "postgres://...", "mail": {"conn_type": "smtp", ...}}
//   .yaml   the same as YAML (.yml too)
//   .env    test_db=postgres://...       a line for each; empty lines and those that begin with # are skipped
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "venturi/value.h"

namespace venturi::cli {

// The object of the file; of an .env file all values are strings. Errors repeat nothing of the values.
[[nodiscard]] Result<Object> read_secret_file(const std::filesystem::path& path);

// Whether secrets may be written to this name: a file that is not there yet, or one that only this user can read.
[[nodiscard]] Result<void> check_secret_target(const std::string& file);
// Whole and 0600, or not at all.
[[nodiscard]] Result<void> write_secret_file(const std::string& file, std::string_view content);

// All of stdin, or of a file ("-": stdin), without the line feed at its end.
[[nodiscard]] Result<std::string> read_input(const std::string& file);

}  // namespace venturi::cli
