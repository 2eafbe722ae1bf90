#include "providers/http/http_connection.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "net/http_proxy.h"
#include "net/http_url.h"
#include "operators/outcome.h"
#include "operators/task_messages.h"

namespace venturi::providers {
namespace {

using operators::TaskFailed;

// In the connection's extra these are no headers. Of two names for one thing the first counts.
constexpr std::string_view option_names[] = {"stream",        "cert",      "proxies",        "proxy",
                                             "timeout",       "verify",    "verify_ssl",     "allow_redirects",
                                             "max_redirects", "trust_env", "check_response", "srv_lookup"};

class Options {
 public:
  Options(const Connection& connection, const Object& extra, const Object& given)
      : connection_(connection), extra_(extra), given_(given) {}

  // The operator's before the connection's; null counts as not given.
  [[nodiscard]] const Value* find(std::string_view name, std::string_view other = {}) const {
    for (const Object* where : {&given_, &extra_}) {
      for (const std::string_view word : {name, other}) {
        const Value* value = word.empty() ? nullptr : where->find(word);
        if (value != nullptr && !value->is_null()) return value;
      }
    }
    return nullptr;
  }
  [[noreturn]] void wrong(std::string_view name, std::string_view expected) const {
    const bool own = given_.contains(name);
    throw TaskFailed(fmt::format("{}: {} must be {}", own ? "extra_options" : "connection " + connection_.conn_id + ", extra",
                                 name, expected));
  }
  // As forms and URIs write it, too.
  [[nodiscard]] bool flag(std::string_view name, bool otherwise) const {
    const Value* value = find(name);
    if (value == nullptr) return otherwise;
    if (value->is_bool()) return value->as_bool();
    if (value->is_string()) {
      std::string text = value->as_string();
      std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      if (text == "true" || text == "1") return true;
      if (text == "false" || text == "0" || text.empty()) return false;
    }
    wrong(name, "true or false");
  }
  [[nodiscard]] double number(std::string_view name, const Value& value) const {
    double result = value.is_number() ? value.as_double() : std::nan("");
    if (value.is_string()) {
      char* end = nullptr;
      result = std::strtod(value.as_string().c_str(), &end);
      if (value.as_string().empty() || *end != '\0') result = std::nan("");
    }
    if (!(result >= 0 && result <= 1e9)) wrong(name, "a number from 0 on");
    return result;
  }

