#include "providers/smtp/smtp.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include "base/random.h"
#include "net/background.h"
#include "net/mime_message.h"
#include "net/smtp_client.h"
#include "operators/charset.h"
#include "operators/hook_session.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "providers/smtp/failure_mail.h"
#include "providers/smtp/smtp_connection.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Argument;
using operators::Arguments;
using operators::ArgumentType;
using operators::TaskFailed;
using operators::TaskFailedForGood;
using operators::templated;

constexpr std::string_view default_connection = "smtp_default";
constexpr std::chrono::milliseconds first_pause{500};

std::vector<Argument> mail_arguments() {
  return {templated({"to", ArgumentType::string_list}),       templated({"subject", ArgumentType::string}),
          templated({"text_content", ArgumentType::string}),  templated({"html_content", ArgumentType::string}),
          templated({"files", ArgumentType::string_list}),    templated({"cc", ArgumentType::string_list}),
          templated({"bcc", ArgumentType::string_list}),      templated({"from_email", ArgumentType::string}),
          templated({"mime_subtype", ArgumentType::string}),  templated({"mime_charset", ArgumentType::string}),
          templated({"custom_headers", ArgumentType::object})};
}

template <class T>
T needed(Result<T> result, std::string_view field) {
  if (result) return *std::move(result);
  throw TaskFailedForGood(fmt::format("{}: {}", field, result.error().text()));
}

std::vector<net::MailAddress> addresses(const Arguments& arguments, std::string_view field) {
  std::vector<net::MailAddress> list;
  for (const std::string& text : arguments.string_list(field)) list.push_back(needed(net::parse_mail_address(text), field));
  return list;
}

std::string in_charset(const Arguments& arguments, std::string_view field, const std::string& charset) {
  std::string text = arguments.string(field);
  if (text.empty() || operators::is_utf8_name(charset)) return net::valid_utf8(text);
  return needed(operators::convert_text(text, "UTF-8", charset), field);
}

net::Mail mail_of(const Arguments& arguments, const std::string& default_sender, const std::string& conn_id,
                  const std::string& key) {
  net::Mail mail;
  const std::string sender = arguments.string("from_email", default_sender);
  if (sender.empty()) {
    throw TaskFailedForGood(
        fmt::format("the mail has no sender: give from_email, or put it into the extra of the connection {}", conn_id));
  }
  mail.from = needed(net::parse_mail_address(sender), "from_email");
  mail.to = addresses(arguments, "to");
  mail.cc = addresses(arguments, "cc");
  mail.bcc = addresses(arguments, "bcc");
  if (arguments.find("subject") == nullptr) throw TaskFailedForGood("the argument subject is missing: give it a string");
  mail.subject = arguments.string("subject");
  mail.charset = arguments.string("mime_charset", "utf-8");
  mail.text = in_charset(arguments, "text_content", mail.charset);
  mail.html = in_charset(arguments, "html_content", mail.charset);
  if (mail.text.empty() && mail.html.empty())
    throw TaskFailedForGood("the mail has no content: give html_content or text_content");
  for (const std::string& path : arguments.string_list("files")) {
    mail.attachments.push_back({path, path.substr(path.rfind('/') + 1)});
  }
  mail.subtype = arguments.string("mime_subtype", "mixed");
  if (const Value* headers = arguments.find("custom_headers")) {
    for (const auto& [name, value] : headers->as_object()) {
      mail.headers.emplace_back(name, value.is_string() ? value.as_string() : to_json(value));
    }
  }
  mail.message_id = net::message_id_for(key.empty() ? random_bytes(16) : key, mail.from);
  mail.date = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  return mail;
}

// The attachments are opened beside the loop: they may lie on a disk that does not answer.
asio::awaitable<Result<net::MimeMessage>> message_of(net::Mail mail) {
  if (mail.attachments.empty()) co_return net::MimeMessage::make(mail);
  auto work = [shared = std::make_shared<const net::Mail>(std::move(mail))] { return net::MimeMessage::make(*shared); };
  co_return co_await net::in_background(std::move(work));
}

