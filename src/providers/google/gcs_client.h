// Google Cloud Storage, and what speaks its JSON API (fake-gcs-server, ...), as the operators here need it. Each call is one
// request with its retries (google_client.h), and throws TaskFailed naming bucket and object.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "net/http_request.h"
#include "net/http_url.h"
#include "operators/arguments.h"
#include "providers/google/google_client.h"
#include "providers/http/http_call.h"

namespace venturi::providers {

struct GcsPlace {
  std::string bucket, object = {};
  [[nodiscard]] std::string text() const { return "gs://" + bucket + (object.empty() ? "" : "/" + object); }
  friend bool operator==(const GcsPlace&, const GcsPlace&) = default;
};
// Throws TaskFailedForGood where it is no name of a bucket. `argument` is where it stands, for errors.
[[nodiscard]] std::string gcs_bucket(std::string name, std::string_view argument);

struct GcsObject {
  std::string name;
  std::uint64_t size = 0;
  Time updated = {};
  std::string generation;  // which of the objects of that name, one after the other
  std::string crc32c;      // base64, as Google says it; empty where it does not
};
struct GcsListing {
  std::vector<GcsObject> objects;
  std::vector<std::string> prefixes;  // what is below a delimiter, as one
  std::string next;                   // token of the next page; empty: this was the last
};
[[nodiscard]] Result<GcsListing> gcs_listing(const std::string& body);
[[nodiscard]] Result<GcsObject> gcs_object(const std::string& body);

struct GcsQuery {
  std::string prefix = {}, delimiter = {}, match_glob = {};
  bool versions = false;  // those that were replaced or deleted too, where the bucket keeps them
};

// How far a copy on the server has come.
struct GcsRewrite {
  bool is_done = false;
  std::string token;  // of the next step
  std::int64_t written = 0, size = 0;
};

// What must hold for a call to have an effect; empty: nothing.
struct GcsCondition {
  std::string generation = {};         // the object's, of the target: "0" is none
  std::string source_generation = {};  // of a copy
};

class GcsClient {
 public:
  // Of the arguments impersonation_chain and `conn_id_name`: "gcp_conn_id", or "google_cloud_conn_id" as sensors call it.
  [[nodiscard]] static boost::asio::awaitable<std::shared_ptr<GcsClient>> make(CallContext t,
                                                                               const operators::Arguments& arguments,
                                                                               std::string_view conn_id_name = "gcp_conn_id");
  GcsClient(CallContext t, std::shared_ptr<GoogleClient> google) : t_(t), google_(std::move(google)) {}

  // False where there is one already. `resource`: Google's properties of a bucket, the name among them.
  [[nodiscard]] boost::asio::awaitable<bool> create_bucket(Object resource, std::string project);
  // False where there is none.
  [[nodiscard]] boost::asio::awaitable<bool> delete_bucket(std::string bucket, std::string user_project);

  // What is in it, older versions too: a bucket that keeps them is not empty before they are gone. How many were deleted.
  [[nodiscard]] boost::asio::awaitable<std::size_t> empty_bucket(std::string bucket, std::string user_project);

  // At most 1000; the token is the one of the page before.
  [[nodiscard]] boost::asio::awaitable<GcsListing> list_page(std::string bucket, GcsQuery query, std::string token,
                                                             std::string user_project = {});
  // All of them, as far as they have room in memory.
  [[nodiscard]] boost::asio::awaitable<GcsListing> list(std::string bucket, GcsQuery query);

  // Nothing where there is no such object.
  [[nodiscard]] boost::asio::awaitable<std::optional<GcsObject>> find(GcsPlace place);
  // The same as Google writes it: null where there is none.
  [[nodiscard]] boost::asio::awaitable<Value> resource(GcsPlace place);
  // False where there is none. `generation`: that one of a bucket's versions; empty: the current one.
  [[nodiscard]] boost::asio::awaitable<bool> delete_object(GcsPlace place, std::string generation = {},
                                                           GcsCondition condition = {}, std::string user_project = {});
  // Changes what is said of it, and not what it has.
  [[nodiscard]] boost::asio::awaitable<void> patch(GcsPlace place, Object resource);
  // One step of a copy on the server; `token` is the one of the step before.
  [[nodiscard]] boost::asio::awaitable<GcsRewrite> rewrite(GcsPlace from, GcsPlace to, GcsCondition condition,
                                                           std::string token);
  // What lies in it, where that are at most so many bytes.
  [[nodiscard]] boost::asio::awaitable<std::string> read(GcsPlace place, std::size_t most_bytes);

  // For what speaks with the server itself (gcs_upload.h, gcs_download.h).
  [[nodiscard]] GoogleRequest request(const GcsPlace& place, std::string method) const;
  [[nodiscard]] static std::string shown(const GcsPlace& place, std::string_view method);
  [[nodiscard]] GoogleClient& google() { return *google_; }
  [[nodiscard]] CallContext& context() { return t_; }

 private:
  CallContext t_;
  std::shared_ptr<GoogleClient> google_;
};

}  // namespace venturi::providers
