#include <cstdlib>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "providers/ssh/ssh_session.h"

namespace venturi::providers {
namespace {

using operators::TaskFailed;

struct SshTextEnd {
  void operator()(char* text) const { ::ssh_string_free_char(text); }
};
using SshText = std::unique_ptr<char, SshTextEnd>;

std::string base64_of(ssh_key key) {
  char* text = nullptr;
  if (::ssh_pki_export_pubkey_base64(key, &text) != SSH_OK) return {};
  const SshText owned(text);
  return owned.get();
}

// "ssh-ed25519 SHA256:..."
std::string fingerprint_of(ssh_key key) {
  unsigned char* hash = nullptr;
  std::size_t size = 0;
  std::string fingerprint = "?";
  if (::ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &size) == 0) {
    const SshText text(::ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size));
    if (text) fingerprint = text.get();
    ::ssh_clean_pubkey_hash(&hash);
  }
  return fmt::format("{} {}", ::ssh_key_type_to_char(::ssh_key_type(key)), fingerprint);
}

[[noreturn]] void is_another(const SshSession& session, ssh_key key, std::string_view than) {
  throw TaskFailed(fmt::format(
      "{}: the server's key is not {}: it is {} now. Somebody may be in between. Where the server was set up anew, put "
      "its new key there (its administrator knows it), or remove the old one",
      session.shown(), than, fingerprint_of(key)));
}

}  // namespace

std::string check_host_key(const SshSession& session) {
  const SshSettings& settings = session.settings();
  ssh_key got = nullptr;
  if (::ssh_get_server_publickey(session.get(), &got) != SSH_OK) session.lost();
  const SshKey key(got);
  if (!settings.host_key.empty()) {
    if (base64_of(key.get()) != settings.host_key)
      is_another(session, key.get(), fmt::format("the host_key of the connection {}", settings.conn_id));
    return {};
  }
  const ssh_known_hosts_e known = ::ssh_session_is_known_server(session.get());
  if (known == SSH_KNOWN_HOSTS_OK) return {};
  if (settings.allow_host_key_change)
    return "Remote Identification Change is not verified. This won't protect against Man-In-The-Middle attacks";
  if (known == SSH_KNOWN_HOSTS_CHANGED || known == SSH_KNOWN_HOSTS_OTHER)
    is_another(session, key.get(), "the one that known_hosts has");
  if (settings.no_host_key_check) return "No Host Key Verification. This won't protect against Man-In-The-Middle attacks";
  throw TaskFailed(fmt::format(
      "{}: the server's key, {}, is not known here: put it into the connection {} as the extra host_key, or into known_hosts "
      "of "
      "the worker's user (ssh-keyscan -p {} {} shows it; compare the fingerprint with the server's); no_host_key_check: true "
      "takes any key",
      session.shown(), fingerprint_of(key.get()), settings.conn_id, settings.port, settings.host));
}

}  // namespace venturi::providers
