#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "providers/ssh/ssh_session.h"

namespace venturi::providers {
namespace {

using operators::TaskFailed;

struct NamedKey {
  std::string name;
  SshKey key;
};

std::string expanded(const std::string& path) {
  const char* home = ::getenv("HOME");
  return path.starts_with("~/") && home != nullptr ? home + path.substr(1) : path;
}

std::string text_of(const SshSettings& settings, const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || text.str().empty()) {
    throw TaskFailed(
        fmt::format("connection {}, extra: key_file {} cannot be read on the worker's machine", settings.conn_id, path));
  }
  return text.str();
}

NamedKey key_of(const SshSettings& settings, std::string name, const std::string& text) {
  ssh_key key = nullptr;
  // Never without a passphrase: OpenSSL would ask for one at the terminal.
  if (::ssh_pki_import_privkey_base64(text.c_str(), settings.passphrase.c_str(), nullptr, nullptr, &key) != SSH_OK) {
    throw TaskFailed(fmt::format(
        "connection {}, extra: {} is no private key of RSA, ECDSA or ed25519 that can be read{}", settings.conn_id, name,
        settings.passphrase.empty() ? "; an encrypted one needs private_key_passphrase" : " with this private_key_passphrase"));
  }
  return {std::move(name), SshKey(key)};
}

// One that nobody named: it may have a passphrase of somebody's own.
std::optional<NamedKey> key_if_readable(const SshSettings& settings, const std::string& path) {
  if (::access(path.c_str(), R_OK) != 0) return std::nullopt;
  try {
    return key_of(settings, path, text_of(settings, path));
  } catch (const TaskFailed&) {
    return std::nullopt;
  }
}

std::vector<NamedKey> keys_of(const SshSettings& settings) {
  std::vector<NamedKey> keys;
  if (!settings.private_key.empty()) keys.push_back(key_of(settings, "private_key", settings.private_key));
  if (!settings.key_file.empty()) {
    const std::string path = expanded(settings.key_file);
    keys.push_back(key_of(settings, "key_file", text_of(settings, path)));
  }
  if (!keys.empty() || !settings.password.empty() || !settings.look_for_keys) return keys;
  for (const char* name : {"id_ed25519", "id_ecdsa", "id_rsa"}) {
    if (auto key = key_if_readable(settings, expanded(std::string("~/.ssh/") + name))) keys.push_back(*std::move(key));
  }
  return keys;
}

class LogIn {
 public:
  explicit LogIn(SshSession& session)
      : session_(session), until_(SshSession::Clock::now() + session.settings().banner_timeout) {}

  void run() {
    const SshSettings& settings = session_.settings();
    const std::vector<NamedKey> keys = keys_of(settings);
    if (is_done([this] { return ::ssh_userauth_none(get(), nullptr); })) return;
    for (const NamedKey& key : keys) {
      if (!takes(SSH_AUTH_METHOD_PUBLICKEY, key.name)) break;
      if (is_done([&] { return ::ssh_userauth_publickey(get(), nullptr, key.key.get()); })) return;
    }
    if (!settings.password.empty()) {
      if (takes(SSH_AUTH_METHOD_PASSWORD, "password") &&
          is_done([&] { return ::ssh_userauth_password(get(), nullptr, settings.password.c_str()); }))
        return;
      if (takes(SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive") && answers()) return;
    }
    refused();
  }

 private:
  [[nodiscard]] ssh_session get() const { return session_.get(); }

  // Whether it is worth trying.
  bool takes(int method, const std::string& name) {
    if ((::ssh_userauth_list(get(), nullptr) & method) == 0) return false;
    tried_.push_back(name);
    return true;
  }
  template <class Call>
  bool is_done(Call call) {
    return judge(session_.repeat(SSH_AUTH_AGAIN, until_, std::move(call)));
  }
  bool judge(int result) {
    // Where it was enough of wrong ones, the server goes.
    if (result == SSH_AUTH_ERROR && !tried_.empty() && ::ssh_is_connected(get()) == 0) refused();
    if (result == SSH_AUTH_ERROR) session_.lost();
    return result == SSH_AUTH_SUCCESS;
  }
  // Whatever it asks, the password is the answer.
  bool answers() {
    for (;;) {
      const int result =
          session_.repeat(SSH_AUTH_AGAIN, until_, [this] { return ::ssh_userauth_kbdint(get(), nullptr, nullptr); });
      if (result != SSH_AUTH_INFO) return judge(result);
      const int prompts = ::ssh_userauth_kbdint_getnprompts(get());
      for (int i = 0; i < prompts; ++i)
        (void)::ssh_userauth_kbdint_setanswer(get(), static_cast<unsigned>(i), session_.settings().password.c_str());
    }
  }
  [[noreturn]] void refused() {
    std::vector<std::string_view> wanted;
    const int methods = ::ssh_userauth_list(get(), nullptr);
    if ((methods & SSH_AUTH_METHOD_PUBLICKEY) != 0) wanted.emplace_back("publickey");
    if ((methods & SSH_AUTH_METHOD_PASSWORD) != 0) wanted.emplace_back("password");
    if ((methods & SSH_AUTH_METHOD_INTERACTIVE) != 0) wanted.emplace_back("keyboard-interactive");
    throw TaskFailed(fmt::format(
        "{}: Authentication failed: the server takes {}, and of the connection {} it was tried with {}: check login, password "
        "and key",
        session_.shown(), wanted.empty() ? "nothing of that" : fmt::format("{}", fmt::join(wanted, ", ")),
        session_.settings().conn_id, tried_.empty() ? "nothing" : fmt::format("{}", fmt::join(tried_, ", "))));
  }

  SshSession& session_;
  SshSession::Clock::time_point until_;
  std::vector<std::string> tried_;
};

}  // namespace

void log_in(SshSession& session) {
  LogIn(session).run();
}

}  // namespace venturi::providers
