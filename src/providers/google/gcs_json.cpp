#include "providers/google/gcs_json.h"

#include <utility>

#include <fmt/format.h>

#include "base/json.h"
#include "operators/outcome.h"
#include "providers/google/gcs_client.h"

namespace venturi::providers {

namespace asio = boost::asio;

asio::awaitable<Value> json_of_gcs(operators::OperatorTry& t, operators::Arguments arguments, std::string url,
                                   std::string conn_id) {
  constexpr std::string_view scheme = "gs://";
  constexpr std::size_t most_bytes = 4UL << 20U;
  const std::size_t slash = url.find('/', scheme.size());
  if (!url.starts_with(scheme) || slash == std::string::npos || slash == scheme.size() || slash + 1 == url.size())
    throw operators::TaskFailedForGood(fmt::format("a schema's place is gs://bucket/object, not '{}'", url));
  if (!conn_id.empty()) arguments.set("gcp_conn_id", std::move(conn_id));
  const auto gcs = co_await GcsClient::make(t, arguments);
  GcsPlace place{.bucket = url.substr(scheme.size(), slash - scheme.size()), .object = url.substr(slash + 1)};
  const std::string text = co_await gcs->read(std::move(place), most_bytes);
  auto json = parse_json(text);
  if (!json) throw operators::TaskFailed(fmt::format("{}: {}", url, json.error().text()));
  if (!json->is_array()) throw operators::TaskFailed(fmt::format("{}: a schema is a list of fields", url));
  co_return *std::move(json);
}

}  // namespace venturi::providers
