// BigQuery's REST API (version 2), as the operators here need it. Each call is one request with its retries (google_client.h),
// and throws TaskFailed naming dataset, table or job.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_url.h"
#include "operators/arguments.h"
#include "providers/google/google_client.h"
#include "providers/http/http_call.h"
#include "venturi/value.h"

namespace venturi::providers {

struct BigQueryTable {
  std::string project, dataset, table;
  [[nodiscard]] std::string text() const { return project + "." + dataset + "." + table; }
  // {"projectId": ..., "datasetId": ..., "tableId": ...}
  [[nodiscard]] Value reference() const;
};
// "project.dataset.table", "project:dataset.table" or "dataset.table" of `project`. Throws TaskFailedForGood naming the
// argument.
[[nodiscard]] BigQueryTable bigquery_table(const std::string& text, const std::string& project, std::string_view argument);

class BigQuery {
 public:
  // Of the arguments gcp_conn_id, impersonation_chain, project_id and location; without the third the connection's project.
  [[nodiscard]] static boost::asio::awaitable<std::shared_ptr<BigQuery>> make(CallContext t, operators::Arguments arguments);
  BigQuery(CallContext t, std::shared_ptr<GoogleClient> google, std::string project, std::string location)
      : project(std::move(project)), location(std::move(location)), t_(t), google_(std::move(google)) {}

  const std::string project, location;  // the location may be empty: BigQuery finds it by the datasets

  // The path behind .../bigquery/v2/projects/; null where the answer has no body. `shown` is what it is about, for errors.
  [[nodiscard]] boost::asio::awaitable<Value> call(std::string method, std::string path, net::QueryItems query,
                                                   std::optional<Value> body, std::string shown);
  [[nodiscard]] boost::asio::awaitable<Value> get(std::string path, net::QueryItems query, std::string shown);
  // Nothing where there is none.
  [[nodiscard]] boost::asio::awaitable<std::optional<Value>> find(std::string path, net::QueryItems query, std::string shown);
  // What was made; nothing where it is there already.
  [[nodiscard]] boost::asio::awaitable<std::optional<Value>> create(std::string path, Value resource, std::string shown);
  // False where there was none.
  [[nodiscard]] boost::asio::awaitable<bool> remove(std::string path, net::QueryItems query, std::string shown);

  [[nodiscard]] CallContext& context() { return t_; }
  [[nodiscard]] const std::string& conn_id() const { return google_->settings().conn_id; }
  // Another one of the same connection that does not ask again, for the last second of a try.
  [[nodiscard]] std::shared_ptr<BigQuery> hurried();

 private:
  CallContext t_;
  std::shared_ptr<GoogleClient> google_;
};

// Segments of paths.
[[nodiscard]] std::string path_of_dataset(const std::string& project, const std::string& dataset);
[[nodiscard]] std::string path_of_table(const BigQueryTable& table);

}  // namespace venturi::providers
