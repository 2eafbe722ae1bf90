#include "providers/ssh/ssh_connection.h"

namespace venturi::providers {

std::vector<catalog::FieldInfo> ssh_connection_fields() {
  using catalog::ArgumentType;
  return {{"host", "Host"},
          {"port", "Port", "22", ArgumentType::integer},
          {"login", "Username"},
          {"password", "Password", "", ArgumentType::string, true},
          {"key_file", "Key file", "path of the private key on the worker's machine"},
          {"private_key", "Private key", "its text, instead of a file", ArgumentType::string, true},
          {"private_key_passphrase", "Passphrase", "of the private key", ArgumentType::string, true},
          {"host_key", "Host key", "the server's, as in known_hosts: ssh-ed25519 AAAA..."},
          {"known_hosts", "known_hosts", "path; empty: ~/.ssh/known_hosts of the worker's user"},
          {"no_host_key_check", "No host key check", "a server that is not known is taken too", ArgumentType::boolean},
          {"allow_host_key_change", "Allow host key change", "a server whose key is another one is taken too",
           ArgumentType::boolean},
          {"look_for_keys", "Look for keys", "in ~/.ssh, where there is neither key nor password", ArgumentType::boolean},
          {"conn_timeout", "Connection timeout", "seconds: 10", ArgumentType::number},
          {"cmd_timeout", "Command timeout", "seconds without an answer: 60", ArgumentType::number},
          {"compress", "Compress", "", ArgumentType::boolean},
          {"ciphers", "Ciphers", R"(["aes256-gcm@openssh.com"])", ArgumentType::any},
          {"disabled_algorithms", "Disabled algorithms", R"({"pubkeys": ["rsa-sha2-512"]})", ArgumentType::object},
          {"upload_in_place", "Upload in place", "for servers of SFTP that allow no renaming", ArgumentType::boolean}};
}

}  // namespace venturi::providers
