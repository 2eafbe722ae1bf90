// Airflow's SmtpHook for tasks in C++: mails over a connection of type smtp, sent by the worker's operator host.
//
//   #include <venturi/hooks/smtp.h>
//
//   SmtpHook(context).send_email_smtp({.to = {"ada@example.com"}, .subject = "Orders of today",
//                                      .html_content = "<b>17</b> orders", .files = {"/data/orders.csv"}});
#pragma once

#include <string>
#include <vector>

#include "venturi/context.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

// Designated in this order. Receivers that the server refuses are warned of in the log; the others have the mail.
struct Email {
  std::vector<std::string> to{};
  std::string subject{};
  std::string html_content{};  // one of the two, or both
  std::string text_content{};
  std::vector<std::string> files{};  // attached; absolute paths on the worker's machine
  std::vector<std::string> cc{}, bcc{};
  std::string from_email{};    // the connection's
  std::string mime_charset{};  // "utf-8"
  Object custom_headers{};
};

class SmtpHook {
 public:
  explicit SmtpHook(const Context& context, std::string smtp_conn_id = "smtp_default")
      : context_(context), conn_id_(std::move(smtp_conn_id)) {}

  // Throws HookError where it was not sent.
  void send_email_smtp(const Email& email) const;

 private:
  Context context_;
  std::string conn_id_;
};

}  // namespace venturi::inline sdk
