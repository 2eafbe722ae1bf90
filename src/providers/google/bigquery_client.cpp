#include "providers/google/bigquery_client.h"

#include <chrono>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "base/json.h"
#include "base/percent.h"
#include "operators/outcome.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::TaskFailed;
using operators::TaskFailedForGood;

constexpr std::string_view service = "bigquery";

}  // namespace

Value BigQueryTable::reference() const {
  return Object{{"projectId", project}, {"datasetId", dataset}, {"tableId", table}};
}

BigQueryTable bigquery_table(const std::string& text, const std::string& project, std::string_view argument) {
  const auto wrong = [&] {
    return TaskFailedForGood(
        fmt::format("the argument {} must be project.dataset.table or dataset.table, not '{}'", argument, text));
  };
  BigQueryTable table{.project = project, .dataset = {}, .table = {}};
  std::string_view rest = text;
  // Projects of a domain have a colon of their own: "example.com:shop:sales.orders".
  if (const std::size_t colon = rest.rfind(':'); colon != std::string_view::npos) {
    table.project = rest.substr(0, colon);
    rest.remove_prefix(colon + 1);
  }
  std::size_t dot = rest.find('.');
  if (dot == std::string_view::npos) throw wrong();
  if (const std::size_t second = rest.find('.', dot + 1); second != std::string_view::npos) {
    // "example.com:shop.sales.orders": what stands before the colon belongs to the project.
    table.project = (rest.size() == text.size() ? "" : table.project + ":") + std::string(rest.substr(0, dot));
    rest.remove_prefix(dot + 1);
    dot = rest.find('.');
  }
  table.dataset = rest.substr(0, dot);
  table.table = rest.substr(dot + 1);
  if (table.project.empty() || table.dataset.empty() || table.table.empty() || table.table.find('.') != std::string::npos)
    throw wrong();
  return table;
}

asio::awaitable<std::shared_ptr<BigQuery>> BigQuery::make(CallContext t, Arguments arguments) {
  GoogleChoice choice{.service = std::string(service), .impersonation_chain = impersonation_chain(arguments)};
  auto google = co_await GoogleClient::make(t, arguments.string("gcp_conn_id", "google_cloud_default"), std::move(choice));
  std::string project = arguments.string("project_id");
  if (project.empty()) project = co_await google->project();
  if (project.empty()) {
    throw TaskFailed(
        fmt::format("which project? Give project_id, or the connection {} project in its extra", google->settings().conn_id));
  }
  co_return std::make_shared<BigQuery>(t, std::move(google), std::move(project), arguments.string("location"));
}

asio::awaitable<Value> BigQuery::call(std::string method, std::string path, net::QueryItems query, std::optional<Value> body,
                                      std::string shown) {
  GoogleRequest request{.method = method,
                        .url = google_->origin(service) + "/bigquery/v2/projects/" + path,
                        .query = std::move(query),
                        .headers = {},
                        .body = {}};
  if (body) {
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = to_json(*body);
  }
  const std::string what = fmt::format("BigQuery: {} {}", method, shown);
  const GoogleAnswer answer = co_await google_->call(std::move(request), {.shown = what});
  if (answer.body.empty()) co_return Value();
  co_return co_await parsed_json(std::make_shared<const std::string>(answer.body), what);
}

asio::awaitable<Value> BigQuery::get(std::string path, net::QueryItems query, std::string shown) {
  return call("GET", std::move(path), std::move(query), std::nullopt, std::move(shown));
}

asio::awaitable<std::optional<Value>> BigQuery::find(std::string path, net::QueryItems query, std::string shown) {
  try {
    co_return co_await get(std::move(path), std::move(query), std::move(shown));
  } catch (const GoogleRefused& e) {
    if (e.status != google_status::not_found) throw;
  }
  co_return std::nullopt;
}

asio::awaitable<std::optional<Value>> BigQuery::create(std::string path, Value resource, std::string shown) {
  try {
    co_return co_await call("POST", std::move(path), {}, std::move(resource), std::move(shown));
  } catch (const GoogleRefused& e) {
    if (e.status != google_status::conflict) throw;
  }
  co_return std::nullopt;
}

asio::awaitable<bool> BigQuery::remove(std::string path, net::QueryItems query, std::string shown) {
  try {
    (void)co_await call("DELETE", std::move(path), std::move(query), std::nullopt, std::move(shown));
    co_return true;
  } catch (const GoogleRefused& e) {
    if (e.status != google_status::not_found) throw;
  }
  co_return false;
}

std::shared_ptr<BigQuery> BigQuery::hurried() {
  GoogleSettings settings = google_->settings();
  settings.retry.attempts = 1;
  settings.http.request.total_timeout = std::chrono::seconds(5);
  return std::make_shared<BigQuery>(t_, std::make_shared<GoogleClient>(std::move(settings), google_->log()), project, location);
}

std::string path_of_dataset(const std::string& project, const std::string& dataset) {
  return percent_encoded(project) + "/datasets/" + percent_encoded(dataset);
}
std::string path_of_table(const BigQueryTable& table) {
  return path_of_dataset(table.project, table.dataset) + "/tables/" + percent_encoded(table.table);
}

}  // namespace venturi::providers
