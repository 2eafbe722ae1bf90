// A connection of type smtp, as Airflow's hook reads it (smtp.h has the fields).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/connection.h"
#include "net/smtp_client.h"
#include "providers/smtp/oauth2_token.h"

namespace venturi::providers {

struct SmtpSettings {
  net::SmtpServer server;
  std::string conn_id, from_email;
  int retry_limit = 5;
  std::string subject_template, html_content_template;  // paths; empty: none
  std::optional<OAuth2Client> oauth2;                   // the server's token has to be asked for first
};

// `auth_type` is that of a connection that does not say. Throws TaskFailed naming the field that is wrong.
[[nodiscard]] SmtpSettings smtp_settings(const Connection& connection, std::string_view auth_type);

}  // namespace venturi::providers
