// connections test: of type sftp as SFTPHook has it, of type ssh as far as the log-in.
#include <chrono>

#include "providers/sftp/sftp.h"
#include "providers/sftp/sftp_client.h"

namespace venturi::providers {

operators::ConnectionTest test_sftp(const Connection& connection) {
  SftpClient sftp(ssh_settings(connection), -1);
  (void)sftp.real_path(".");
  return {true, std::string(operators::connection_is_good)};
}

}  // namespace venturi::providers
