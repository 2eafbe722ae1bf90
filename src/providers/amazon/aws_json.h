// Amazon's JSON 1.1 protocol: one address, the action in a header, JSON there and back.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>

#include "operators/operator_try.h"
#include "operators/try_log.h"
#include "providers/amazon/aws_connection.h"
#include "providers/amazon/aws_xml.h"
#include "venturi/value.h"

namespace venturi::providers {

struct AwsAction {
  std::string service;                                 // "redshift-data": of the signature and the endpoint
  std::string target;                                  // "RedshiftData.ExecuteStatement"
  std::string shown;                                   // in errors: "Redshift Data API: ExecuteStatement"
  const operators::Cancellable* begins_for = nullptr;  // as of AwsPurpose
};

// The answer's JSON; errors and retries as of call_aws(). The settings outlive it. `log` may be null.
[[nodiscard]] boost::asio::awaitable<Value> call_aws_json(const AwsSettings& settings, AwsAction action, Object body,
                                                          operators::TryLog* log);

// Of an error's body. Whatever it is: what is no such JSON gives empty texts.
[[nodiscard]] AwsErrorText aws_json_error_text(const std::string& body);

}  // namespace venturi::providers
