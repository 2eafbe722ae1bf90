// One signed request to a service of Amazon's (REST and Query API: XML; others: aws_json.h), with what boto3 does about it:
// busy and broken servers are asked again within the try, everything else is a failure that says service, object, Amazon's code
// and its request id.
//
//   no answer; 408, 429, 5xx; SlowDown, RequestTimeout, Throttling...  ─▶ again, after 0.5, 1, 2, ... s or Retry-After
//   other errors, and the last attempt                                ─▶ AwsRefused or TaskFailed
#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

#include "net/http_request.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"
#include "operators/try_log.h"
#include "providers/amazon/aws_connection.h"

namespace venturi::providers {

using AwsAnswer = net::HttpAnswer;

class AwsRefused : public operators::TaskFailed {
 public:
  AwsRefused(const std::string& text, int status_, std::string code_)
      : TaskFailed(text), status(status_), code(std::move(code_)) {}
  int status;
  std::string code;  // "NoSuchKey", without what stands before a #; empty where the answer had none
};

struct AwsPurpose {
  std::string service;             // "s3"
  std::string shown;               // in errors: "S3: PUT s3://bucket/key"
  std::vector<int> accepts = {};   // statuses that are answers beside those below 300
  bool may_fail_with_200 = false;  // S3 begins some answers before it knows how they end: the error is in the body
  // Of a request that begins something whose id is in the answer. While this try is cancelled the request is not broken off,
  // since only the answer says what to end; it is not sent again then either.
  const operators::Cancellable* begins_for = nullptr;
};

// Signed now: it is good for some minutes, so each attempt makes its own.
[[nodiscard]] net::HttpRequest aws_http_request(const AwsSettings& settings, AwsRequest request, const AwsPurpose& purpose);

// The settings outlive it. `log` may be null.
[[nodiscard]] boost::asio::awaitable<AwsAnswer> call_aws(const AwsSettings& settings, AwsRequest request, AwsPurpose purpose,
                                                         operators::TryLog* log);

// What an answer that is no success says.
[[nodiscard]] AwsRefused aws_refusal(const AwsSettings& settings, const AwsPurpose& purpose, const AwsAnswer& answer);
[[nodiscard]] bool may_help_to_ask_again(const AwsSettings& settings, const AwsRefused& refused);

}  // namespace venturi::providers
