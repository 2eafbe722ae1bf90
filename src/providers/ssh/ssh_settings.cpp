#include "providers/ssh/ssh_settings.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "operators/outcome.h"
#include "operators/task_messages.h"

namespace venturi::providers {
namespace {

using operators::TaskFailed;

// What there is by itself: without SHA-1, CBC and DSA. AES with GCM comes first: processors compute it.
constexpr std::array<std::string_view, 6> all_ciphers = {"aes256-gcm@openssh.com",
                                                         "aes128-gcm@openssh.com",
                                                         "chacha20-poly1305@openssh.com",
                                                         "aes256-ctr",
                                                         "aes192-ctr",
                                                         "aes128-ctr"};
constexpr std::array<std::string_view, 4> all_macs = {"hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com",
                                                      "hmac-sha2-256", "hmac-sha2-512"};
constexpr std::array<std::string_view, 9> all_exchanges = {"curve25519-sha256",
                                                           "curve25519-sha256@libssh.org",
                                                           "ecdh-sha2-nistp256",
                                                           "ecdh-sha2-nistp384",
                                                           "ecdh-sha2-nistp521",
                                                           "diffie-hellman-group18-sha512",
                                                           "diffie-hellman-group16-sha512",
                                                           "diffie-hellman-group-exchange-sha256",
                                                           "diffie-hellman-group14-sha256"};
constexpr std::array<std::string_view, 6> all_keys = {"ssh-ed25519",         "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
                                                      "ecdsa-sha2-nistp521", "rsa-sha2-512",        "rsa-sha2-256"};

class Extra {
 public:
  explicit Extra(const Connection& connection) : conn_id_(connection.conn_id), extra_(operators::extra_of(connection)) {}

  [[noreturn]] void wrong(std::string_view field, std::string_view expected) const {
    throw TaskFailed(fmt::format("connection {}, extra: {} must be {}", conn_id_, field, expected));
  }
  [[nodiscard]] const Value* find(std::string_view field) const {
    const Value* value = extra_.find(field);
    return value == nullptr || value->is_null() ? nullptr : value;
  }
  [[nodiscard]] std::string text(std::string_view field) const {
    const Value* value = find(field);
    if (value == nullptr) return {};
    if (!value->is_string()) wrong(field, "a text");
    return value->as_string();
  }
  // Forms and URIs write them as text.
  [[nodiscard]] bool flag(std::string_view field, bool otherwise) const {
    const Value* value = find(field);
    if (value == nullptr) return otherwise;
    if (value->is_bool()) return value->as_bool();
    if (value->is_string()) {
      std::string text = value->as_string();
      std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      if (text == "true" || text == "1") return true;
      if (text == "false" || text == "0" || text.empty()) return false;
    }
    wrong(field, "true or false");
  }
  // Nothing where it was not given, or is 0.
  [[nodiscard]] std::optional<std::chrono::milliseconds> seconds(std::string_view field) const {
    const Value* value = find(field);
    if (value == nullptr) return std::nullopt;
    double seconds = -1;
    if (value->is_number()) {
      seconds = value->as_double();
    } else if (value->is_string()) {
      const std::string& text = value->as_string();
      if (text.empty()) return std::nullopt;
      if (std::from_chars(text.data(), text.data() + text.size(), seconds).ptr != text.data() + text.size()) seconds = -1;
    }
    if (!(seconds >= 0 && seconds <= 1e6)) wrong(field, "a number of seconds");
    if (seconds == 0) return std::nullopt;
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
  }
  // A list of texts, or one text with commas.
  [[nodiscard]] static std::vector<std::string> names(const Value& value, const auto& wrong_value) {
    std::vector<std::string> names;
    if (value.is_array()) {
      for (const Value& name : value.as_array()) {
        if (!name.is_string()) wrong_value();
        names.push_back(name.as_string());
      }
    } else if (value.is_string()) {
      std::string name;
      for (const char c : value.as_string() + ",") {
        if (c == ',') {
          if (!name.empty()) names.push_back(std::exchange(name, {}));
        } else if (c != ' ') {
          name += c;
        }
      }
    } else {
      wrong_value();
    }
    return names;
  }

