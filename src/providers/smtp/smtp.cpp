#include "providers/smtp/smtp.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <optional>

#include "base/random.h"
#include "net/background.h"
#include "net/http_client.h"
#include "net/mime_message.h"
#include "net/smtp_client.h"
#include "operators/charset.h"
#include "operators/hook_session.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "operators/render.h"
#include "providers/smtp/failure_mail.h"
#include "providers/smtp/oauth2_token.h"
#include "providers/smtp/smtp_connection.h"
#include "providers/smtp/smtp_templates.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Argument;
using operators::Arguments;
using operators::ArgumentType;
using operators::TaskFailed;
using operators::TaskFailedForGood;
using operators::templated;

constexpr std::string_view default_connection = "smtp_default", basic = "basic";
constexpr std::chrono::milliseconds first_pause{500};

const std::vector<Argument>& hook_arguments() {
  static const std::vector<Argument> arguments = [] {
    std::vector<Argument> list = mail_arguments();
    list.push_back({"dryrun", ArgumentType::boolean});
    list.push_back({"auth_type", ArgumentType::string});
    return list;
  }();
  return arguments;
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

// A key makes the Message-ID the same each time; without one it is random.
net::Mail mail_of(const Arguments& arguments, const std::string& conn_id, const std::string& key) {
  net::Mail mail;
  const std::string sender = arguments.string("from_email");
  if (sender.empty()) {
    throw TaskFailedForGood(
        fmt::format("the mail has no sender: give from_email, or put it into the extra of the connection {}", conn_id));
  }
  mail.from = needed(net::parse_mail_address(sender), "from_email");
  mail.to = addresses(arguments, "to");
  mail.cc = addresses(arguments, "cc");
  mail.bcc = addresses(arguments, "bcc");
  mail.subject = arguments.string("subject");
  if (mail.subject.empty()) {
    throw TaskFailedForGood(fmt::format(
        "the mail has no subject: give one, or name a file as subject_template in the extra of the connection {}", conn_id));
  }
  mail.charset = arguments.string("mime_charset", "utf-8");
  mail.text = in_charset(arguments, "text_content", mail.charset);
  mail.html = in_charset(arguments, "html_content", mail.charset);
  if (mail.text.empty() && mail.html.empty()) {
    throw TaskFailedForGood(fmt::format(
        "the mail has no content: give html_content or text_content, or name a file as html_content_template in the "
        "extra of the connection {}",
        conn_id));
  }
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

// With the token of an OAuth client, where it has to be asked for.
asio::awaitable<net::SmtpServer> server_of(operators::TryLog& log, operators::MemoryBudget& memory,
                                           const SmtpSettings& settings) {
  net::SmtpServer server = settings.server;
  if (settings.oauth2) server.oauth_token = co_await fetch_access_token(*settings.oauth2, server.patience, log, memory);
  co_return server;
}

void tell_of(operators::TryLog& log, const net::MimeMessage& message, const net::SmtpReport& report, const std::string& id) {
  for (const auto& refusal : report.refused) log.warning(fmt::format("not sent to {}: {}", refusal.receiver, refusal.reply));
  std::vector<std::string> taken = message.receivers();
  for (const auto& refusal : report.refused) std::erase(taken, refusal.receiver);
  log.info(fmt::format("sent a mail to {} as <{}>: {}", fmt::join(taken, ", "), id, report.reply));
}

Object refused_of(const net::SmtpReport& report) {
  Object refused;
  for (const auto& refusal : report.refused) refused.set(refusal.receiver, refusal.reply);
  return refused;
}

// The mail of the arguments. The receivers that the server refused while it took others, each with its answer, as
// smtplib.SMTP.sendmail() gives them. Throws TaskFailed, and TaskFailedForGood for what will not be better the next time.
asio::awaitable<Object> send_mail(MailSender sender, const SmtpSettings& settings, Arguments arguments, std::string key) {
  const net::Mail mail = mail_of(arguments, settings.conn_id, key);
  sender.memory.take(2 * (mail.text.size() + mail.html.size()), "the mail");
  auto made = co_await message_of(mail);
  if (!made) throw TaskFailedForGood("the mail was not sent: " + made.error().text());
  const auto message = std::make_shared<net::MimeMessage>(*std::move(made));
  if (arguments.boolean("dryrun", false)) {
    sender.log.info(fmt::format("dryrun: no mail is sent to {}", fmt::join(message->receivers(), ", ")));
    co_return Object();
  }
  const net::SmtpServer server = co_await server_of(sender.log, sender.memory, settings);
  auto pause = first_pause;
  for (int attempt = 0;; ++attempt) {
    const net::SmtpOutcome outcome = co_await net::send_mail(server, message);
    if (outcome) {
      tell_of(sender.log, *message, *outcome, mail.message_id);
      co_return refused_of(*outcome);
    }
    const auto& [error, passing] = outcome.error();
    if (!passing || attempt >= settings.retry_limit)
      throw TaskFailed(fmt::format("the mail was not sent: {} (connection {})", error.text(), settings.conn_id));
    sender.log.warning(fmt::format("{}; trying again", error.text()));
    asio::steady_timer timer(co_await asio::this_coro::executor, pause);
    co_await timer.async_wait(asio::use_awaitable);
    pause *= 2;
  }
}

asio::awaitable<std::optional<net::SmtpTrial>> try_out_with(operators::TryLog& log, operators::MemoryBudget& memory,
                                                            const SmtpSettings& settings) {
  net::SmtpServer server = co_await server_of(log, memory, settings);
  co_return co_await net::try_out(std::move(server));
}

}  // namespace

const std::vector<Argument>& mail_arguments() {
  static const std::vector<Argument> declared{templated({"to", ArgumentType::string_list}),
                                              templated({"subject", ArgumentType::string}),
                                              templated({"text_content", ArgumentType::string}),
                                              templated({"html_content", ArgumentType::string}),
                                              operators::templated_path({"files", ArgumentType::string_list}),
                                              templated({"cc", ArgumentType::string_list}),
                                              templated({"bcc", ArgumentType::string_list}),
                                              templated({"from_email", ArgumentType::string}),
                                              templated({"mime_subtype", ArgumentType::string}),
                                              templated({"mime_charset", ArgumentType::string}),
                                              templated({"custom_headers", ArgumentType::object})};
  return declared;
}

operators::ConnectionTest test_smtp(const Connection& connection) {
  constexpr std::chrono::milliseconds patience{15'000};  // for each answer: somebody waits for the test
  constexpr std::size_t memory_of_a_test = std::size_t{1} << 20;
  SmtpSettings settings = smtp_settings(connection, basic);
  settings.server.patience = std::min(settings.server.patience, patience);
  operators::TryLog log(Fd(), connection_secrets(connection));
  operators::HostMemory all{.limit = memory_of_a_test};
  operators::MemoryBudget memory(all, memory_of_a_test);
  asio::io_context loop;
  net::run_http_on(loop.get_executor());
  std::optional<net::SmtpTrial> trial;
  std::exception_ptr failed;
  asio::co_spawn(loop, try_out_with(log, memory, settings), [&](std::exception_ptr error, std::optional<net::SmtpTrial> found) {
    failed = std::move(error);
    trial = std::move(found);
  });
  loop.run();
  if (failed) std::rethrow_exception(failed);
  if (!*trial) return {false, trial->error().error.text()};
  const net::SmtpServer& server = settings.server;
  const bool logs_in = !server.login.empty() && (!server.password.empty() || !server.oauth_token.empty() || settings.oauth2);
  return {true, fmt::format("{}: mail server {}:{}, {}, {}", operators::connection_is_good, server.host, server.port,
                            server.security == net::SmtpServer::Security::none ? "in plain text" : "encrypted",
                            logs_in ? "logged in as " + server.login : "without a log-in")};
}

asio::awaitable<Value> run_email(operators::OperatorTry& t, Arguments arguments) {
  const std::string conn_id = arguments.string("conn_id", default_connection);
  const SmtpSettings settings = smtp_settings(co_await t.host.connection(conn_id), basic);
  co_await take_from_connection(t, settings, arguments);
  Object refused = co_await send_mail({t.host, t.log, t.memory}, settings, std::move(arguments), {});
  co_return Value(std::move(refused));
}

asio::awaitable<void> notify_by_mail(operators::Notification& n, Arguments arguments) {
  const std::string conn_id = arguments.string("smtp_conn_id", default_connection);
  const SmtpSettings settings = smtp_settings(co_await n.host.connection(conn_id), arguments.string("auth_type", basic));
  const bool has_content = arguments.find("html_content") != nullptr || arguments.find("text_content") != nullptr;
  if (const std::string path = arguments.string("template"); !path.empty() && !has_content) {
    std::string text = co_await read_mail_template(path, "template", true);
    arguments.set("html_content", co_await operators::render_text(n, "template", std::move(text)));
  }
  co_await take_from_connection(n, settings, arguments);
  const FailureMail otherwise = failure_mail(n.context, n.key);
  if (arguments.find("subject") == nullptr) arguments.set("subject", otherwise.subject);
  if (arguments.find("html_content") == nullptr && arguments.find("text_content") == nullptr) {
    arguments.set("html_content", otherwise.html);
    arguments.set("text_content", otherwise.text);
  }
  (void)co_await send_mail({n.host, n.log, n.memory}, settings, std::move(arguments), n.key + "\n" + n.classpath);
}

asio::awaitable<Value> call_smtp(operators::HookSession& session, operators::HookCall call) {
  if (call.method != "send_email_smtp")
    throw TaskFailed("the hook smtp has no method '" + call.method + "'; the DAG's program may be newer than the worker");
  Arguments arguments(hook_arguments(), call.arguments);
  arguments.check();
  const std::string conn_id = call.conn_id.empty() ? std::string(default_connection) : call.conn_id;
  const SmtpSettings settings = smtp_settings(co_await session.host.connection(conn_id), arguments.string("auth_type", basic));
  co_await take_from_connection(settings, arguments);
  (void)co_await send_mail({session.host, session.log, session.memory}, settings, std::move(arguments), {});
  co_return nullptr;
}

}  // namespace venturi::providers
