#include "providers/smtp/oauth2_token.h"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "net/http_client.h"
#include "net/http_proxy.h"
#include "net/http_url.h"
#include "operators/outcome.h"
#include "providers/http/access_token.h"

namespace venturi::providers {
namespace {

using operators::TaskFailed;

constexpr std::size_t most_token_answer = 64UL << 10U;

}  // namespace

boost::asio::awaitable<std::string> fetch_access_token(OAuth2Client client, std::chrono::milliseconds patience,
                                                       operators::TryLog& log, operators::MemoryBudget& memory) {
  net::HttpRequest request = token_request(client.token_url, {{"grant_type", "client_credentials"},
                                                              {"client_id", client.client_id},
                                                              {"client_secret", client.client_secret},
                                                              {"scope", client.scope}});
  request.connect_timeout = request.idle_timeout = patience;
  auto [proxy, no_proxy] = net::proxy_from_environment(request.url);
  request.proxy = std::move(proxy);
  request.no_proxy = std::move(no_proxy);
  memory.take(most_token_answer, "the answer of the token's server");
  const auto answer = co_await net::fetch(std::move(request), most_token_answer);
  if (!answer)
    throw TaskFailed(fmt::format("no access token for the connection {}: {}", client.conn_id, answer.error().text()));
  if (auto token = access_token_of(*answer)) {
    log.add_secrets(std::vector{token->text});
    co_return std::move(token->text);
  }
  throw TaskFailed(
      fmt::format("no access token for the connection {}: {} answered {}: {} (check client_id, client_secret, tenant_id and "
                  "scope in its extra)",
                  client.conn_id, net::shown_url(client.token_url), answer->head.status, log.mask(token_refusal(*answer))));
}

}  // namespace venturi::providers
