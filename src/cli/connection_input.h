// Connections as they come in: from the arguments of `connections add`, from files, and back into files.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/arguments.h"
#include "model/connection.h"

namespace venturi::cli {

// Whether the arguments of `connections add` say one connection.
[[nodiscard]] Result<void> check_connection_arguments(const Arguments& arguments);
// Of arguments that passed that.
[[nodiscard]] Result<Connection> connection_of(const Arguments& arguments);

// All of them or, where one cannot be read, an error that names each of those.
[[nodiscard]] Result<std::vector<Connection>> read_connection_file(const std::filesystem::path& path);
// `format`: json, yaml or env; `serialization`, of env: uri or json.
[[nodiscard]] std::string connection_file(const std::vector<Connection>& connections, std::string_view format,
                                          std::string_view serialization);

}  // namespace venturi::cli
