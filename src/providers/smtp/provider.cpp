// Mail over SMTP.
#include "operators/registry.h"
#include "providers/smtp/smtp.h"

namespace venturi::providers {

void register_smtp(operators::Registry& registry) {
  registry.add(catalog::ProviderInfo{"smtp", "Mail over SMTP", "providers/smtp.md"});
  using operators::Argument;
  using operators::ArgumentType;
  using operators::templated;
  registry.add(operators::ConnectionType{
      .info = {.conn_type = "smtp",
               .label = "SMTP",
               .hook = "SmtpHook",
               .default_conn_id = "smtp_default",
               .fields = {{"host", "Host"},
                          {"port", "Port", "465, or 587 without TLS from the first byte", ArgumentType::integer},
                          {"login", "Login"},
                          {"password", "Password", "", ArgumentType::string, true},
                          {"from_email", "From", "the sender of mails that name none"},
                          {"disable_ssl", "Disable SSL", "do not speak TLS from the first byte: STARTTLS is used",
                           ArgumentType::boolean},
                          {"disable_tls", "Disable TLS", "no STARTTLS either", ArgumentType::boolean},
                          {"ssl_context", "SSL context", "default: the certificate is checked; none: it is not"},
                          {"timeout", "Timeout", "seconds without an answer", ArgumentType::number},
                          {"retry_limit", "Retry limit", "how often a mail that was put off is tried again",
                           ArgumentType::integer},
                          {"subject_template", "Subject template", "path of a template on the worker's machine"},
                          {"html_content_template", "HTML content template", "path of a template on the worker's machine"},
                          {"auth_type", "Authentication", "basic or oauth2"},
                          {"access_token", "Access token", "of oauth2", ArgumentType::string, true},
                          {"client_id", "Client id", "of oauth2"},
                          {"client_secret", "Client secret", "of oauth2", ArgumentType::string, true},
                          {"tenant_id", "Tenant id", "of oauth2"},
                          {"scope", "Scope", "of oauth2"}}},
      .test = test_smtp});
  std::vector<Argument> email = mail_arguments(), notifier = mail_arguments();
  email.push_back(templated({"conn_id", ArgumentType::string}));
  // Its template_fields are more than those of the operator.
  for (Argument& argument : notifier) argument.templated = true;
  notifier.push_back(templated({"smtp_conn_id", ArgumentType::string}));
  notifier.push_back({"auth_type", ArgumentType::string});
  notifier.push_back({"template", ArgumentType::string});
  registry.add(operators::OperatorEntry{.task_type = "EmailOperator",
                                        .arguments = std::move(email),
                                        .template_ext = {".html"},
                                        .run = run_email,
                                        .keeps_context = true});
  registry.add(operators::HookEntry{"smtp", call_smtp});
  registry.add(operators::NotifierEntry{
      .classpath = "venturi.notifiers.smtp.SmtpNotifier", .arguments = std::move(notifier), .notify = notify_by_mail});
}

}  // namespace venturi::providers