 private:
  std::string conn_id_;
  Object extra_;
};

std::string without(std::string_view kind, std::span<const std::string_view> all, const std::vector<std::string>& disabled,
                    const Extra& extra) {
  std::vector<std::string_view> left;
  for (const std::string_view name : all) {
    if (std::ranges::find(disabled, name) == disabled.end()) left.push_back(name);
  }
  if (left.empty()) extra.wrong("disabled_algorithms", fmt::format("such that something of {} is left", kind));
  return fmt::format("{}", fmt::join(left, ","));
}

SshAlgorithms algorithms_of(const Extra& extra) {
  std::vector<std::string> ciphers, macs, exchanges, host_keys, public_keys;
  if (const Value* disabled = extra.find("disabled_algorithms")) {
    const auto wrong = [&] {
      extra.wrong("disabled_algorithms",
                  R"(lists of names by kind: {"pubkeys": ["rsa-sha2-512"], "kex": []}; kinds are ciphers, )"
                  "macs, kex, keys (of the server) and pubkeys");
    };
    if (!disabled->is_object()) wrong();
    for (const auto& [kind, value] : disabled->as_object()) {
      std::vector<std::string> names = Extra::names(value, wrong);
      std::vector<std::string>* list = kind == "ciphers"   ? &ciphers
                                       : kind == "macs"    ? &macs
                                       : kind == "kex"     ? &exchanges
                                       : kind == "keys"    ? &host_keys
                                       : kind == "pubkeys" ? &public_keys
                                                           : nullptr;
      if (list == nullptr) {
        wrong();
        continue;
      }
      *list = std::move(names);
    }
  }
  SshAlgorithms algorithms{.ciphers = without("ciphers", all_ciphers, ciphers, extra),
                           .macs = without("macs", all_macs, macs, extra),
                           .key_exchange = without("kex", all_exchanges, exchanges, extra),
                           .host_keys = without("keys", all_keys, host_keys, extra),
                           .public_keys = without("pubkeys", all_keys, public_keys, extra)};
  if (const Value* wanted = extra.find("ciphers")) {
    const auto wrong = [&] { extra.wrong("ciphers", R"(a list of names: ["aes256-gcm@openssh.com"])"); };
    const std::vector<std::string> names = Extra::names(*wanted, wrong);
    if (!names.empty()) algorithms.ciphers = fmt::format("{}", fmt::join(names, ","));
  }
  return algorithms;
}

// "ssh-ed25519 AAAA..." as in known_hosts, or the second word alone: a key of RSA.
void take_host_key(const Extra& extra, SshSettings& settings) {
  const std::string text = extra.text("host_key");
  const std::vector<std::string> words = [&] {
    std::vector<std::string> words(1);
    for (const char c : text) {
      if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
        words.back() += c;
      } else if (!words.back().empty()) {
        words.emplace_back();
      }
    }
    if (words.back().empty()) words.pop_back();
    return words;
  }();
  if (words.empty()) return;
  constexpr std::array<std::string_view, 5> types = {"ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
                                                     "ecdsa-sha2-nistp521", "ssh-rsa"};
  settings.host_key_type = words.size() == 1 ? "ssh-rsa" : words[0];
  settings.host_key = words.back();
  if (words.size() > 1) settings.host_key = words[1];
  if (std::ranges::find(types, settings.host_key_type) == types.end())
    extra.wrong("host_key",
                fmt::format("the type and the key of the server as in known_hosts; types are {}", fmt::join(types, ", ")));
}

std::string user_of_this_process() {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return {};
  return found->pw_name;
}

}  // namespace

std::string SshSettings::shown() const {
  return fmt::format("{}@{}:{}", login, host, port);
}
std::string SshSettings::shown(std::string_view path) const {
  return fmt::format("sftp://{}{}{}", shown(), path.starts_with('/') ? "" : "/./", path);
}

SshSettings ssh_settings(const Connection& connection, const std::string& remote_host) {
  const Extra extra(connection);
  SshSettings settings;
  settings.conn_id = connection.conn_id;
  settings.host = remote_host.empty() ? connection.host.value_or("") : remote_host;
  settings.login = connection.login.value_or("");
  settings.password = connection.password.value_or("");
  if (settings.host.empty()) {
    throw TaskFailed(
        fmt::format("the connection {} has no host: give it there, or as the argument remote_host", connection.conn_id));
  }
  const std::int64_t port = connection.port.value_or(22);
  if (port < 1 || port > 65535) throw TaskFailed(fmt::format("connection {}: there is no port {}", connection.conn_id, port));
  settings.port = static_cast<std::uint16_t>(port);
  if (settings.login.empty()) settings.login = user_of_this_process();

  settings.private_key = extra.text("private_key");
  settings.key_file = extra.text("key_file");
  settings.passphrase = extra.text("private_key_passphrase");
  if (settings.passphrase.empty()) settings.passphrase = extra.text("passphrase");
  if (!settings.private_key.empty() && !settings.key_file.empty()) {
    throw TaskFailed(
        fmt::format("connection {}, extra: key_file and private_key are both there: give one of them", connection.conn_id));
  }
  if (!settings.private_key.empty() && settings.private_key.find('\n') == std::string::npos)
    extra.wrong("private_key", "the text of a key, its lines kept: BEGIN and END stand on lines of their own");
  settings.look_for_keys = extra.flag("look_for_keys", true);

  take_host_key(extra, settings);
  settings.known_hosts = extra.text("known_hosts");
  settings.no_host_key_check = extra.flag("no_host_key_check", extra.flag("ignore_hostkey_verification", false));
  settings.allow_host_key_change = extra.flag("allow_host_key_change", false);
  if (!settings.host_key.empty() && settings.no_host_key_check)
    extra.wrong("no_host_key_check", "false where host_key is given: it is checked, or it is not");

  if (!extra.text("host_proxy_cmd").empty())
    extra.wrong("host_proxy_cmd", "absent: commands as proxies are not there. A tunnel of the machine's own can stand for it");
  settings.algorithms = algorithms_of(extra);
  settings.compress = extra.flag("compress", false);
  settings.upload_in_place = extra.flag("upload_in_place", false);
  settings.conn_timeout = extra.seconds("conn_timeout").value_or(settings.conn_timeout);
  settings.banner_timeout = extra.seconds("banner_timeout").value_or(settings.banner_timeout);
  settings.cmd_timeout = extra.seconds("cmd_timeout");
  return settings;
}

}  // namespace venturi::providers
