// A connection of type smtp, as Airflow's hook reads it (smtp.h has the fields).
#pragma once

#include <string>

#include "model/connection.h"
#include "net/smtp_client.h"

namespace venturi::providers {

struct SmtpSettings {
  net::SmtpServer server;
  std::string from_email;
  int retry_limit = 5;
};

// Throws TaskFailed naming the field that is wrong.
[[nodiscard]] SmtpSettings smtp_settings(const Connection& connection);

}  // namespace venturi::providers
