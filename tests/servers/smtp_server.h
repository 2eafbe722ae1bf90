// scripts/smtp_server.py for a test: a real SMTP server that keeps what it gets.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "servers/server_process.h"

namespace venturi::tests {

struct SmtpServerOptions {
  std::string user{}, password{};    // a login that is wanted
  std::string token{};               // beside or instead of the password: AUTH XOAUTH2 is offered
  std::string certificate{}, key{};  // TLS is offered
  bool require_tls = false;
  bool hang = false;
  std::vector<std::string> refuse{};  // receivers
  int defer = 0;                      // the first mails are put off
  double delay = 0;                   // seconds before a mail is answered
};

class SmtpServer {
 public:
  // Throws std::runtime_error saying what to install.
  explicit SmtpServer(SmtpServerOptions options = {});

  [[nodiscard]] int port() const { return port_; }          // plain text and STARTTLS
  [[nodiscard]] int tls_port() const { return tls_port_; }  // TLS from the first byte; 0 without a certificate
  [[nodiscard]] ServerProcess& process() { return *process_; }

  struct Mail {
    std::string eml;       // the bytes as they came
    std::string envelope;  // JSON: from, to, login, tls
  };
  // In the order in which they came.
  [[nodiscard]] std::vector<Mail> mails() const;

 private:
  TestFolder folder_;
  std::unique_ptr<ServerProcess> process_;
  int port_ = 0, tls_port_ = 0;
};

}  // namespace venturi::tests
