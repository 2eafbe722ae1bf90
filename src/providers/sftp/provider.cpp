// SFTP.
#include "operators/registry.h"
#include "providers/sftp/sftp.h"
#include "providers/ssh/ssh_connection.h"

namespace venturi::providers {

void register_sftp(operators::Registry& registry) {
  using operators::ArgumentType;
  using operators::templated;
  using operators::templated_path;
  registry.add(catalog::ProviderInfo{"sftp", "SFTP: files of other machines", "providers/sftp.md"});
  registry.add(operators::ConnectionType{
      .info = {.conn_type = "sftp", .label = "SFTP", .default_conn_id = "sftp_default", .fields = ssh_connection_fields()},
      .test = test_sftp});
  registry.add(operators::OperatorEntry{.task_type = "SFTPOperator",
                                        .arguments = {templated_path({"local_filepath", ArgumentType::any}),
                                                      templated_path({"remote_filepath", ArgumentType::any, true}),
                                                      templated({"remote_host", ArgumentType::string}),
                                                      templated({"ssh_conn_id", ArgumentType::string}),
                                                      {"operation", ArgumentType::string},
                                                      {"confirm", ArgumentType::boolean},
                                                      {"create_intermediate_dirs", ArgumentType::boolean},
                                                      {"concurrency", ArgumentType::integer},
                                                      {"prefetch", ArgumentType::boolean}},
                                        .move = run_sftp});
  registry.add(operators::OperatorEntry{.task_type = "SFTPSensor",
                                        .arguments = {templated({"path", ArgumentType::string, true}),
                                                      templated({"file_pattern", ArgumentType::string}),
                                                      templated({"newer_than", ArgumentType::string}),
                                                      templated({"sftp_conn_id", ArgumentType::string}),
                                                      {"use_managed_conn", ArgumentType::boolean}},
                                        .poke = poke_sftp,
                                        .trigger = "airflow.providers.sftp.triggers.sftp.SFTPTrigger"});
}

}  // namespace venturi::providers
