#include "providers/smtp/oauth2_token.h"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/json.h"
#include "net/http_client.h"
#include "net/http_proxy.h"
#include "net/http_url.h"
#include "operators/outcome.h"

namespace venturi::providers {
namespace {

using operators::TaskFailed;

constexpr std::size_t most_token_answer = 64UL << 10U, shown_refusal = 300;

// "invalid_client: AADSTS7000215: Invalid client secret provided." Of a description the first line: what follows are numbers
// of the server's own.
std::string refusal_of(const net::HttpAnswer& answer) {
  std::string text;
  if (const auto body = parse_json(answer.body); body && body->is_object()) {
    text = body->get_string("error");
    const std::string description = body->get_string("error_description");
    if (!description.empty()) text += (text.empty() ? "" : ": ") + description.substr(0, description.find_first_of("\r\n"));
  }
  if (text.empty()) text = answer.body;
  return text.substr(0, shown_refusal);
}

}  // namespace

boost::asio::awaitable<std::string> fetch_access_token(OAuth2Client client, std::chrono::milliseconds patience,
                                                       operators::TryLog& log, operators::MemoryBudget& memory) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = client.token_url;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"},
                     {"User-Agent", "venturi/" VENTURI_VERSION}};
  request.body = net::form_encoded({{"grant_type", "client_credentials"},
                                    {"client_id", client.client_id},
                                    {"client_secret", client.client_secret},
                                    {"scope", client.scope}});
  request.follow_redirects = false;  // the secret goes to nobody else
  request.connect_timeout = request.idle_timeout = patience;
  auto [proxy, no_proxy] = net::proxy_from_environment(request.url);
  request.proxy = std::move(proxy);
  request.no_proxy = std::move(no_proxy);
  memory.take(most_token_answer, "the answer of the token's server");
  const auto answer = co_await net::fetch(std::move(request), most_token_answer);
  if (!answer)
    throw TaskFailed(fmt::format("no access token for the connection {}: {}", client.conn_id, answer.error().text()));
  std::string token;
  if (answer->head.status == 200) {
    if (const auto body = parse_json(answer->body); body && body->is_object()) token = body->get_string("access_token");
  }
  if (!token.empty()) {
    log.add_secrets(std::vector{token});
    co_return token;
  }
  throw TaskFailed(
      fmt::format("no access token for the connection {}: {} answered {}: {} (check client_id, client_secret, tenant_id and "
                  "scope in its extra)",
                  client.conn_id, net::shown_url(client.token_url), answer->head.status, log.mask(refusal_of(*answer))));
}

}  // namespace venturi::providers
