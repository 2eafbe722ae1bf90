// Sends a mail by SMTP (RFC 5321) with STARTTLS (RFC 3207), TLS from the first byte (RFC 8314) and AUTH (RFC 4954: PLAIN,
// LOGIN, XOAUTH2), as a coroutine that never blocks its loop.
//
// Written here and not on libcurl's multi interface: libcurl 7.88 waits for the server's answer to the mail, and to QUIT,
// inside of curl_multi_socket_action(), which stops the whole loop for as long as the server takes.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/mime_message.h"

namespace venturi::net {

struct SmtpServer {
  enum class Security : std::uint8_t { none, starttls, tls };

  std::string host;
  std::uint16_t port = 0;
  Security security = Security::tls;
  std::string login, password;                 // both empty: none
  std::string oauth_token;                     // instead of a password
  bool verify = true;                          // the server's certificate
  std::string ca_file;                         // of the authorities; empty: the system's
  std::chrono::milliseconds patience{30'000};  // for each answer
};

struct SmtpReport {
  struct Refusal {
    std::string receiver, reply;
  };
  std::string reply;             // the server's last word on the mail
  std::vector<Refusal> refused;  // receivers that it did not take, while it took others
};

struct SmtpFailure {
  Error error;           // never with the password
  bool passing = false;  // the server says so (4xx), or hung up: the same again may work
};

using SmtpOutcome = std::expected<SmtpReport, SmtpFailure>;

// The message is read once from its beginning. Success is the server's 250 after the mail. Throws only where the coroutine is
// cancelled, and std::system_error where an attachment cannot be read.
[[nodiscard]] boost::asio::awaitable<SmtpOutcome> send_mail(SmtpServer server, std::shared_ptr<MimeMessage> message);

// Everything that comes before a mail: greeting, TLS, log-in; then NOOP, so that the server says something to one that is
// logged in, and QUIT. The answer is the server's last word.
using SmtpTrial = std::expected<std::string, SmtpFailure>;
[[nodiscard]] boost::asio::awaitable<SmtpTrial> try_out(SmtpServer server);

}  // namespace venturi::net
