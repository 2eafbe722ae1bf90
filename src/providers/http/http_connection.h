// A connection of type http, as Airflow's HttpHook reads it.
//
//   host      may carry a scheme: then it is the beginning of the URL; otherwise `schema` ("http") is the scheme
//   port      is put behind the host
//   login     with password: basic authentication
//   extra     timeout, verify (verify_ssl), cert, proxies (proxy), allow_redirects, max_redirects, trust_env, check_response:
//             as extra_options of the operator, which come before them. Everything else is a header of each request
#pragma once

#include <string>
#include <string_view>

#include "model/connection.h"
#include "net/http_request.h"
#include "venturi/value.h"

namespace venturi::providers {

struct HttpSettings {
  std::string base_url;
  Object proxies;         // by scheme, "all", or either with "://host"
  bool trust_env = true;  // proxies and authorities of the environment
  bool check_response = true;
};
struct HttpConnection {
  HttpSettings settings;
  net::HttpRequest request;  // what all requests have: headers, login, TLS, time-outs, redirects
};

// Throws TaskFailed naming the field that is wrong.
[[nodiscard]] HttpConnection http_connection(const Connection& connection, const Object& extra_options);

// A slash between the two where neither has one.
[[nodiscard]] std::string url_from_endpoint(const std::string& base_url, const std::string& endpoint);
// The URL with the proxy that counts for it.
void set_url(net::HttpRequest& request, const HttpSettings& settings, std::string url);

}  // namespace venturi::providers
