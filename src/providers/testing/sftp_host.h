// SFTPOperator and its kin in the program venturi-operators, against OpenSSH's server.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"
#include "servers/sftp_server.h"
#include "venturi/value.h"

namespace venturi::providers::testing {

// What a task is given of a connection of type sftp to that server, with a key that it takes.
inline Value sftp_connection(const tests::SftpServer& server, Object more = {}, const char* conn_id = "sftp_default") {
  Object extra{{"host_key", server.host_key()}, {"key_file", server.client_key("ed25519")}};
  for (const auto& [key, value] : more) extra.set(key, value);
  return Object{{"type", "ConnectionResult"}, {"conn_id", conn_id},    {"conn_type", "sftp"},
                {"host", "127.0.0.1"},        {"schema", nullptr},     {"login", tests::SftpServer::user()},
                {"password", nullptr},        {"port", server.port()}, {"extra", to_json(Value(std::move(extra)))}};
}

// The names in a folder, hidden ones too.
inline std::string names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

}  // namespace venturi::providers::testing
