// Microsoft Teams: one connection type and one notifier.
#include "operators/registry.h"
#include "providers/teams/teams.h"

namespace venturi::providers {

void register_teams(operators::Registry& registry) {
  registry.add(catalog::ProviderInfo{"microsoft-teams", "Messages to Microsoft Teams", "providers/http.md"});
  using operators::ArgumentType;
  registry.add(operators::ConnectionType{
      .info = {.conn_type = "msteams",
               .label = "Microsoft Teams Webhook",
               .default_conn_id = "teams_default",
               .fields = {{"password", "Webhook URL", "of a workflow of Teams", ArgumentType::string, true},
                          {"timeout", "Timeout", "seconds", ArgumentType::number},
                          {"proxy", "Proxy"}}}});
  using operators::templated;
  registry.add(operators::NotifierEntry{.classpath = "venturi.notifiers.teams.TeamsWebhookNotifier",
                                        .arguments = {templated({"teams_webhook_conn_id", ArgumentType::string}),
                                                      templated({"title", ArgumentType::string}),
                                                      templated({"text", ArgumentType::string}),
                                                      templated({"card", ArgumentType::object}),
                                                      {"timeout", ArgumentType::number},
                                                      {"proxy", ArgumentType::string}},
                                        .notify = notify_teams});
}

}  // namespace venturi::providers
