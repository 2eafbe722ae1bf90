// SSH: connections. Remote commands are not there yet.
#include "operators/registry.h"
#include "providers/ssh/ssh_connection.h"
#include "providers/ssh/ssh_session.h"

namespace venturi::providers {
namespace {

operators::ConnectionTest test_ssh(const Connection& connection) {
  const SshSession session(ssh_settings(connection), -1);
  return {true, std::string(operators::connection_is_good)};
}

}  // namespace

void register_ssh(operators::Registry& registry) {
  registry.add(catalog::ProviderInfo{"ssh", "SSH: connections", "providers/ssh.md"});
  registry.add(operators::ConnectionType{
      .info = {.conn_type = "ssh", .label = "SSH", .default_conn_id = "ssh_default", .fields = ssh_connection_fields()},
      .test = test_ssh});
}

}  // namespace venturi::providers
