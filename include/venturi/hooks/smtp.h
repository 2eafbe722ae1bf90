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
  std::string subject{};       // the file subject_template of the connection, as it is
  std::string html_content{};  // one of the two, or both; without either the file html_content_template
  std::string text_content{};
  std::vector<std::string> files{};  // attached; absolute paths on the worker's machine
  std::vector<std::string> cc{}, bcc{};
  std::string from_email{};    // the connection's
  std::string mime_charset{};  // "utf-8"
  Object custom_headers{};
  std::string mime_subtype{};  // "mixed"; "related" for images that html_content shows: <img src="cid:chart.png">
  bool dryrun = false;         // true: the mail is made, and not sent
};

class SmtpHook {
 public:
  // `auth_type` is that of a connection that does not say: "basic" or "oauth2".
  explicit SmtpHook(const Context& context, std::string smtp_conn_id = "smtp_default", std::string auth_type = "basic")
      : context_(context), conn_id_(std::move(smtp_conn_id)), auth_type_(std::move(auth_type)) {}

  // Throws HookError where it was not sent.
  void send_email_smtp(const Email& email) const;

 private:
  Context context_;
  std::string conn_id_, auth_type_;
};

}  // namespace venturi::inline sdk
