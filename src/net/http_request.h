// What is asked of an HTTP server, and what comes back.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/rare_text.h"

namespace venturi::net {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// About what Linux waits for an address that says nothing.
inline constexpr std::chrono::milliseconds default_connect_timeout{120'000};

// What is read from a connection at a time: by those of whom thousands may wait for a short answer (libcurl's least), by most
// (its default), and for files.
inline constexpr std::size_t few_read_bytes = 1UL << 10U, some_read_bytes = 16UL << 10U, many_read_bytes = 128UL << 10U;

struct HttpLogin {
  std::string user, password;
};

struct HttpTls {
  bool verify = true;
  RareText ca_file;           // PEM of the authorities, or a folder of them; empty: the system's
  RareText certificate, key;  // of the client, PEM; empty: none. An empty key lies in the certificate's file
};

struct HttpRequest {
  std::string method = "GET";  // upper case
  std::string url;
  HttpHeaders headers;
  std::optional<std::string> body;
  std::shared_ptr<const HttpLogin> login;  // basic authentication; null: none
  RareText bearer;                         // a token; empty: none
  HttpTls tls;
  RareText proxy;                            // URL; empty: none. The environment is not looked at (http_proxy.h does that)
  RareText no_proxy;                         // hosts that are asked without it, as in the variable NO_PROXY
  std::size_t read_bytes = some_read_bytes;  // the buffer that is kept for it as long as it goes on
  bool follow_redirects = true;
  int max_redirects = 30;
  bool decompress = true;  // tells the server that the answer may be compressed, and unpacks it
  // Zero: no limit.
  std::chrono::milliseconds connect_timeout{0};  // until the connection stands, TLS included; zero: default_connect_timeout
  std::chrono::milliseconds idle_timeout{0};     // without a byte, after that
  std::chrono::milliseconds total_timeout{0};    // from the beginning to the last byte
  // What errors call the server, where the URL itself is a secret; empty: method and URL without its secrets.
  RareText shown_as;
};

// The head of an answer.
struct HttpHead {
  int status = 0;
  std::string reason;
  HttpHeaders headers;  // names in lower case
  RareText url;         // that answered: another one than asked for after redirects

  // The last of that name (lower case); empty where there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

struct HttpAnswer {
  HttpHead head;
  std::string body;
};

}  // namespace venturi::net
