#include "providers/smtp/smtp_connection.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <fmt/format.h>

#include "net/http_url.h"
#include "net/mime_encoding.h"
#include "operators/outcome.h"
#include "operators/task_messages.h"

namespace venturi::providers {
namespace {

using operators::TaskFailed;

[[noreturn]] void wrong(const Connection& connection, std::string_view field, std::string_view expected) {
  throw TaskFailed(fmt::format("connection {}, extra: {} must be {}", connection.conn_id, field, expected));
}

// As Python's bool(): what forms and URIs write as text counts too.
bool flag(const Connection& connection, const Object& extra, std::string_view field) {
  const Value* value = extra.find(field);
  if (value == nullptr || value->is_null()) return false;
  if (value->is_bool()) return value->as_bool();
  if (value->is_number()) return value->as_double() != 0;
  if (!value->is_string()) wrong(connection, field, "true or false");
  const std::string& text = value->as_string();
  if (text == "true" || text == "True" || text == "1") return true;
  if (text.empty() || text == "false" || text == "False" || text == "0") return false;
  wrong(connection, field, "true or false");
}

double number(const Connection& connection, const Object& extra, std::string_view field, double otherwise) {
  const Value* value = extra.find(field);
  if (value == nullptr || value->is_null()) return otherwise;
  double result = -1;
  if (value->is_number()) {
    result = value->as_double();
  } else if (value->is_string()) {
    const std::string& text = value->as_string();
    if (std::from_chars(text.data(), text.data() + text.size(), result).ptr != text.data() + text.size()) result = -1;
  }
  if (!(result >= 0 && result <= 1e6)) wrong(connection, field, "a number from 0 on");
  return result;
}

std::string text(const Connection& connection, const Object& extra, std::string_view field) {
  const Value* value = extra.find(field);
  if (value == nullptr || value->is_null()) return {};
  if (!value->is_string()) wrong(connection, field, "a string");
  return value->as_string();
}

// Microsoft's endpoint knows a tenant by its number or domain.
std::string token_url_of(const Connection& connection, const Object& extra) {
  if (std::string url = text(connection, extra, "token_url"); !url.empty()) {
    const auto origin = net::origin_of(url);
    if (!origin) wrong(connection, "token_url", "a URL");
    const bool here = origin->host == "localhost" || origin->host == "127.0.0.1" || origin->host == "[::1]";
    if (origin->scheme != "https" && !here)
      wrong(connection, "token_url", "a URL that begins with https://: a secret goes there");
    return url;
  }
  std::string tenant = text(connection, extra, "tenant_id");
  if (tenant.empty()) tenant = "common";
  const bool good = std::ranges::all_of(
      tenant, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.'; });
  if (!good) wrong(connection, "tenant_id", "a tenant's number or domain");
  return "https://login.microsoftonline.com/" + tenant + "/oauth2/v2.0/token";
}

// The mailbox that logs in, and its token or whom to ask for one.
void use_oauth2(const Connection& connection, const Object& extra, SmtpSettings& settings) {
  if (settings.server.login.empty()) {
    const auto sender = net::parse_mail_address(settings.from_email);
    if (!sender) {
      throw TaskFailed(fmt::format(
          "connection {}: auth_type oauth2 needs a mailbox to log in as: give it as login, or in the extra from_email",
          connection.conn_id));
    }
    settings.server.login = sender->mailbox;
  }
  settings.server.oauth_token = text(connection, extra, "access_token");
  if (!settings.server.oauth_token.empty()) return;
  OAuth2Client client{.conn_id = connection.conn_id,
                      .token_url = token_url_of(connection, extra),
                      .client_id = text(connection, extra, "client_id"),
                      .client_secret = text(connection, extra, "client_secret"),
                      .scope = text(connection, extra, "scope")};
  if (client.client_id.empty() || client.client_secret.empty()) {
    throw TaskFailed(fmt::format(
        "connection {}, extra: auth_type oauth2 needs an access_token, or client_id and client_secret to ask for one",
        connection.conn_id));
  }
  if (client.scope.empty()) client.scope = "https://outlook.office.com/.default";
  settings.oauth2 = std::move(client);
}

}  // namespace

SmtpSettings smtp_settings(const Connection& connection, std::string_view auth_type) {
  using Security = net::SmtpServer::Security;
  const Object extra = operators::extra_of(connection);
  SmtpSettings settings;
  net::SmtpServer& server = settings.server;
  server.host = connection.host.value_or("");
  if (server.host.empty()) throw TaskFailed(fmt::format("the connection {} has no host", connection.conn_id));
  const bool no_ssl = flag(connection, extra, "disable_ssl"), no_starttls = flag(connection, extra, "disable_tls");
  server.security = !no_ssl ? Security::tls : no_starttls ? Security::none : Security::starttls;
  server.port = static_cast<std::uint16_t>(connection.port.value_or(server.security == Security::tls ? 465 : 25));
  server.login = connection.login.value_or("");

  settings.conn_id = connection.conn_id;
  settings.from_email = text(connection, extra, "from_email");
  settings.subject_template = text(connection, extra, "subject_template");
  settings.html_content_template = text(connection, extra, "html_content_template");
  const std::string own_type = text(connection, extra, "auth_type");
  if (!own_type.empty()) auth_type = own_type;
  if (auth_type == "basic") {
    server.password = connection.password.value_or("");
  } else if (auth_type == "oauth2") {
    use_oauth2(connection, extra, settings);
  } else {
    wrong(connection, "auth_type", "basic or oauth2");
  }

  const std::string ssl_context = text(connection, extra, "ssl_context");
  if (!ssl_context.empty() && ssl_context != "default" && ssl_context != "none")
    wrong(connection, "ssl_context", "default or none");
  server.verify = ssl_context != "none";
  server.ca_file = text(connection, extra, "ssl_ca_file");
  server.patience = std::chrono::milliseconds(static_cast<std::int64_t>(number(connection, extra, "timeout", 30) * 1000));
  if (server.patience.count() == 0) wrong(connection, "timeout", "more than 0");
  settings.retry_limit = static_cast<int>(number(connection, extra, "retry_limit", 5));
  return settings;
}

}  // namespace venturi::providers
