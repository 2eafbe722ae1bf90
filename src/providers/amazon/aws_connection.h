// A connection of type aws, as Airflow's AwsConnectionWrapper and boto3 read it together.
//
//   login, password   access key and its secret; or in extra: aws_access_key_id, aws_secret_access_key, aws_session_token
//   extra             region_name, endpoint_url, service_config: {"s3": {"endpoint_url": ...}, "sts": {...}}, profile_name,
//                     verify, role_arn, external_id, assume_role_kwargs: {"RoleSessionName": ..., "DurationSeconds": ...},
//                     config_kwargs: connect_timeout, read_timeout, proxies, retries: {"max_attempts": 5},
//                     s3: {"addressing_style": "path"}; session_kwargs: the keys, region_name and profile_name once more
//
// The first of these that has keys: the connection, the profile that it names, AWS_ACCESS_KEY_ID and
// AWS_SECRET_ACCESS_KEY (with AWS_SESSION_TOKEN) of the worker's environment, AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN,
// the profile AWS_PROFILE ("default") of AWS_SHARED_CREDENTIALS_FILE, the agent of a container
// (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, AWS_CONTAINER_CREDENTIALS_FULL_URI), the metadata service of an EC2 instance: as
// botocore. The lenders among them are asked by aws_loan.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "model/connection.h"
#include "net/http_proxy.h"
#include "providers/amazon/aws_signature.h"
#include "providers/http/http_call.h"
#include "providers/http/http_connection.h"

namespace venturi::providers {

// Who lends credentials where there are no keys.
struct AwsLender {
  enum class Kind : std::uint8_t { none, web_identity, container, instance };
  Kind kind = Kind::none;
  std::string url = {};                          // of the container's agent, or of the metadata service
  std::string token = {};                        // for the agent
  std::string token_file = {};                   // for the agent, or the web identity
  std::string role_arn = {}, session_name = {};  // of the web identity
  std::int64_t role_seconds = 0;
  std::chrono::milliseconds timeout{1000};  // nobody waits for who is not there
  int attempts = 1;
  std::string if_none = {};  // what to say where nobody lends any
};

// What they are now; shared by all calls of a try.
struct AwsLoan {
  AwsCredentials credentials = {};
  std::optional<std::chrono::system_clock::time_point> renew_at = {};  // nothing: nobody said how long they last
};

struct AwsSettings {
  std::string conn_id;
  AwsCredentials credentials = {};     // as they were at first
  AwsLender lender = {};               // where there are none
  std::shared_ptr<AwsLoan> loan = {};  // null: they are nobody's loan
  std::string region = {};
  std::map<std::string, std::string> endpoints = {};  // of services that are not Amazon's: {"s3", "http://minio:9000"}
  bool path_style = false;                            // the bucket in the path, not in the host's name
  std::string role_arn = {}, external_id = {}, role_session_name = {};  // a role that is taken on; empty: none
  std::int64_t role_seconds = 0;                                        // zero: as long as the role says
  // Larger objects are copied in parts of so many bytes.
  std::uint64_t copy_threshold = 5UL << 30U, copied_part_bytes = 512UL << 20U;
  HttpConnection http = {};  // time-outs, TLS, proxies
  RetryRule retry = {};
};

// What an operator says beside the connection.
struct AwsChoice {
  std::string region;  // empty: the connection's
  Value verify;        // null: the connection's
};

// Blocks: it may read a file. Throws TaskFailed naming what is wrong or missing.
[[nodiscard]] AwsSettings aws_settings(const Connection& connection, const AwsChoice& choice,
                                       const net::Environment& environment);

// "https://s3.eu-central-1.amazonaws.com", of a service in a region.
[[nodiscard]] std::string amazon_origin(std::string_view service, const std::string& region);
// Where the service is asked: at its endpoint, or at Amazon's in the settings' region.
[[nodiscard]] std::string origin_of_service(const AwsSettings& settings, const std::string& service);

}  // namespace venturi::providers
