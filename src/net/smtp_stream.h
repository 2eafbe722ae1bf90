// The bytes below SMTP: a TCP connection, plain or with TLS, read line by line.
//
// Every wait ends after `patience` without progress (an Error then), and when the coroutine is cancelled (it throws then).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"

namespace venturi::net {

struct TlsOptions {
  std::string host;  // whose certificate it must be
  bool verify = true;
  std::string ca_file;  // PEM; empty: the system's authorities
};

class SmtpStream {
 public:
  SmtpStream(const boost::asio::any_io_executor& executor, std::chrono::milliseconds patience);
  ~SmtpStream();
  SmtpStream(const SmtpStream&) = delete;
  SmtpStream& operator=(const SmtpStream&) = delete;

  // Tries the addresses of the host one after the other.
  [[nodiscard]] boost::asio::awaitable<Result<void>> connect(std::string host, std::uint16_t port);
  // What was received before and not read is thrown away: it came from somebody without the certificate.
  [[nodiscard]] boost::asio::awaitable<Result<void>> start_tls(TlsOptions options);
  // Without its line end. At most max_line bytes.
  [[nodiscard]] boost::asio::awaitable<Result<std::string>> read_line();
  [[nodiscard]] boost::asio::awaitable<Result<void>> write(std::string bytes);

  static constexpr std::size_t max_line = 8192;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace venturi::net
