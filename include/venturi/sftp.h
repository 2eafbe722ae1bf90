// SFTP: files of other machines. docs/providers/sftp.md.
//
//   #include <venturi/sftp.h>
//
//   auto there = dag.add(SFTPSensor{.task_id = "there", .path = "/in", .file_pattern = "orders-*.csv", .deferrable = true});
//   auto file = dag.add(SFTPOperator{.task_id = "fetch", .ssh_conn_id = "sftp_default", .local_filepath = {"/data/orders.csv"},
//                                    .remote_filepath = {"/in/orders.csv"}, .operation = "get"});
//   there >> file;
//
// Connections of type sftp or ssh: host, port, login, password; extra has key_file or private_key, host_key and more.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "venturi/built_in.h"

namespace venturi::inline sdk {

// Files and folders to a server, from it, or deleted there. Its value is local_filepath.
struct SFTPOperator {
  static constexpr std::string_view task_type = "SFTPOperator";
  std::string task_id{};
  Field<std::string> ssh_conn_id{};                   // "sftp_default"
  Field<std::string> remote_host{};                   // the connection's
  Field<std::vector<std::string>> local_filepath{};   // absolute; as many as remote ones, none of a deletion
  Field<std::vector<std::string>> remote_filepath{};  // required
  Field<std::string> operation{};                     // "put"; "get", "delete"
  Field<bool> confirm{};                              // true: sizes are compared after a file was sent
  Field<bool> create_intermediate_dirs{};             // false
  Field<std::int64_t> concurrency{};                  // of no matter: one connection has many pieces on the way
  Field<bool> prefetch{};                             // of no matter either
  using Result = std::vector<std::string>;

  friend void fields_of(const SFTPOperator& op, detail::OperatorFields& fields) {
    fields.field("ssh_conn_id", op.ssh_conn_id)
        .field("remote_host", op.remote_host)
        .field("local_filepath", op.local_filepath)
        .required("remote_filepath", op.remote_filepath)
        .field("operation", op.operation)
        .field("confirm", op.confirm)
        .field("create_intermediate_dirs", op.create_intermediate_dirs)
        .field("concurrency", op.concurrency)
        .field("prefetch", op.prefetch)
        .templates({"local_filepath", "remote_filepath", "remote_host", "ssh_conn_id"});
  }
};

// A file or folder of a server, or files in a folder. Its value is the list of the paths that were found.
struct SFTPSensor {
  static constexpr std::string_view task_type = "SFTPSensor";
  std::string task_id{};
  Field<std::string> path{};          // required
  Field<std::string> file_pattern{};  // of names in the folder `path`: * ? []
  Field<std::string> newer_than{};    // a time in ISO 8601: what was changed then or later
  Field<std::string> sftp_conn_id{};  // "sftp_default"
  Option<bool> deferrable{};          // false
  Option<Duration> poke_interval{}, timeout{}, max_wait{};
  Option<SensorMode> mode{};
  Option<bool> soft_fail{}, never_fail{}, silent_fail{}, exponential_backoff{};
  using Result = std::vector<std::string>;

  friend void fields_of(const SFTPSensor& op, detail::OperatorFields& fields) {
    fields.required("path", op.path)
        .field("file_pattern", op.file_pattern)
        .field("newer_than", op.newer_than)
        .field("sftp_conn_id", op.sftp_conn_id)
        .templates({"path", "file_pattern", "newer_than", "sftp_conn_id"})
        .sensor(op);
  }
};

}  // namespace venturi::inline sdk
