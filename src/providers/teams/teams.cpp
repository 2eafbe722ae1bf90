#include "providers/teams/teams.h"

#include <string>

#include "base/utf8.h"
#include "operators/operator_try.h"
#include "providers/http/webhook.h"
#include "providers/smtp/failure_mail.h"

namespace venturi::providers {
namespace {

// A message has at most 28 KB.
constexpr std::size_t most_card_text = 20'000;

Value text_block(std::string text, bool is_title) {
  Object block{{"type", "TextBlock"}, {"text", std::move(text)}, {"wrap", true}};
  if (is_title) {
    block.add("weight", "Bolder");
    block.add("size", "Medium");
  } else {
    block.add("fontType", "Monospace");
  }
  return block;
}

Value card_of(const operators::Notification& n, const operators::Arguments& arguments) {
  if (const Value* card = arguments.find("card")) return *card;
  const FailureMail facts = failure_mail(n.context, n.key);
  Array body;
  body.push_back(text_block(arguments.string("title", facts.headline), true));
  // A single line break is none in a card's text.
  std::string text;
  for (const std::string given = arguments.string("text", facts.text); const char c : beginning(given, most_card_text))
    text += c == '\n' ? "\n\n" : std::string(1, c);
  body.push_back(text_block(std::move(text), false));
  return Object{{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
                {"type", "AdaptiveCard"},
                {"version", "1.4"},
                {"body", std::move(body)}};
}

}  // namespace

boost::asio::awaitable<void> notify_teams(operators::Notification& n, operators::Arguments arguments) {
  const std::string conn_id = arguments.string("teams_webhook_conn_id", "teams_default");
  const Connection connection = co_await n.host.connection(conn_id);
  Webhook webhook =
      webhook_of(connection, arguments, webhook_url(connection, ""), "Teams' webhook of the connection " + conn_id);
  Array attachments;
  attachments.push_back(Object{
      {"contentType", "application/vnd.microsoft.card.adaptive"}, {"contentUrl", nullptr}, {"content", card_of(n, arguments)}});
  (void)co_await post_webhook(n, std::move(webhook), Object{{"type", "message"}, {"attachments", std::move(attachments)}});
}

}  // namespace venturi::providers