[[noreturn]] void fail_with(const Error& error, const std::string& conn_id) {
  throw TaskFailed(fmt::format("the mail was not sent: {} (connection {})", error.text(), conn_id));
}

}  // namespace

void register_smtp(operators::Registry& registry) {
  std::vector<Argument> email = mail_arguments(), notifier = mail_arguments();
  email.push_back(templated({"conn_id", ArgumentType::string}));
  // Its template_fields are more than those of the operator.
  for (Argument& argument : notifier) argument.templated = true;
  notifier.push_back(templated({"smtp_conn_id", ArgumentType::string}));
  registry.add(operators::OperatorEntry{.task_type = "EmailOperator", .arguments = std::move(email), .run = run_email});
  registry.add(operators::HookEntry{"smtp", call_smtp});
  registry.add(operators::NotifierEntry{
      .classpath = "venturi.notifiers.smtp.SmtpNotifier", .arguments = std::move(notifier), .notify = notify_by_mail});
}

asio::awaitable<void> send_as_mail(operators::TaskHost& host, operators::TryLog& log, operators::MemoryBudget& memory,
                                   Arguments arguments, std::string conn_id, std::string key) {
  const Connection connection = co_await host.connection(conn_id);
  const SmtpSettings settings = smtp_settings(connection);
  const net::Mail mail = mail_of(arguments, settings.from_email, conn_id, key);
  memory.take(2 * (mail.text.size() + mail.html.size()), "the mail");
  auto made = co_await message_of(mail);
  if (!made) throw TaskFailedForGood("the mail was not sent: " + made.error().text());
  const auto message = std::make_shared<net::MimeMessage>(*std::move(made));

  auto pause = first_pause;
  for (int attempt = 0;; ++attempt) {
    const net::SmtpOutcome outcome = co_await net::send_mail(settings.server, message);
    if (outcome) {
      for (const auto& refusal : outcome->refused)
        log.warning(fmt::format("not sent to {}: {}", refusal.receiver, refusal.reply));
      std::vector<std::string> taken = message->receivers();
      for (const auto& refusal : outcome->refused) std::erase(taken, refusal.receiver);
      log.info(fmt::format("sent a mail to {} as <{}>: {}", fmt::join(taken, ", "), mail.message_id, outcome->reply));
      co_return;
    }
    if (!outcome.error().passing || attempt >= settings.retry_limit) fail_with(outcome.error().error, conn_id);
    log.warning(fmt::format("{}; trying again", outcome.error().error.text()));
    asio::steady_timer timer(co_await asio::this_coro::executor, pause);
    co_await timer.async_wait(asio::use_awaitable);
    pause *= 2;
  }
}

asio::awaitable<Value> run_email(operators::OperatorTry& t, Arguments arguments) {
  std::string conn_id = arguments.string("conn_id", default_connection);
  co_await send_as_mail(t.host, t.log, t.memory, std::move(arguments), std::move(conn_id), {});
  co_return Value();
}

asio::awaitable<void> notify_by_mail(operators::Notification& n, Arguments arguments) {
  const FailureMail otherwise = failure_mail(n.context, n.key);
  if (arguments.find("subject") == nullptr) arguments.set("subject", otherwise.subject);
  if (arguments.find("html_content") == nullptr && arguments.find("text_content") == nullptr) {
    arguments.set("html_content", otherwise.html);
    arguments.set("text_content", otherwise.text);
  }
  std::string conn_id = arguments.string("smtp_conn_id", default_connection);
  co_await send_as_mail(n.host, n.log, n.memory, std::move(arguments), std::move(conn_id), n.key + "\n" + n.classpath);
}

asio::awaitable<Value> call_smtp(operators::HookSession& session, operators::HookCall call) {
  if (call.method != "send_email_smtp")
    throw TaskFailed("the hook smtp has no method '" + call.method + "'; the DAG's program may be newer than the worker");
  Arguments arguments(mail_arguments(), call.arguments);
  arguments.check();
  std::string conn_id = call.conn_id.empty() ? std::string(default_connection) : call.conn_id;
  co_await send_as_mail(session.host, session.log, session.memory, std::move(arguments), std::move(conn_id), {});
  co_return nullptr;
}

}  // namespace venturi::providers
