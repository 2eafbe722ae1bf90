#include "providers/slack/slack.h"

#include <string>

#include "base/utf8.h"
#include "operators/operator_try.h"
#include "providers/http/webhook.h"
#include "providers/smtp/failure_mail.h"

namespace venturi::providers {
namespace {

// https://api.slack.com/reference/surfaces/formatting#escaping
std::string slack_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

// Slack takes 40,000 characters.
constexpr std::size_t most_text = 30'000;

std::string default_text(const operators::Notification& n) {
  const FailureMail facts = failure_mail(n.context, n.key);
  return "*" + slack_escaped(facts.headline) + "*\n```\n" + slack_escaped(beginning(facts.text, most_text)) + "```";
}

}  // namespace

boost::asio::awaitable<void> notify_slack(operators::Notification& n, operators::Arguments arguments) {
  const std::string conn_id = arguments.string("slack_webhook_conn_id", "slack_default");
  const Connection connection = co_await n.host.connection(conn_id);
  Webhook webhook = webhook_of(connection, arguments, webhook_url(connection, "hooks.slack.com/services"),
                               "Slack's webhook of the connection " + conn_id);
  Object message{{"text", arguments.string("text", default_text(n))}};
  for (const char* name : {"blocks", "attachments", "unfurl_links", "unfurl_media"}) {
    if (const Value* value = arguments.find(name)) message.set(name, *value);
  }
  (void)co_await post_webhook(n, std::move(webhook), std::move(message));
}

}  // namespace venturi::providers