 private:
  const Connection& connection_;
  const Object& extra_;
  const Object& given_;
};

std::chrono::milliseconds in_milliseconds(double seconds) {
  return std::chrono::milliseconds(std::max<std::int64_t>(1, std::llround(seconds * 1000)));
}

// As requests: one number for the connection and for each silence, or a list of both.
void set_timeout(const Options& options, net::HttpRequest& request) {
  const Value* given = options.find("timeout");
  if (given == nullptr) return;
  constexpr std::string_view expected =
      "a number of seconds, or a list of two: until the connection stands, and without a byte";
  if (given->is_array()) {
    if (given->as_array().size() != 2) options.wrong("timeout", expected);
    const Value &connect = given->as_array()[0], &read = given->as_array()[1];
    if (!connect.is_null()) request.connect_timeout = in_milliseconds(options.number("timeout", connect));
    if (!read.is_null()) request.idle_timeout = in_milliseconds(options.number("timeout", read));
    return;
  }
  if (!given->is_number() && !given->is_string()) options.wrong("timeout", expected);
  request.connect_timeout = request.idle_timeout = in_milliseconds(options.number("timeout", *given));
}

void set_tls(const Options& options, const HttpSettings& settings, net::HttpTls& tls) {
  const Value* verify = options.find("verify", "verify_ssl");
  if (verify != nullptr && verify->is_string()) {
    const std::string& text = verify->as_string();
    if (text == "false" || text == "False") {
      tls.verify = false;
    } else if (text != "true" && text != "True") {
      tls.ca_file = text;
    }
  } else if (verify != nullptr) {
    if (!verify->is_bool()) options.wrong("verify", "true, false, or the path of a PEM file");
    tls.verify = verify->as_bool();
  }
  if (tls.verify && tls.ca_file.empty() && settings.trust_env) {
    for (const char* name : {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}) {
      if (const char* path = std::getenv(name); path != nullptr && *path != '\0' && tls.ca_file.empty()) tls.ca_file = path;
    }
  }
  const Value* cert = options.find("cert");
  if (cert == nullptr) return;
  constexpr std::string_view expected = "the path of a PEM file, or a list of two: certificate and key";
  if (cert->is_string()) {
    tls.certificate = cert->as_string();
  } else if (cert->is_array() && cert->as_array().size() == 2 && cert->as_array()[0].is_string() &&
             cert->as_array()[1].is_string()) {
    tls.certificate = cert->as_array()[0].as_string();
    tls.key = cert->as_array()[1].as_string();
  } else {
    options.wrong("cert", expected);
  }
}

std::string base_url_of(const Connection& connection) {
  const std::string host = connection.host.value_or("");
  const std::string scheme = connection.schema.value_or("").empty() ? "http" : *connection.schema;
  std::string url = host.find("://") != std::string::npos ? host : scheme + "://" + host;
  if (connection.port && *connection.port != 0) url += ":" + std::to_string(*connection.port);
  return url;
}

}  // namespace

HttpConnection http_connection(const Connection& connection, const Object& extra_options) {
  const Object extra = operators::extra_of(connection);
  const Options options(connection, extra, extra_options);
  HttpConnection made;
  auto& [settings, request] = made;
  settings.base_url = base_url_of(connection);
  for (const auto& [name, value] : extra) {
    if (std::ranges::find(option_names, name) != std::end(option_names)) continue;
    if (!value.is_string() && !value.is_number()) {
      throw TaskFailed(fmt::format("connection {}, extra: the header {} must be a string (what is no option there is a header)",
                                   connection.conn_id, name));
    }
    request.headers.emplace_back(name, value.is_string() ? value.as_string() : to_json(value));
  }
  if (options.flag("srv_lookup", false)) {
    throw TaskFailed(
        fmt::format("connection {}, extra: srv_lookup is not there yet: name the host itself", connection.conn_id));
  }
  if (connection.login && !connection.login->empty())
    request.login = std::make_shared<const net::HttpLogin>(*connection.login, connection.password.value_or(""));
  settings.trust_env = options.flag("trust_env", true);
  settings.check_response = options.flag("check_response", true);
  request.follow_redirects = options.flag("allow_redirects", true);
  if (const Value* most = options.find("max_redirects"))
    request.max_redirects = static_cast<int>(options.number("max_redirects", *most));
  if (const Value* proxies = options.find("proxies", "proxy")) {
    if (proxies->is_string()) {
      settings.proxies.set("all", *proxies);
    } else if (proxies->is_object()) {
      settings.proxies = proxies->as_object();
    } else {
      options.wrong("proxies", "an object: {\"https\": \"http://proxy:3128\"}");
    }
  }
  set_timeout(options, request);
  set_tls(options, settings, request.tls);
  return made;
}

std::string url_from_endpoint(const std::string& base_url, const std::string& endpoint) {
  if (!base_url.empty() && !base_url.ends_with('/') && !endpoint.empty() && !endpoint.starts_with('/'))
    return base_url + "/" + endpoint;
  return base_url + endpoint;
}

void set_url(net::HttpRequest& request, const HttpSettings& settings, std::string url) {
  request.url = std::move(url);
  request.proxy.clear();
  request.no_proxy.clear();
  const auto origin = net::origin_of(request.url);
  if (!origin) return;  // sending it tells why
  for (const std::string& key :
       {origin->scheme + "://" + origin->host, origin->scheme, "all://" + origin->host, std::string("all")}) {
    const Value* proxy = settings.proxies.find(key);
    if (proxy == nullptr || !proxy->is_string()) continue;
    request.proxy = proxy->as_string();
    return;
  }
  if (!settings.trust_env) return;
  auto [proxy, no_proxy] = net::proxy_from_environment(request.url);
  request.proxy = std::move(proxy);
  request.no_proxy = std::move(no_proxy);
}

}  // namespace venturi::providers
