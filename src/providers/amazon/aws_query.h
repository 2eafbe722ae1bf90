// Amazon's Query API: a form with an Action there, XML back.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <string>

#include "net/http_url.h"
#include "operators/try_log.h"
#include "providers/amazon/aws_connection.h"

namespace venturi::providers {

struct AwsQueryService {
  std::string service, version;  // "sts", "2011-06-15"
  std::string shown;             // in errors: "STS"
};

// The answer's body; errors and retries as of call_aws(). The form begins with its Action. The settings outlive it. `log` may
// be null.
[[nodiscard]] boost::asio::awaitable<std::string> call_aws_query(const AwsSettings& settings, AwsQueryService service,
                                                                 net::QueryItems form, operators::TryLog* log);

// The text of the first element of that name. Throws TaskFailed where there is none.
[[nodiscard]] std::string member_of_answer(const std::string& body, const std::string& name, const std::string& shown);

}  // namespace venturi::providers
