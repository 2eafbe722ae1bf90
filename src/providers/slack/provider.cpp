// Slack: one connection type and one notifier.
#include "operators/registry.h"
#include "providers/slack/slack.h"

namespace venturi::providers {

void register_slack(operators::Registry& registry) {
  registry.add(catalog::ProviderInfo{"slack", "Messages to Slack", "providers/http.md"});
  using operators::ArgumentType;
  registry.add(operators::ConnectionType{
      .info = {.conn_type = "slackwebhook",
               .label = "Slack Incoming Webhook",
               .default_conn_id = "slack_default",
               .fields = {{"host", "Webhook endpoint", "hooks.slack.com/services"},
                          {"password", "Webhook token", "T000/B000/XXX, or the whole URL", ArgumentType::string, true},
                          {"timeout", "Timeout", "seconds", ArgumentType::number},
                          {"proxy", "Proxy"}}}});
  using operators::templated;
  registry.add(operators::NotifierEntry{.classpath = "venturi.notifiers.slack.SlackWebhookNotifier",
                                        .arguments = {templated({"slack_webhook_conn_id", ArgumentType::string}),
                                                      templated({"text", ArgumentType::string}),
                                                      templated({"blocks", ArgumentType::list}),
                                                      templated({"attachments", ArgumentType::list}),
                                                      {"unfurl_links", ArgumentType::boolean},
                                                      {"unfurl_media", ArgumentType::boolean},
                                                      templated({"timeout", ArgumentType::number}),
                                                      templated({"proxy", ArgumentType::string})},
                                        .notify = notify_slack});
}

}  // namespace venturi::providers
