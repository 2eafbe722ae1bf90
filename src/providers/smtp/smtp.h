// Mail: Airflow's EmailOperator and SmtpNotifier, over a connection of type smtp (default smtp_default).
//
//   host, port, login, password
//   extra   from_email              the sender where none is given
//           subject_template,       paths of files on the worker's machine: templates for what a mail is not given
//           html_content_template
//           disable_ssl             true: do not speak TLS from the first byte; then STARTTLS is used
//           disable_tls             true: no STARTTLS either. (With neither, TLS from the first byte; Airflow would ask for
//                                   STARTTLS in it.)
//           ssl_context             "default": the server's certificate is checked; "none": it is not
//           ssl_ca_file             PEM of the authorities that count, instead of the system's (not Airflow's)
//           timeout                 seconds without an answer, 30
//           retry_limit             how often a mail that the server put off, or hung up on, is tried again, 5
//           auth_type               "basic", or "oauth2": XOAUTH2 for the login, or the mailbox of from_email,
//           access_token            with this token, or with one that is asked for with
//           client_id, client_secret, tenant_id ("common"), scope ("https://outlook.office.com/.default")
//           token_url               where, instead of Microsoft's endpoint of the tenant (not Airflow's)
#pragma once

#include <boost/asio/awaitable.hpp>

#include "operators/hook_session.h"
#include "operators/registry.h"
#include "operators/task_host.h"

namespace venturi::providers {

// Those of a mail, which operator, notifier and hook have in common.
[[nodiscard]] const std::vector<operators::Argument>& mail_arguments();

[[nodiscard]] boost::asio::awaitable<Value> run_email(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<void> notify_by_mail(operators::Notification& n, operators::Arguments arguments);

// The hook `smtp` of tasks: send_email_smtp, with the arguments of the mail.
[[nodiscard]] boost::asio::awaitable<Value> call_smtp(operators::HookSession& session, operators::HookCall call);

// Greets the server and logs in, as a mail would be sent, and sends none. Throws what is wrong with the connection.
[[nodiscard]] operators::ConnectionTest test_smtp(const Connection& connection);

// Who sends: a try, a notification, or a task's hook.
struct MailSender {
  operators::TaskHost& host;
  operators::TryLog& log;
  operators::MemoryBudget& memory;
};

}  // namespace venturi::providers
