// A connection of type ssh or sftp, as Airflow's SSHHook reads it (docs/providers/ssh.md has the fields).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/connection.h"

namespace venturi::providers {

// What was said of the algorithms of one kind; libssh takes lists of what is allowed alone.
struct SshAlgorithms {
  std::string ciphers, macs, key_exchange, host_keys, public_keys;  // with commas between
};

struct SshSettings {
  std::string conn_id, host, login, password;
  std::uint16_t port = 22;

  std::string private_key, key_file, passphrase;  // at most one of the first two
  bool look_for_keys = true;                      // in ~/.ssh, where there is neither key nor password

  std::string host_key_type, host_key;  // base64; empty: known_hosts says it
  std::string known_hosts;              // a path; empty: that of the worker's user
  bool no_host_key_check = false, allow_host_key_change = false;

  SshAlgorithms algorithms;
  bool compress = false;
  bool upload_in_place = false;  // of SFTP: the server allows no renaming
  std::chrono::milliseconds conn_timeout{10'000}, banner_timeout{30'000};
  std::optional<std::chrono::milliseconds> cmd_timeout;

  // "etl@files.example.org:22", for errors.
  [[nodiscard]] std::string shown() const;
  // Of a path there: "sftp://etl@files.example.org:22/in/a.csv".
  [[nodiscard]] std::string shown(std::string_view path) const;
};

// `remote_host` takes the place of the connection's, where it is not empty. Throws TaskFailed naming the field that is wrong.
[[nodiscard]] SshSettings ssh_settings(const Connection& connection, const std::string& remote_host = {});

}  // namespace venturi::providers
